// What of a scenario file needs the disk.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <charconv>
#include <set>

#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/dockerfile/dockerfile.h"
#include "framework/scenario/comment.h"
#include "framework/scenario/context_files.h"
#include "framework/scenario/parse.h"
#include "framework/scenario/problems.h"

namespace buildlab::scenario {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_files_read = 20000;

bool is_present(const fs::path& path) {
  std::error_code code;
  return fs::symlink_status(path, code).type() != fs::file_type::not_found && !code;
}

// The file of the tree that was probably meant: of the same name elsewhere, else the nearest path.
std::string meant_file(const fs::path& context, const dockerfile::IgnoreRules& rules,
                       const fs::path& wanted) {
  std::vector<std::string> paths;
  for (const ContextFile& file : list_context(context, rules, k_files_read)) {
    if (fs::path(file.path).filename() == wanted.filename())
      return fmt::format("; did you mean \"{}\"?", file.path);
    paths.push_back(file.path);
  }
  const auto near = nearest(wanted.string(), paths);
  return near ? fmt::format("; did you mean \"{}\"?", *near) : "";
}

class Checker {
 public:
  Checker(const ScenarioFile& file, std::vector<Problem>& problems) : m_file(file), m_problems(problems) {}

  void subject(const Subject& subject);
  // Of a scenario whose subject was found sound; of another nothing can be said.
  void mutations(const Scenario& scenario);
  void selectors(const Scenario& scenario);

 private:
  struct Ready {
    dockerfile::Dockerfile dockerfile;
    std::vector<std::size_t> stages;  // that the target needs
    dockerfile::IgnoreRules rules;
  };

