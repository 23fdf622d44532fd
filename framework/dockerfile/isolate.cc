#include "framework/dockerfile/isolate.h"

#include <fmt/format.h>
#include <vector>

#include "framework/base/text.h"

namespace buildlab::dockerfile {
namespace {

// Lines 1 to `last`, each with its newline.
std::string lines_of(const std::vector<std::string_view>& all, int first, int last) {
  std::string text;
  for (int line = first; line <= last && line <= static_cast<int>(all.size()); ++line) {
    text += all[static_cast<std::size_t>(line - 1)];
    text += '\n';
  }
  return text;
}

// Its FROM is one line then, in BuildKit's own words.
std::string named_from(const Stage& stage, const std::string& name) {
  std::string text = "FROM ";
  if (stage.platform) text += fmt::format("--platform={} ", *stage.platform);
  return fmt::format("{}{} AS {}\n", text, stage.base, name);
}

}  // namespace

std::pair<std::string, std::string> with_named_stage(std::string_view text, const Dockerfile& file,
                                                     std::size_t stage) {
  const Stage& its = file.stages.at(stage);
  if (its.name) return {std::string(text), *its.name};
  const std::string name = fmt::format("buildlab-stage-{}", stage);
  const std::vector<std::string_view> all = split(text, '\n');
  std::string result = lines_of(all, 1, its.from.lines.first - 1) + named_from(its, name);
  // What takes the place of a FROM over several lines has as many, so that all others keep their numbers.
  result += std::string(static_cast<std::size_t>(its.from.lines.last - its.from.lines.first), '\n');
  return {result + lines_of(all, its.from.lines.last + 1, static_cast<int>(all.size())), name};
}

std::optional<std::string> isolate(std::string_view text, const Dockerfile& file, const LineRange& lines) {
  for (const Stage& stage : file.stages) {
    for (const Instruction& wanted : stage.instructions) {
      if (wanted.lines != lines) continue;
      const auto [named, name] = with_named_stage(text, file, stage.index);
      const std::vector<std::string_view> all = split(named, '\n');
      std::string result = lines_of(all, 1, lines.first - 1);
      result += fmt::format("FROM {} AS {}\n", name, k_isolated_stage);
      // A new stage inherits the image's settings but not its build arguments.
      for (const Instruction& before : stage.instructions) {
        if (before.lines.first >= lines.first) break;
        if (before.keyword == "ARG") result += lines_of(all, before.lines.first, before.lines.last);
      }
      return result + lines_of(all, lines.first, lines.last);
    }
  }
  return std::nullopt;
}

}  // namespace buildlab::dockerfile
