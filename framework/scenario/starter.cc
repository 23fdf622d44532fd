#include "framework/scenario/starter.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/platform.h"
#include "framework/base/text.h"
#include "framework/dockerfile/dockerfile.h"
#include "framework/scenario/comment.h"
#include "framework/scenario/context_files.h"
#include "framework/scenario/scenario.h"
#include "framework/scenario/write.h"

namespace buildlab::scenario {
namespace {

namespace fs = std::filesystem;
using dockerfile::IgnoreRules;

constexpr std::size_t k_files_listed = 200000;

// A name that scenarios and CMake tests can carry, from the folder's.
std::string subject_name(const fs::path& context) {
  std::string name;
  for (const char c : to_lower(context.filename().string())) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (plain) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name.empty() ? "app" : name;
}

// Sources of a bind mount of the context; nullopt for other mounts.
std::optional<std::string> mounted_source(std::string_view flag) {
  if (!flag.starts_with("--mount=")) return std::nullopt;
  std::string source = ".";
  bool is_bind = true;
  for (const std::string_view field : split(flag.substr(8), ',')) {
    if (field.starts_with("type=")) is_bind = field == "type=bind";
    if (field.starts_with("from=")) return std::nullopt;
    if (field.starts_with("source=")) source = field.substr(7);
    if (field.starts_with("src=")) source = field.substr(4);
  }
  return is_bind ? std::optional(source) : std::nullopt;
}

std::string unquoted(const std::string& word) {
  const bool quoted =
      word.size() >= 2 && (word.front() == '"' || word.front() == '\'') && word.back() == word.front();
  return quoted ? word.substr(1, word.size() - 2) : word;
}

// What an instruction takes from the context, as patterns.
std::vector<std::string> sources_of(const dockerfile::Instruction& instruction) {
  std::vector<std::string> sources;
  if (instruction.keyword == "RUN") {
    for (const std::string& flag : instruction.flags) {
      if (auto source = mounted_source(flag)) sources.push_back(std::move(*source));
    }
    return sources;
  }
  if (instruction.keyword != "COPY" && instruction.keyword != "ADD") return sources;
  for (const std::string& flag : instruction.flags) {
    if (flag.starts_with("--from=")) return sources;
  }
  for (std::size_t i = 0; i + 1 < instruction.arguments.size(); ++i) {
    const std::string source = unquoted(instruction.arguments[i]);
    const bool outside =
        source.starts_with("<<") || source.find("://") != std::string::npos || source.starts_with("git@");
    if (!outside) sources.push_back(source);
  }
  return sources;
}

// The rules of .dockerignore and the sources of COPY are one language, so the sources are read as such rules.
Result<IgnoreRules> copied_paths(const dockerfile::Dockerfile& file, const std::vector<std::size_t>& stages) {
  std::string patterns;
  for (const std::size_t index : stages) {
    for (const dockerfile::Instruction& instruction : file.stages[index].instructions) {
      for (const std::string& source : sources_of(instruction)) {
        const std::string normal = fs::path(source).lexically_normal().string();
        // What depends on a variable may be anything.
        const bool all =
            normal == "." || normal == "./" || normal == "/" || source.find('$') != std::string::npos;
        patterns += (all ? "**" : normal) + "\n";
      }
      for (const std::string& flag : instruction.flags) {
        if (flag.starts_with("--exclude=")) patterns += "!" + unquoted(flag.substr(10)) + "\n";
      }
    }
  }
  return IgnoreRules::parse(patterns, "COPY");
}

std::optional<std::string> edit_candidate(const StarterRequest& request, const IgnoreRules& ignored,
                                          const IgnoreRules& copied) {
  std::optional<ContextFile> best;
  for (const ContextFile& file : list_context(request.context, ignored, k_files_listed)) {
    if (!is_source_file(file.path) || file.size_bytes == 0 || !copied.ignores(file.path)) continue;
    if (!best || file.size_bytes > best->size_bytes) best = file;
  }
  return best ? std::optional(best->path) : std::nullopt;
}

std::string cmake_lines(const StarterRequest& request, const Subject& subject,
                        const std::optional<std::string>& edit) {
  const fs::path relative = request.context.lexically_relative(request.folder);
  const std::string context = relative.empty() || relative == "." ? "" : "/" + relative.string();
  std::string subject_words = fmt::format("\n  CONTEXT \"${{CMAKE_CURRENT_SOURCE_DIR}}{}\"", context);
  if (subject.dockerfile != "Dockerfile")
    subject_words += fmt::format("\n  DOCKERFILE \"{}\"", subject.dockerfile.string());
  if (subject.target) subject_words += fmt::format("\n  TARGET {}", *subject.target);
  std::string lines = "find_package(BuildLab REQUIRED)\n";
  if (edit) {
    return lines +
           fmt::format("buildlab_add_golden_path({}{}\n  EDIT \"{}\")\n", subject.name, subject_words, *edit);
  }
  // Without an edit there is no golden path; the scenarios are those of the file.
  for (const char* kind : {"cold", "warm", "reproducibility"}) {
    lines += fmt::format("buildlab_add_scenario({}.{} KIND {}{})\n", subject.name, kind, kind, subject_words);
  }
  return lines;
}

Scenario make_scenario(const Subject& subject, Kind kind) {
  Scenario scenario;
  scenario.name = fmt::format("{}.{}", subject.name, to_string(kind));
  scenario.subject = subject.name;
  scenario.kind = kind;
  scenario.cache_mode = kind == Kind::warm || kind == Kind::edit ? CacheMode::builder : CacheMode::none;
  scenario.runs = kind == Kind::warm || kind == Kind::reproducibility ? 2 : 1;
  if (kind == Kind::warm) scenario.gates.min_hit_ratio = 1.0;
  if (kind == Kind::reproducibility) scenario.gates.digest_stable = DigestPolicy::manifest;
  return scenario;
}

}  // namespace

Result<Starter> make_starter(const StarterRequest& request) {
  const std::string name = (request.context / request.dockerfile).string();
  BUILDLAB_ASSIGN(const dockerfile::Dockerfile parsed,
                  dockerfile::parse_dockerfile(request.dockerfile_text, name));
  BUILDLAB_ASSIGN(const std::vector<std::size_t> stages,
                  dockerfile::needed_stages(parsed, request.target, {}));
  BUILDLAB_ASSIGN(const IgnoreRules ignored, load_ignore_rules(request.context, request.dockerfile));
  Starter starter;
  for (const dockerfile::Stage& stage : parsed.stages) {
    if (stage.name) starter.targets.push_back(*stage.name);
  }

  ScenarioFile file;
  file.path = request.folder / "buildlab.json";
  Subject subject;
  subject.name =
      subject_name(request.context.has_filename() ? request.context : request.context.parent_path());
  subject.context = request.context;
  subject.dockerfile = request.dockerfile;
  subject.target = request.target ? request.target : parsed.stages.back().name;
  subject.platform = host_platform();

  const auto copied = copied_paths(parsed, stages);
  const auto edit = copied ? edit_candidate(request, ignored, *copied) : std::nullopt;
  if (!edit) {
    starter.notes.emplace_back(
        "no source file that the target copies was found, so there is no edit scenario; add one "
        "with \"input_mutation\": [{\"append\": \"the file you edit most\"}]");
  }
  file.scenarios.push_back(make_scenario(subject, Kind::cold));
  file.scenarios.push_back(make_scenario(subject, Kind::warm));
  if (edit) {
    Scenario scenario = make_scenario(subject, Kind::edit);
    scenario.input_mutation.emplace_back(AppendText{*edit, std::nullopt});
    file.scenarios.push_back(std::move(scenario));
  }
  file.scenarios.push_back(make_scenario(subject, Kind::reproducibility));
  starter.cmake = cmake_lines(request, subject, edit);
  file.subjects.push_back(std::move(subject));
  starter.file = to_json(file);
  return starter;
}

}  // namespace buildlab::scenario
