#include <fmt/format.h>
#include <algorithm>

#include "framework/base/text.h"
#include "framework/dockerfile/dockerfile.h"
#include "framework/dockerfile/instruction.h"
#include "framework/dockerfile/lines.h"

namespace buildlab::dockerfile {
namespace {

bool is_stage_name(std::string_view name) {
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && is_lower(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
    return is_lower(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

Result<Stage> make_stage(Instruction from, std::size_t index) {
  Stage stage;
  stage.index = index;
  const auto& words = from.arguments;
  if (words.size() == 3 && to_lower(words[1]) == "as") {
    stage.name = to_lower(words[2]);
    if (!is_stage_name(*stage.name)) {
      return fail(ErrorKind::usage,
                  fmt::format("\"{}\" is no name for a stage: a letter must come first, then "
                              "letters, digits, \"-\", \"_\" and \".\"",
                              one_line(words[2], 60)));
    }
  } else if (words.size() != 1) {
    return fail(ErrorKind::usage, "FROM takes an image, or an image and \"AS name\"");
  }
  stage.base = words.front();
  for (const std::string& flag : from.flags) {
    if (flag.starts_with("--platform=")) stage.platform = flag.substr(11);
  }
  stage.from = std::move(from);
  return stage;
}

Status check_trigger(const Instruction& instruction, char escape) {
  if (instruction.keyword != "ONBUILD") return {};
  if (instruction.arguments.empty()) return fail(ErrorKind::usage, "ONBUILD needs an instruction");
  const auto inner = triggered_by(instruction, escape);
  if (inner && (inner->keyword == "ONBUILD" || inner->keyword == "FROM" || inner->keyword == "MAINTAINER"))
    return fail(ErrorKind::usage, fmt::format("{} may not stand in ONBUILD", inner->keyword));
  return {};
}

// BuildKit takes the triggers of the stage directly below, also where its name comes from another case.
void inherit_triggers(std::vector<Stage>& stages, char escape) {
  for (std::size_t i = 1; i < stages.size(); ++i) {
    for (std::size_t base = i; base-- > 0;) {
      if (stages[base].name != to_lower(stages[i].base)) continue;
      for (const Instruction& instruction : stages[base].instructions) {
        auto trigger = triggered_by(instruction, escape);
        if (!trigger) continue;
        trigger->text = instruction.text;
        trigger->lines = stages[i].from.lines;
        stages[i].triggers.push_back(std::move(*trigger));
      }
      break;
    }
  }
}

}  // namespace

std::string Stage::label() const {
  return name ? *name : fmt::format("stage-{}", index);
}

bool is_cacheable(const Instruction& instruction) {
  return instruction.keyword == "RUN" || instruction.keyword == "COPY" || instruction.keyword == "ADD" ||
         instruction.keyword == "WORKDIR";
}

std::vector<const Instruction*> cacheable_steps(const Stage& stage) {
  std::vector<const Instruction*> steps;
  for (const auto* list : {&stage.triggers, &stage.instructions}) {
    for (const Instruction& instruction : *list) {
      if (is_cacheable(instruction)) steps.push_back(&instruction);
    }
  }
  return steps;
}

Result<Dockerfile> parse_dockerfile(std::string_view text, std::string_view name) {
  Dockerfile file;
  file.syntax = find_syntax(text);
  LineReader reader(text, name);
  int last_line = 1;
  while (true) {
    BUILDLAB_ASSIGN(const std::optional<LogicalLine> line, reader.next());
    if (!line) break;
    last_line = line->lines.last;
    const auto at = [&](const Error& error) {
      return fail(ErrorKind::usage, fmt::format("{}:{}: {}", name, line->lines.first, error.message));
    };
    auto instruction = parse_instruction(*line, reader.escape());
    if (!instruction) return at(instruction.error());
    const auto marks = heredocs_of(*instruction, *line, reader.escape());
    if (!marks) return at(marks.error());
    for (const HeredocMark& mark : *marks) {
      BUILDLAB_ASSIGN(std::string body,
                      reader.heredoc_body(mark.terminator, mark.strip_tabs, instruction->lines));
      instruction->heredocs.push_back(std::move(body));
    }
    if (const Status checked = check_trigger(*instruction, reader.escape()); !checked)
      return at(checked.error());

    if (instruction->keyword == "FROM") {
      auto stage = make_stage(std::move(*instruction), file.stages.size());
      if (!stage) return at(stage.error());
      file.stages.push_back(std::move(*stage));
    } else if (!file.stages.empty()) {
      file.stages.back().instructions.push_back(std::move(*instruction));
    } else if (instruction->keyword == "ARG") {
      file.global_arguments.push_back(std::move(*instruction));
    } else {
      return at({ErrorKind::usage, fmt::format("{} stands before the first FROM", instruction->keyword)});
    }
  }
  if (file.stages.empty()) {
    return fail(ErrorKind::usage,
                fmt::format("{}:{}: the file has no FROM, so there is nothing to build", name, last_line));
  }
  file.escape = reader.escape();
  inherit_triggers(file.stages, file.escape);
  return file;
}

}  // namespace buildlab::dockerfile
