// Which stages and images a target needs. Rules: frontend/dockerfile/dockerfile2llb of BuildKit v0.32.2.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <charconv>
#include <numeric>
#include <set>

#include "framework/base/platform.h"
#include "framework/base/text.h"
#include "framework/dockerfile/dockerfile.h"
#include "framework/dockerfile/instruction.h"
#include "framework/dockerfile/shell_lex.h"
#include "framework/dockerfile/stage_sources.h"

namespace buildlab::dockerfile {
namespace {

std::string where(const Instruction& instruction) {
  return fmt::format("line {}", instruction.lines.first);
}

void add_platform(Variables& variables, const std::string& prefix, const std::string& platform) {
  const auto parts = split(platform, '/');
  const auto part = [&](std::size_t i) { return i < parts.size() ? std::string(parts[i]) : std::string(); };
  variables[prefix + "PLATFORM"] = platform;
  variables[prefix + "OS"] = part(0);
  variables[prefix + "OSVERSION"] = "";
  variables[prefix + "ARCH"] = part(1);
  variables[prefix + "VARIANT"] = part(2);
}

}  // namespace

Result<std::string> expand(const std::string& text, const Variables& variables, char escape) {
  const Lookup lookup = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  LexOptions options;
  options.escape = escape;
  BUILDLAB_ASSIGN(Lexed lexed, lex(text, options, lookup));
  return std::move(lexed.text);
}

Result<Variables> global_variables(const Dockerfile& file, const std::optional<std::string>& target,
                                   const std::map<std::string, std::string>& build_args,
                                   const std::optional<std::string>& platform) {
  Variables variables;
  add_platform(variables, "BUILD", host_platform());
  add_platform(variables, "TARGET", platform.value_or(host_platform()));
  variables["TARGETSTAGE"] = target ? *target : file.stages.back().name.value_or("default");
  for (auto& [name, value] : variables) {
    if (const auto given = build_args.find(name); given != build_args.end()) value = given->second;
  }
  for (const Instruction& instruction : file.global_arguments) {
    for (const std::string& argument : instruction.arguments) {
      const auto equals = argument.find('=');
      const std::string name = argument.substr(0, equals);
      if (const auto given = build_args.find(name); given != build_args.end()) {
        variables[name] = given->second;
      } else if (equals != std::string::npos) {
        auto value = expand(argument.substr(equals + 1), variables, file.escape);
        if (!value) return fail_in(fmt::format("{}: ARG {}", where(instruction), name), value.error());
        variables[name] = std::move(*value);
      }
    }
  }
  return variables;
}

namespace {

struct Graph {
  std::vector<std::vector<Source>> sources;  // by stage, in order, FROM first
};

}  // namespace

std::vector<std::string> mount_fields(std::string_view value) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : value) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

namespace {

// The names after from=, of COPY --from, and RUN --mount; empty for "from" of the build context.
std::vector<std::string> names_read(const Instruction& instruction) {
  std::vector<std::string> names;
  for (const std::string& flag : instruction.flags) {
    if (instruction.keyword == "COPY" && flag.starts_with("--from=")) {
      names.push_back(flag.substr(7));
    } else if (instruction.keyword == "RUN" && flag.starts_with("--mount=")) {
      for (const std::string& field : mount_fields(std::string_view(flag).substr(8))) {
        if (field.size() > 5 && to_lower(field.substr(0, 5)) == "from=") names.push_back(field.substr(5));
      }
    }
  }
  return names;
}

std::optional<int> as_number(std::string_view text) {
  int number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? std::optional(number)
                                                                             : std::nullopt;
}

}  // namespace

Result<Source> source_named(const std::string& name, const Instruction& reader, const StageNames& names,
                            std::size_t stages) {
  // Only COPY knows stages by number.
  if (const auto number = as_number(name); number && reader.keyword == "COPY") {
    if (*number < 0 || static_cast<std::size_t>(*number) >= stages) {
      return fail(ErrorKind::usage, fmt::format("{}: there is no stage {}; stages are 0 to {}", where(reader),
                                                *number, stages - 1));
    }
    return Source{static_cast<std::size_t>(*number), ""};
  }
  if (const auto stage = names.find(to_lower(name)); stage != names.end()) return Source{stage->second, ""};
  return Source{std::nullopt, name};
}