  void note(int line, std::string text) { m_problems.push_back({line, std::move(text)}); }
  static int line_of(const Subject& subject, const std::string& key) {
    const auto found = subject.where_field.find(key);
    return found == subject.where_field.end() ? subject.where.line : found->second.line;
  }
  void target(const Subject& subject, const dockerfile::Dockerfile& parsed);
  const ScenarioFile& m_file;
  std::vector<Problem>& m_problems;
  std::map<std::string, Ready, std::less<>> m_ready;
};

void Checker::subject(const Subject& subject) {
  const std::string who = fmt::format("subject \"{}\"", subject.name);
  for (const Secret& secret : subject.secrets) {
    const auto* path = std::get_if<fs::path>(&secret.source);
    if (path != nullptr && !is_present(*path))
      note(line_of(subject, "secrets"),
           fmt::format("{}: secret \"{}\": no file {}", who, secret.id, path->string()));
  }
  std::error_code code;
  if (!fs::is_directory(subject.context, code)) {
    note(line_of(subject, "context"),
         fmt::format("{}: \"context\": no folder {} (it is relative to this file)", who,
                     subject.context.string()));
    return;
  }
  auto rules = load_ignore_rules(subject.context, subject.dockerfile);
  if (!rules) {
    note(line_of(subject, "context"), fmt::format("{}: {}", who, rules.error().message));
    return;
  }
  const fs::path path = subject.context / subject.dockerfile;
  if (!fs::is_regular_file(path, code)) {
    note(line_of(subject, "dockerfile"),
         fmt::format("{}: no Dockerfile {} (\"dockerfile\" is relative to the context){}", who, path.string(),
                     meant_file(subject.context, *rules, subject.dockerfile)));
    return;
  }
  const auto text = read_file(path, Bytes{16U << 20U});
  if (!text) {
    note(line_of(subject, "dockerfile"), fmt::format("{}: {}", who, text.error().message));
    return;
  }
  auto parsed = dockerfile::parse_dockerfile(*text, path.string());
  if (!parsed) {
    note(line_of(subject, "dockerfile"), fmt::format("{}: {}", who, parsed.error().message));
    return;
  }
  auto stages = dockerfile::needed_stages(*parsed, subject.target, subject.build_args, subject.platform);
  if (!stages) {
    const std::string hint = stages.error().details.empty() ? "" : "; " + stages.error().details.back();
    note(line_of(subject, "target"),
         fmt::format("{}: {}: {}{}", who, path.string(), stages.error().message, hint));
    return;
  }
  m_ready.emplace(subject.name, Ready{std::move(*parsed), std::move(*stages), std::move(*rules)});
}

// Plays the mutations on the names alone, so that a later one may use what an earlier one made.
void Checker::mutations(const Scenario& scenario) {
  const auto found = m_ready.find(scenario.subject);
  if (found == m_ready.end()) return;
  const Ready& ready = found->second;
  const Subject& subject = *m_file.find_subject(scenario.subject);
  std::set<fs::path> made;
  std::set<fs::path> gone;
  bool anything_possible = false;  // behind a command or a patch
  const auto is_there = [&](const fs::path& path) {
    if (anything_possible || made.count(path) != 0) return true;
    if (gone.count(path) != 0 || !is_present(subject.context / path)) return false;
    return path == subject.dockerfile || !ready.rules.ignores(path.generic_string());
  };
  for (std::size_t i = 0; i < scenario.input_mutation.size(); ++i) {
    const int line =
        i < scenario.where_mutation.size() ? scenario.where_mutation[i].line : scenario.where.line;
    const std::string who =
        fmt::format("scenario \"{}\": {}", scenario.name, to_string(scenario.input_mutation[i]));
    const auto needs = [&](const fs::path& path) {
      if (is_there(path)) return;
      const bool is_ignored = is_present(subject.context / path) && gone.count(path) == 0;
      note(line, is_ignored
                     ? fmt::format("{}: \"{}\" is left out by {}, so the build cannot depend on it", who,
                                   path.string(), ignore_file(subject.context, subject.dockerfile).string())
                     : fmt::format("{}: no file \"{}\" in the context {}{}", who, path.string(),
                                   subject.context.string(), meant_file(subject.context, ready.rules, path)));
    };
    const auto must_be_new = [&](const fs::path& path, const char* advice) {
      if (!anything_possible && is_there(path))
        note(line, fmt::format("{}: \"{}\" is there already; {}", who, path.string(), advice));
    };
    const Mutation& mutation = scenario.input_mutation[i];
    if (const auto* append = std::get_if<AppendText>(&mutation)) {
      needs(append->path);
      if (!append->text && !comment_syntax(append->path))
        note(line,
             fmt::format(
                 "{}: it is not known how a comment looks in such a file; give a \"text\" to append, or "
                 "use {{\"replace\": …, \"from\": …, \"to\": …}}",
                 who));
    } else if (const auto* replace = std::get_if<ReplaceText>(&mutation)) {
      needs(replace->path);
    } else if (const auto* touch = std::get_if<Touch>(&mutation)) {
      needs(touch->path);
    } else if (const auto* chmod = std::get_if<Chmod>(&mutation)) {
      needs(chmod->path);
    } else if (const auto* added = std::get_if<AddFile>(&mutation)) {
      must_be_new(added->path, "use append or replace");
      made.insert(added->path);
    } else if (const auto* removed = std::get_if<Delete>(&mutation)) {
      needs(removed->path);
      made.erase(removed->path);
      gone.insert(removed->path);
    } else if (const auto* rename = std::get_if<Rename>(&mutation)) {
      needs(rename->from);
      must_be_new(rename->to, "delete it first");
      made.erase(rename->from);
      gone.insert(rename->from);
      made.insert(rename->to);
    } else if (const auto* patch = std::get_if<ApplyPatch>(&mutation)) {
      const fs::path path = m_file.path.parent_path() / patch->patch;
      if (!is_present(path))
        note(line, fmt::format("{}: no file {} (it is relative to this file)", who, path.string()));
      anything_possible = true;
    } else if (std::holds_alternative<RunCommand>(mutation)) {
      anything_possible = true;
    }
  }
}

// The same reading of a selector as the gates' (gates/rules/selector.cc): a line number, a stage, a step's
// start.
void Checker::selectors(const Scenario& scenario) {
  const auto found = m_ready.find(scenario.subject);
  if (found == m_ready.end()) return;
  const Ready& ready = found->second;
  const Subject& subject = *m_file.find_subject(scenario.subject);
  struct Step {
    std::string stage;
    const dockerfile::Instruction* instruction;
  };
  std::vector<Step> steps;
  std::vector<std::string> names;
  for (const std::size_t index : ready.stages) {
    const dockerfile::Stage& stage = ready.dockerfile.stages[index];
    names.push_back(stage.label());
    for (const dockerfile::Instruction* instruction : dockerfile::cacheable_steps(stage))
      steps.push_back({stage.label(), instruction});
  }
  const auto selects = [&](const std::string& wanted, const Step& step) {
    int line = 0;
    const auto parsed = std::from_chars(wanted.data(), wanted.data() + wanted.size(), line);
    if (parsed.ec == std::errc() && parsed.ptr == wanted.data() + wanted.size())
      return step.instruction->lines.first <= line && line <= step.instruction->lines.last;
    const std::string& text = step.instruction->text;
    return step.stage == to_lower(wanted) || one_line(text, text.size()).starts_with(wanted);
  };
  const auto check = [&](const std::string& key, const std::vector<std::string>& wanted) {
    for (const std::string& selector : wanted) {
      const std::string normal = one_line(selector, selector.size());
      if (std::any_of(steps.begin(), steps.end(), [&](const Step& step) { return selects(normal, step); }))
        continue;
      const auto where = scenario.where_gate.find(key);
      const auto near = nearest(normal, names);
      note(where == scenario.where_gate.end() ? scenario.where.line : where->second.line,
           fmt::format("scenario \"{}\": \"{}\": \"{}\" names no RUN, COPY, ADD or WORKDIR of the target in "
                       "{}; stages "
                       "are {}{}",
                       scenario.name, key, one_line(selector, 80), subject.dockerfile.string(),
                       fmt::join(names, ", "), near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
    }
  };
  check("expect_cached", scenario.gates.expect_cached);
  check("expect_ran", scenario.gates.expect_ran);
}

}  // namespace

void look_at_disk(Parsed& parsed) {
  Checker checker(parsed.file, parsed.problems);
  for (const Subject& subject : parsed.file.subjects) {
    if (!parsed.unsound_subjects.contains(subject.name)) checker.subject(subject);
  }
  for (std::size_t i = 0; i < parsed.file.scenarios.size(); ++i) {
    if (!parsed.unsound_mutations.contains(i)) checker.mutations(parsed.file.scenarios[i]);
    if (!parsed.unsound_gates.contains(i)) checker.selectors(parsed.file.scenarios[i]);
  }
}

Status check_files(const ScenarioFile& file) {
  Parsed parsed;
  parsed.file = file;
  parsed.name = file.subjects.empty() ? file.path.string() : file.subjects.front().where.file;
  look_at_disk(parsed);
  return finish(std::move(parsed)).map([](const ScenarioFile&) {});
}

namespace {

Result<std::string> read_text(const fs::path& path) {
  auto text = read_file(path, Bytes{16U << 20U});
  if (!text) {
    return fail(ErrorKind::usage, text.error().message,
                {"\"build-lab init\" writes a scenario file to start from, --file names another"});
  }
  return std::move(*text);
}

}  // namespace

Result<ScenarioFile> read_scenario_file(const fs::path& path) {
  BUILDLAB_ASSIGN(const std::string text, read_text(path));
  return parse_scenario_file(text, path);
}

Result<ScenarioFile> load_scenario_file(const fs::path& path) {
  BUILDLAB_ASSIGN(const std::string text, read_text(path));
  Parsed parsed = parse(text, path);
  look_at_disk(parsed);
  return finish(std::move(parsed));
}

Result<fs::path> find_scenario_file(const fs::path& start) {
  std::error_code code;
  const fs::path from = fs::absolute(start, code).lexically_normal();
  for (fs::path folder = from; !code; folder = folder.parent_path()) {
    std::error_code ignored;
    if (fs::is_regular_file(folder / "buildlab.json", ignored)) return folder / "buildlab.json";
    if (folder == folder.root_path() || folder.empty()) break;
  }
  return fail(ErrorKind::usage,
              fmt::format("no scenario file: there is no buildlab.json in {} or above it", from.string()),
              {"\"build-lab init\" writes one to start from, --file names another"});
}

}  // namespace buildlab::scenario
