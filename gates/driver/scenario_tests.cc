#include "gates/driver/scenario_tests.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "framework/base/text.h"
#include "framework/engine/toolchain.h"
#include "gates/rules/rules.h"

namespace buildlab::gates {
namespace {

constexpr std::size_t k_reason_bytes = 200;

std::string with_lines(std::string text, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) text += "\n  " + line;
  return text;
}

// Why the scenario as a whole did not come to its end; nullopt when it did.
std::optional<std::string> trouble_of(const Ending& ending) {
  if (!ending) return describe(ending.error());
  if (ending->error) return with_lines(*ending->error, ending->error_details);
  return std::nullopt;
}

class ScenarioTest : public ::testing::Test {
 public:
  ScenarioTest(const Registration& registration, std::string gate, int build)
      : m_registration(registration), m_gate(std::move(gate)), m_build(build) {}

  void TestBody() override {
    ScenarioExecution& execution = *m_registration.execution;
    const std::optional<record::Build> build = m_build > 0 ? execution.wait_for_build(m_build) : std::nullopt;
    if (build) {
      describe_build(*build);
      if (build->valid) return;
    }
    const Ending& ending = execution.wait_for_end();
    if (m_registration.when_no_builder == WhenNoBuilder::skips && is_without_builder(ending)) {
      GTEST_SKIP() << "no builder: " << describe(ending.error());
    }
    const Complaint complaint =
        m_build > 0 ? complaint_of_build(build, ending) : complaint_of_gate(m_gate, ending);
    if (complaint) {
      ADD_FAILURE_AT(m_registration.where.file.c_str(), std::max(m_registration.where.line, 1)) << *complaint;
    }
  }

 private:
  // RecordProperty of GoogleTest 1.12 takes no floating-point values.
  static void describe_build(const record::Build& build) {
    RecordProperty("duration_sec", fmt::format("{:.3f}", build.duration_sec));
    if (build.numbers.cache_hit_ratio) {
      RecordProperty("cache_hit_ratio", fmt::format("{:.4f}", *build.numbers.cache_hit_ratio));
    }
    if (build.image) RecordProperty("digest", build.image->digest);
  }

  Registration m_registration;
  std::string m_gate;  // empty for a build
  int m_build;         // 0 for a gate
};

}  // namespace

Complaint complaint_of_build(const std::optional<record::Build>& build, const Ending& ending) {
  if (!build) {
    const auto trouble = trouble_of(ending);
    return fmt::format("this build was not made: {}", trouble.value_or("the scenario ended without it"));
  }
  if (build->failure) return with_lines("the build failed: " + *build->failure, build->failure_details);
  if (!build->valid) {
    return fmt::format("this build is no sample: {}",
                       build->invalid_reason.value_or("no reason was recorded"));
  }
  return std::nullopt;
}

Complaint complaint_of_gate(const std::string& gate, const Ending& ending) {
  const std::vector<verdict::Verdict> none;
  const std::vector<verdict::Verdict>& verdicts = ending ? ending->gates : none;
  const auto found = std::find_if(verdicts.begin(), verdicts.end(),
                                  [&](const verdict::Verdict& verdict) { return verdict.gate == gate; });
  if (found == verdicts.end()) {
    const auto trouble = trouble_of(ending);
    return fmt::format("not evaluated: {}",
                       one_line(trouble.value_or("no verdict was recorded"), k_reason_bytes));
  }
  if (found->ruling == verdict::Ruling::pass) return std::nullopt;
  const char* words = found->ruling == verdict::Ruling::fail ? "" : "could not be evaluated: ";
  std::string text = with_lines(words + found->message, found->evidence);
  if (found->file) text += fmt::format("\n  at {}:{}", *found->file, found->line.value_or(1));
  return text;
}

std::vector<std::string> gate_names(const scenario::GateSettings& settings) {
  const record::ScenarioRecord nothing;
  const FindRecord find = [](const std::string&) { return std::nullopt; };
  std::vector<std::string> names;
  for (const verdict::Verdict& verdict : judge({nothing, settings, find, wall_now()}))
    names.push_back(verdict.gate);
  return names;
}

void register_tests(const Registration& registration) {
  const auto add = [&](const std::string& name, const std::string& gate, int build) {
    ::testing::RegisterTest(registration.suite.c_str(), name.c_str(), nullptr, nullptr,
                            registration.where.file.c_str(), registration.where.line,
                            [=]() -> ScenarioTest* { return new ScenarioTest(registration, gate, build); });
  };
  for (int build = 1; build <= registration.builds; ++build) add(fmt::format("build_{}", build), "", build);
  for (const std::string& gate : registration.gates) add(gate, gate, 0);
}

bool is_without_builder(const Ending& ending) {
  return !ending && ending.error().kind == ErrorKind::infrastructure && !engine::find_toolchain().found;
}

}  // namespace buildlab::gates