namespace {

Result<Graph> make_graph(const Dockerfile& file, const Variables& variables) {
  Graph graph;
  StageNames names;
  std::vector<std::optional<std::size_t>> base_stage;
  for (const Stage& stage : file.stages) {
    auto base = expand(stage.base, variables, file.escape);
    if (!base) return fail_in(fmt::format("{}: FROM {}", where(stage.from), stage.base), base.error());
    if (base->empty()) {
      return fail(
          ErrorKind::usage,
          fmt::format("{}: FROM {} names no image: its variable has no value", where(stage.from), stage.base),
          {"give the ARG before the first FROM a default, or set it in \"build_args\""});
    }
    // Names of stages are lower case; here alone BuildKit compares as written.
    const auto found = names.find(*base);
    base_stage.push_back(found == names.end() ? std::nullopt : std::optional(found->second));
    graph.sources.push_back({Source{base_stage.back(), *base}});
    if (stage.name) names.insert_or_assign(*stage.name, stage.index);
  }
  for (const Stage& stage : file.stages) {
    std::vector<Instruction> steps = stage.instructions;
    if (const auto base = base_stage[stage.index]) {
      for (const Instruction& instruction : file.stages[*base].instructions) {
        if (auto trigger = triggered_by(instruction, file.escape)) steps.push_back(std::move(*trigger));
      }
    }
    for (const Instruction& instruction : steps) {
      for (const std::string& name : names_read(instruction)) {
        BUILDLAB_ASSIGN(Source source, source_named(name, instruction, names, file.stages.size()));
        graph.sources[stage.index].push_back(std::move(source));
      }
    }
  }
  return graph;
}

Result<std::size_t> find_target(const Dockerfile& file, const std::optional<std::string>& target) {
  if (!target) return file.stages.size() - 1;
  std::vector<std::string> known;
  std::optional<std::size_t> found;
  for (const Stage& stage : file.stages) {
    if (!stage.name) continue;
    known.push_back(*stage.name);
    if (*stage.name == to_lower(*target)) found = stage.index;
  }
  if (found) return *found;
  std::vector<std::string> details;
  if (as_number(*target))
    details.emplace_back("BuildKit takes no numbers as targets; name the stage (FROM … AS name)");
  if (const auto meant = nearest(*target, known))
    details.push_back(fmt::format("did you mean \"{}\"?", *meant));
  return fail(ErrorKind::usage,
              fmt::format("there is no stage \"{}\"; {}", *target,
                          known.empty() ? "no stage of the Dockerfile has a name"
                                        : fmt::format("known: {}", fmt::join(known, ", "))),
              std::move(details));
}

struct Needs {
  std::vector<std::size_t> stages;  // ascending, without a target that lies before others
  Graph graph;
};

Result<Needs> needs_of(const Dockerfile& file, const std::optional<std::string>& target,
                       const std::map<std::string, std::string>& build_args,
                       const std::optional<std::string>& platform) {
  if (file.stages.empty()) return fail(ErrorKind::usage, "the Dockerfile has no stage");
  BUILDLAB_ASSIGN(const std::size_t last, find_target(file, target));
  BUILDLAB_ASSIGN(const Variables variables, global_variables(file, target, build_args, platform));
  BUILDLAB_ASSIGN(Graph graph, make_graph(file, variables));
  std::set<std::size_t> seen{last};
  std::vector<std::size_t> open{last};
  while (!open.empty()) {
    const std::size_t stage = open.back();
    open.pop_back();
    for (const Source& source : graph.sources[stage]) {
      if (source.stage && seen.insert(*source.stage).second) open.push_back(*source.stage);
    }
  }
  seen.erase(last);
  std::vector<std::size_t> stages(seen.begin(), seen.end());
  stages.push_back(last);
  return Needs{std::move(stages), std::move(graph)};
}

}  // namespace

Result<std::vector<std::size_t>> needed_stages(const Dockerfile& file,
                                               const std::optional<std::string>& target,
                                               const std::map<std::string, std::string>& build_args,
                                               const std::optional<std::string>& platform) {
  BUILDLAB_ASSIGN(Needs needs, needs_of(file, target, build_args, platform));
  return std::move(needs.stages);
}

Result<std::vector<std::string>> external_images(const Dockerfile& file,
                                                 const std::optional<std::string>& target,
                                                 const std::map<std::string, std::string>& build_args,
                                                 const std::optional<std::string>& platform) {
  BUILDLAB_ASSIGN(const Needs needs, needs_of(file, target, build_args, platform));
  std::vector<std::string> images;
  const auto add = [&](const std::string& image) {
    if (image != "scratch" && std::find(images.begin(), images.end(), image) == images.end())
      images.push_back(image);
  };
  for (const std::size_t stage : needs.stages) {
    for (const Source& source : needs.graph.sources[stage]) {
      if (!source.stage) add(source.image);
    }
  }
  if (file.syntax) add(*file.syntax);
  return images;
}

}  // namespace buildlab::dockerfile
