#include "framework/dockerfile/inputs.h"

#include <algorithm>

#include "framework/base/text.h"
#include "framework/dockerfile/stage_sources.h"

namespace buildlab::dockerfile {
namespace {

constexpr std::string_view k_folder = "WORKDIR ";  // and the folder: one line of a definition

// As path.Join("/", source) without its slash: nothing leads above the context.
std::string cleaned(std::string_view source) {
  std::vector<std::string_view> parts;
  for (const std::string_view part : split(source, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
      continue;
    }
    parts.push_back(part);
  }
  std::string path;
  for (const std::string_view part : parts) path.append(path.empty() ? "" : "/").append(part);
  return path;
}

std::optional<std::string> flag_value(const Instruction& step, std::string_view name) {
  const std::string prefix = "--" + std::string(name) + "=";
  for (const std::string& flag : step.flags) {
    if (flag.starts_with(prefix)) return flag.substr(prefix.size());
  }
  return std::nullopt;
}

bool is_linked(const Instruction& step) {
  return std::any_of(step.flags.begin(), step.flags.end(),
                     [](const std::string& flag) { return flag == "--link" || flag == "--link=true"; });
}

// Where a WORKDIR leads that stands behind one that led to `before`; "" is a base image's own, which is not
// known.
std::string folder_behind(const std::string& before, std::string_view path) {
  if (path.starts_with('/') || before.starts_with('/'))
    return "/" + cleaned(path.starts_with('/') ? path : before + "/" + std::string(path));
  return cleaned(before + "/" + std::string(path));
}

bool is_remote(std::string_view source) {
  return source.find("://") != std::string_view::npos || source.starts_with("git@");
}

// A class of characters "[a-c]" or "[^a]" at the front of `pattern`; it is taken off. nullopt when broken.
std::optional<bool> take_class(std::string_view& pattern, char c) {
  pattern.remove_prefix(1);
  const bool negated = pattern.starts_with('^');
  if (negated) pattern.remove_prefix(1);
  bool matched = false;
  for (bool first = true;; first = false) {
    if (pattern.starts_with(']') && !first) {
      pattern.remove_prefix(1);
      return matched != negated;
    }
    const auto take = [&pattern]() -> std::optional<char> {
      if (pattern.starts_with('\\')) pattern.remove_prefix(1);
      if (pattern.empty()) return std::nullopt;
      const char taken = pattern.front();
      pattern.remove_prefix(1);
      return taken;
    };
    const auto low = take();
    if (!low) return std::nullopt;
    auto high = low;
    if (pattern.starts_with('-')) {
      pattern.remove_prefix(1);
      high = take();
      if (!high) return std::nullopt;
    }
    matched = matched || (*low <= c && c <= *high);
  }
}

// Whether the front of the pattern, no star, is that character; it is taken off.
bool take_one(std::string_view& pattern, char c) {
  if (pattern.front() == '[') return take_class(pattern, c).value_or(false);
  const bool any = pattern.front() == '?';
  if (pattern.front() == '\\') pattern.remove_prefix(1);
  if (pattern.empty()) return false;
  const bool same = any || pattern.front() == c;
  pattern.remove_prefix(1);
  return same;
}

class Stages {
 public:
  Stages(const Dockerfile& file, const std::map<std::string, std::string>& build_args, Variables global)
      : m_file(file), m_build_args(build_args), m_global(std::move(global)) {}

  Result<StageInputs> read(const Stage& stage);

 private:
  Status read_step(const Instruction& step, StageInputs& result);
  Status read_copy(const Instruction& step, StepInputs& inputs);
  Status read_mounts(const Instruction& step, StepInputs& inputs);
  Status read_from(const std::string& name, const Instruction& step, StepInputs& inputs);
  void define(const Instruction& instruction);
  std::string definition_of(const Instruction& step) const;
  bool sees_folder(const Instruction& step) const;
  // As written where it cannot be expanded: BuildKit then refuses the whole Dockerfile.
  std::string expanded(const std::string& text) const {
    return expand(text, m_variables, m_file.escape).value_or(text);
  }

