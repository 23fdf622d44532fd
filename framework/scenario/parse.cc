#include "framework/scenario/parse.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/text.h"
#include "framework/scenario/keys.h"
#include "framework/scenario/problems.h"
#include "framework/scenario/readers.h"

namespace buildlab::scenario {
namespace {

constexpr std::int64_t k_schema_version = 1;

// False when the file is of a version that this program does not know, where more would only be noise.
bool check_version(Fields& root) {
  const Json* version = root.find("schema_version");
  if (version == nullptr) {
    root.missing("schema_version", "write \"schema_version\": 1");
    return true;
  }
  if (version->is_number_integer() && version->get<std::int64_t>() > k_schema_version) {
    root.problem("schema_version",
                 fmt::format("is {}; this Build Lab knows {} and older, a newer one is needed",
                             to_line(*version), k_schema_version));
    return false;
  }
  root.integer("schema_version", {1, static_cast<double>(k_schema_version)});
  return true;
}

void read_subjects(Fields& root, Parsed& parsed) {
  if (!root.has("subjects")) {
    root.missing("subjects", "{\"app\": {\"context\": \".\"}}");
    return;
  }
  auto subjects = root.object("subjects");
  if (!subjects) return;
  if (subjects->json().empty())
    root.problem("subjects", "is empty: declare what is built, {\"app\": {\"context\": \".\"}}");
  for (const auto& [name, value] : subjects->json().items()) {
    if (name.empty() || name.find_first_of(" \t\n/\\\"") != std::string::npos)
      subjects->problem(name, "is no name for a subject: no blanks, slashes or quotes");
    auto fields = Fields::open(value, subjects->pointer(name),
                               fmt::format("subject \"{}\"", one_line(name, 60)), root.document());
    if (!fields) continue;
    const std::size_t before = root.document().problems.size();
    parsed.file.subjects.push_back(read_subject(name, *fields));
    if (root.document().problems.size() != before) parsed.unsound_subjects.insert(name);
  }
}

void check_ratio(const ScenarioFile& file, const Scenario& scenario, Document& document) {
  if (!scenario.gates.max_duration_ratio) return;
  const std::string& of = scenario.gates.max_duration_ratio->of;
  const int line = scenario.where_gate.at("max_duration_ratio").line;
  const auto note = [&](const std::string& what) {
    document.problems.push_back(
        {line, fmt::format("scenario \"{}\": \"max_duration_ratio\" {}", scenario.name, what)});
  };
  const Scenario* other = file.find_scenario(of);
  if (other == nullptr) {
    std::vector<std::string> known;
    for (const Scenario& one : file.scenarios) {
      if (one.subject == scenario.subject && one.name != scenario.name) known.push_back(one.name);
    }
    note(fmt::format("is of \"{}\", which is no scenario of this file{}", one_line(of, 60),
                     suggestion(of, known)));
  } else if (other->name == scenario.name) {
    note("is of the scenario itself; name another one, usually the cold one");
  } else if (other->subject != scenario.subject) {
    note(fmt::format("is of \"{}\", which builds another subject (\"{}\")", of, other->subject));
  }
}

void check_names(const ScenarioFile& file, Document& document) {
  std::map<std::string_view, int> first;
  for (const Scenario& scenario : file.scenarios) {
    if (scenario.name.empty()) continue;
    const auto [other, is_new] = first.emplace(scenario.name, scenario.where.line);
    if (is_new) continue;
    document.problems.push_back(
        {scenario.where.line,
         fmt::format("scenario \"{}\": the name is used in line {} already", scenario.name, other->second)});
  }
}

void read_scenarios(Fields& root, Parsed& parsed) {
  ScenarioFile& file = parsed.file;
  if (!root.has("scenarios")) {
    root.missing("scenarios", "a list like [{\"name\": \"app.cold\", \"kind\": \"cold\"}]");
    return;
  }
  const auto elements = root.list("scenarios");
  if (elements.empty() && root.find("scenarios")->is_array())
    root.problem("scenarios", "is empty: add one like {\"name\": \"app.cold\", \"kind\": \"cold\"}");
  std::vector<std::string> subjects;
  for (const Subject& subject : file.subjects) subjects.push_back(subject.name);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    auto fields = Fields::open(*elements[i].value, elements[i].pointer, fmt::format("scenario {}", i + 1),
                               root.document());
    if (!fields) continue;
    ReadScenario read = read_scenario(*fields, subjects);
    if (!read.mutations_sound) parsed.unsound_mutations.insert(file.scenarios.size());
    if (!read.gates_sound) parsed.unsound_gates.insert(file.scenarios.size());
    file.scenarios.push_back(std::move(read.scenario));
  }
  check_names(file, root.document());
  for (const Scenario& scenario : file.scenarios) check_ratio(file, scenario, root.document());
}

}  // namespace

tl::unexpected<Error> fail_with(const std::string& file, std::vector<Problem> problems) {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  std::vector<std::string> details;
  details.reserve(problems.size());
  for (const Problem& problem : problems) {
    // A text that is no JSON names its own place, with the column.
    details.push_back(problem.line == 0 ? problem.text
                                        : fmt::format("{}:{}: {}", file, problem.line, problem.text));
  }
  return fail(ErrorKind::usage,
              fmt::format("{} problem{} in {}, nothing was run", problems.size(),
                          problems.size() == 1 ? "" : "s", file),
              std::move(details));
}

Result<ScenarioFile> finish(Parsed parsed) {
  if (!parsed.problems.empty()) return fail_with(parsed.name, std::move(parsed.problems));
  return std::move(parsed.file);
}

Parsed parse(std::string_view text, const std::filesystem::path& path) {
  Parsed parsed;
  parsed.name = path.string();
  if (trim(text).empty()) {
    parsed.problems.push_back({1, "the file is empty; \"build-lab init\" writes one to start from"});
    return parsed;
  }
  const auto json = parse_json(text, path.string(), ErrorKind::usage);
  if (!json) {
    parsed.problems.push_back({0, json.error().message});
    return parsed;
  }
  std::error_code code;
  parsed.file.path = std::filesystem::absolute(path, code).lexically_normal();
  Document document{path.string(), parsed.file.path.parent_path(), scan_positions(text)};
  for (const DuplicateKey& duplicate : document.positions.duplicates) {
    document.problems.push_back(
        {duplicate.line, fmt::format("\"{}\" stands here a second time, first in line {}",
                                     one_line(duplicate.key, 60), duplicate.first_line)});
  }
  if (auto root = Fields::open(*json, "", "the file", document)) {
    root->rename("");
    if (check_version(*root)) {
      root->allow_only(file_keys());
      read_subjects(*root, parsed);
      read_scenarios(*root, parsed);
    }
  }
  parsed.problems = std::move(document.problems);
  return parsed;
}

Result<ScenarioFile> parse_scenario_file(std::string_view text, const std::filesystem::path& path) {
  return finish(parse(text, path));
}

}  // namespace buildlab::scenario
