// What becomes a case of a JUnit file, and which of them are in trouble.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "framework/base/text.h"
#include "framework/base/time.h"
#include "framework/report/junit.h"
#include "framework/report/values.h"

namespace buildlab::report {
namespace {

using verdict::Outcome;
using verdict::Ruling;

void add_property(TestCase& test, std::string name, std::string value) {
  if (!value.empty()) test.properties.emplace_back(std::move(name), std::move(value));
}

std::string number(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "";
}

void set_trouble(TestCase& test, Trouble trouble, std::string type, std::string message,
                 const std::vector<std::string>& details) {
  test.trouble = trouble;
  test.type = std::move(type);
  test.message = one_line(message, 1000);
  test.details = std::move(message);
  for (const std::string& line : details) test.details += "\n" + line;
}

TestCase case_at(const record::ScenarioRecord& record, std::string name) {
  TestCase test;
  test.name = std::move(name);
  test.file = record.scenario_file;
  test.line = record.scenario_line;
  return test;
}

std::string steps_text(const record::ScenarioRecord& record, const record::Build& build) {
  std::string text = fmt::format("{} {}", to_short_text(build.duration_sec), hits_text({build}));
  for (const metrics::Step& step : build.numbers.steps) {
    const std::string seconds = step.seconds ? "  " + to_short_text(*step.seconds) : "";
    const std::string reason = step.miss ? "  " + metrics::to_text(*step.miss) : "";
    text += fmt::format("\n  {:<12}  {}{}{}", metrics::to_string(step.outcome), step_name(record, step),
                        seconds, reason);
  }
  return text;
}

// Files of a build's artifacts that help with its failure (framework/engine names them).
std::vector<std::string> attachments(const record::ScenarioRecord& record, const record::Build& build,
                                     const std::string& runs_folder) {
  if (runs_folder.empty() || build.artifacts.empty()) return {};
  const std::string folder = fmt::format("{}/{}/{}", runs_folder, record.run_id, build.artifacts);
  return {folder + "/messages.txt", folder + "/progress.rawjson"};
}

TestCase case_of(const record::ScenarioRecord& record, const record::Build& build, std::string name,
                 const std::string& runs_folder) {
  TestCase test = case_at(record, std::move(name));
  test.time_sec = build.duration_sec;
  add_property(test, "duration_sec", fmt::format("{}", build.duration_sec));
  add_property(test, "cache_hit_ratio", number(build.numbers.cache_hit_ratio));
  add_property(test, "time_weighted_hit_ratio", number(build.time_weighted_hit_ratio));
  add_property(test, "cache_state", build.cache_state);
  add_property(test, "input_mutation", build.mutation);
  if (build.image) {
    add_property(test, "digest", build.image->digest);
    add_property(test, "config_digest", build.image->config_digest);
    add_property(test, "image_size_bytes", fmt::format("{}", build.image->size_bytes));
  }
  test.output = steps_text(record, build);
  if (build.failure) {
    set_trouble(test, Trouble::failure, "build_failed", *build.failure, build.failure_details);
  } else if (!build.valid) {
    set_trouble(test, Trouble::failure, "not_evaluated",
                build.invalid_reason.value_or("the build is no sample, and no reason is recorded"),
                {"It is not in any average."});
  }
  if (test.trouble) test.attachments = attachments(record, build, runs_folder);
  return test;
}

TestCase case_of(const record::ScenarioRecord& record, const verdict::Verdict& gate,
                 const std::string& runs_folder) {
  TestCase test = case_at(record, gate.gate);
  if (gate.file) {
    test.file = *gate.file;
    test.line = gate.line.value_or(0);
  }
  test.output = gate.message;
  if (gate.ruling == Ruling::pass) return test;
  set_trouble(test, Trouble::failure, gate.ruling == Ruling::fail ? "gate" : "not_evaluated", gate.message,
              gate.evidence);
  if (const record::Build* build = last_build(record))
    test.attachments = attachments(record, *build, runs_folder);
  return test;
}

// The scenario as a whole: what stopped it.
TestCase case_of_outcome(const record::ScenarioRecord& record) {
  TestCase test = case_at(record, "scenario");
  const std::string outcome(verdict::to_string(record.outcome));
  std::string type = outcome;
  std::replace(type.begin(), type.end(), ' ', '_');
  // What kept the scenario from being asked at all is an error, not the image's failure.
  const bool never_asked = record.outcome == Outcome::infrastructure ||
                           record.outcome == Outcome::interrupted || record.outcome == Outcome::invalid;
  if (record.outcome == Outcome::infrastructure) type = "infrastructure";
  set_trouble(test, never_asked ? Trouble::error : Trouble::failure, type, record.error.value_or(outcome),
              record.error_details);
  return test;
}

void make_names_unique(std::vector<TestCase>& tests) {
  std::set<std::string> taken;
  for (TestCase& test : tests) {
    std::string name = test.name;
    for (int i = 2; !taken.insert(name).second; ++i) name = fmt::format("{} #{}", test.name, i);
    test.name = std::move(name);
  }
}

}  // namespace

std::vector<TestCase> test_cases(const record::ScenarioRecord& record, const std::string& runs_folder) {
  std::vector<TestCase> tests;
  for (const record::Build& build : record.priming) {
    if (!build.failure) continue;
    tests.push_back(case_of(record, build, fmt::format("priming {}", build_label(build)), runs_folder));
  }
  for (const record::Build& build : record.builds) {
    tests.push_back(case_of(record, build, build_label(build), runs_folder));
  }
  for (const verdict::Verdict& gate : record.gates) tests.push_back(case_of(record, gate, runs_folder));
  const bool stopped = record.outcome == Outcome::infrastructure || record.outcome == Outcome::interrupted ||
                       record.outcome == Outcome::invalid;
  const bool green =
      std::none_of(tests.begin(), tests.end(), [](const TestCase& test) { return test.trouble; });
  if (stopped || (green && record.outcome != Outcome::passed)) tests.push_back(case_of_outcome(record));
  make_names_unique(tests);
  for (TestCase& test : tests) {
    add_property(test, "kind", record.kind);
    add_property(test, "cache_mode", record.cache_mode);
    add_property(test, "run_id", record.run_id);
  }
  return tests;
}

}  // namespace buildlab::report