  const Dockerfile& m_file;
  const std::map<std::string, std::string>& m_build_args;
  Variables m_global;
  StageNames m_names;  // of the stages so far
  Variables m_variables;
  std::map<std::size_t, std::string> m_images;  // that each stage goes back to
  Variables m_settings;                         // the last SHELL and USER, as written, and WORKDIR
  std::map<std::size_t, std::pair<Variables, Variables>>
      m_left;  // both at the end of each stage, for those that start from it
};

void Stages::define(const Instruction& instruction) {
  const auto& words = instruction.arguments;
  if (instruction.keyword == "SHELL" || instruction.keyword == "USER") {
    m_settings[instruction.keyword] = expanded(instruction.text);
  } else if (instruction.keyword == "WORKDIR" && !words.empty()) {
    std::string& folder = m_settings[instruction.keyword];
    const std::string before = folder.substr(std::min(folder.size(), k_folder.size()));
    folder = std::string(k_folder) + folder_behind(before, expanded(words.front()));
  } else if (instruction.keyword == "ARG") {
    for (const std::string& word : words) {
      const std::size_t equals = word.find('=');
      const std::string name = word.substr(0, equals);
      if (const auto given = m_build_args.find(name); given != m_build_args.end()) {
        m_variables[name] = given->second;
      } else if (equals != std::string::npos) {
        m_variables[name] = expanded(word.substr(equals + 1));
      } else if (const auto known = m_global.find(name); known != m_global.end()) {
        m_variables[name] = known->second;
      }
    }
  } else if (instruction.keyword == "ENV" && !words.empty()) {
    if (words.front().find('=') == std::string::npos) {  // ENV NAME the rest
      std::string rest;
      for (std::size_t i = 1; i < words.size(); ++i) rest += (i == 1 ? "" : " ") + words[i];
      m_variables[words.front()] = expanded(rest);
      return;
    }
    Variables now;  // all of one ENV see the values from before it
    for (const std::string& word : words) {
      const std::size_t equals = word.find('=');
      if (equals != std::string::npos) now[word.substr(0, equals)] = expanded(word.substr(equals + 1));
    }
    for (auto& [name, value] : now) m_variables[name] = std::move(value);
  }
}

Status Stages::read_from(const std::string& name, const Instruction& step, StepInputs& inputs) {
  BUILDLAB_ASSIGN(const Source source, source_named(name, step, m_names, m_file.stages.size()));
  if (source.stage) {
    inputs.stages.push_back(*source.stage);
  } else {
    inputs.images.push_back(source.image);
  }
  return {};
}

Status Stages::read_copy(const Instruction& step, StepInputs& inputs) {
  inputs.linked = is_linked(step);
  inputs.checksum = flag_value(step, "checksum").has_value();
  if (const auto from = flag_value(step, "from")) return read_from(*from, step, inputs);
  std::string excluded;
  for (const std::string& flag : step.flags) {
    if (flag.starts_with("--exclude=")) excluded += expanded(flag.substr(10)) + "\n";
  }
  const auto rules = IgnoreRules::parse(excluded, "--exclude").value_or(IgnoreRules());
  for (std::size_t i = 0; i + 1 < step.arguments.size(); ++i) {
    const std::string& word = step.arguments[i];
    if (word.starts_with("<<") && !step.heredocs.empty()) continue;
    const std::string source = expanded(word);
    if (step.keyword == "ADD" && is_remote(source)) {
      inputs.urls.push_back(source);
      continue;
    }
    inputs.context.push_back({cleaned(source), rules});
  }
  return {};
}

Status Stages::read_mounts(const Instruction& step, StepInputs& inputs) {
  for (const std::string& flag : step.flags) {
    if (!flag.starts_with("--mount=")) continue;
    std::string type = "bind";
    std::string source;
    std::optional<std::string> from;
    for (const std::string& field : mount_fields(std::string_view(flag).substr(8))) {
      const std::size_t equals = field.find('=');
      const std::string key = to_lower(field.substr(0, equals));
      const std::string value = equals == std::string::npos ? "" : expanded(field.substr(equals + 1));
      if (key == "type") type = to_lower(value);
      if (key == "source" || key == "src") source = value;
      if (key == "from") from = value;
    }
    if (from && (type == "bind" || type == "cache")) {
      BUILDLAB_TRY(read_from(*from, step, inputs));
    } else if (type == "bind") {
      inputs.context.push_back({cleaned(source), {}});
    }
  }
  return {};
}

// BuildKit makes a path absolute before the step's key: the folder is part of it only where that needs one.
bool Stages::sees_folder(const Instruction& step) const {
  if (step.keyword == "RUN" || step.arguments.empty()) return step.keyword == "RUN";
  return !expanded(step.arguments.back()).starts_with('/');
}

// In whatever case the keyword is written, BuildKit does the same.
std::string with_keyword(const Instruction& step) {
  const std::size_t end = std::min(step.text.find_first_of(" \t"), step.text.size());
  const bool first = to_lower(step.text.substr(0, end)) == to_lower(step.keyword);  // not behind ONBUILD
  return first ? step.keyword + step.text.substr(end) : step.text;
}

// COPY, ADD and WORKDIR see variables only where they name them; RUN gets all.
std::string Stages::definition_of(const Instruction& step) const {
  std::string text = step.keyword == "RUN" ? with_keyword(step) : expanded(with_keyword(step));
  for (const std::string& body : step.heredocs) text += "\n" + body;
  if (step.keyword == "RUN") {
    for (const auto& [name, value] : m_variables) text += "\n" + name + "=" + value;
  }
  for (const auto& [name, value] : m_settings) {
    if (name == "WORKDIR" ? sees_folder(step) : step.keyword == "RUN") text += "\n" + value;
  }
  return text;
}

Status Stages::read_step(const Instruction& step, StageInputs& result) {
  define(step);
  if (!is_cacheable(step)) return {};
  StepInputs inputs{&step};
  inputs.definition = definition_of(step);
  if (step.keyword == "COPY" || step.keyword == "ADD") BUILDLAB_TRY(read_copy(step, inputs));
  if (step.keyword == "RUN") BUILDLAB_TRY(read_mounts(step, inputs));
  result.steps.push_back(std::move(inputs));
  return {};
}

Result<StageInputs> Stages::read(const Stage& stage) {
  StageInputs result{stage.index};
  const std::string base = expand(stage.base, m_global, m_file.escape).value_or(stage.base);
  if (const auto found = m_names.find(base); found != m_names.end()) result.base = found->second;
  result.image = result.base ? m_images[*result.base] : base;
  m_images[stage.index] = result.image;
  m_variables = result.base ? m_left[*result.base].first : Variables();
  m_settings = result.base ? m_left[*result.base].second : Variables();
  for (const Instruction& trigger : stage.triggers) BUILDLAB_TRY(read_step(trigger, result));
  for (const Instruction& instruction : stage.instructions) BUILDLAB_TRY(read_step(instruction, result));
  m_left[stage.index] = {m_variables, m_settings};
  if (stage.name) m_names.insert_or_assign(*stage.name, stage.index);
  return result;
}

}  // namespace

bool matches_go_pattern(std::string_view pattern, std::string_view name) {
  std::optional<std::string_view> behind_star;
  std::string_view left;  // of the name, where the last star ends
  while (true) {
    if (pattern.starts_with('*')) {
      pattern.remove_prefix(1);
      behind_star = pattern;
      left = name;
    } else if (name.empty()) {
      return pattern.empty();
    } else if (!pattern.empty() && take_one(pattern, name.front())) {
      name.remove_prefix(1);
    } else {
      if (!behind_star || left.empty()) return false;
      left.remove_prefix(1);
      pattern = *behind_star;
      name = left;
    }
  }
}

bool ContextRead::selects(std::string_view path) const {
  if (source.empty()) return !exclude.ignores(path);
  const std::vector<std::string_view> patterns = split(source, '/');
  const std::vector<std::string_view> names = split(path, '/');
  if (names.size() < patterns.size()) return false;
  std::size_t used = 0;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (!matches_go_pattern(patterns[i], names[i])) return false;
    used += names[i].size() + 1;
  }
  // Below a copied folder, names are relative to it; a copied file has its own.
  const std::string_view inner = names.size() > patterns.size() ? path.substr(used) : names.back();
  return !exclude.ignores(inner);
}

Result<std::vector<StageInputs>> target_inputs(const Dockerfile& file,
                                               const std::optional<std::string>& target,
                                               const std::map<std::string, std::string>& build_args,
                                               const std::optional<std::string>& platform) {
  BUILDLAB_ASSIGN(std::vector<std::size_t> needed, needed_stages(file, target, build_args, platform));
  std::sort(needed.begin(), needed.end());
  BUILDLAB_ASSIGN(Variables global, global_variables(file, target, build_args, platform));
  Stages stages(file, build_args, std::move(global));
  std::vector<StageInputs> result;
  // Stages that are not needed still name what others mean.
  for (const Stage& stage : file.stages) {
    auto inputs = stages.read(stage);
    if (!std::binary_search(needed.begin(), needed.end(), stage.index)) continue;
    BUILDLAB_ASSIGN(StageInputs wanted, std::move(inputs));
    result.push_back(std::move(wanted));
  }
  return result;
}

}  // namespace buildlab::dockerfile
