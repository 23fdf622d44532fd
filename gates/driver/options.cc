#include "gates/driver/options.h"

#include <fmt/format.h>

#include <charconv>
#include <functional>
#include <map>

#include "framework/base/text.h"

namespace buildlab::gates {
namespace {

Result<double> parse_seconds(const std::string& name, const std::string& value) {
  double seconds = 0;
  const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (code != std::errc() || end != value.data() + value.size() || !(seconds > 0)) {
    return fail(ErrorKind::usage, fmt::format("{} is \"{}\"; it takes seconds, more than 0", name, value));
  }
  return seconds;
}

Status check(const DriverOptions& options) {
  if (options.mode == Mode::help || options.mode == Mode::version) return {};
  const auto missing = [](std::string_view name) {
    return fail(ErrorKind::usage, fmt::format("{} is missing", name), {"buildlab-driver --help"});
  };
  if (options.file.empty()) return missing("--scenario FILE");
  if (options.store.empty()) return missing("--store DIR");
  if (options.mode == Mode::scenario && options.name.empty()) return missing("--name NAME");
  return {};
}

}  // namespace

scenario::SourceLine parse_source_line(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  int line = 0;
  if (colon != std::string::npos && colon > 0) {
    const char* end = text.data() + text.size();
    const auto [last, code] = std::from_chars(text.data() + colon + 1, end, line);
    if (code == std::errc() && last == end && line > 0) return {text.substr(0, colon), line};
  }
  return {text, 0};
}

Result<DriverOptions> parse_options(const std::vector<std::string>& arguments) {
  DriverOptions options;
  using Take = std::function<Status(const std::string&)>;
  const auto path = [](std::filesystem::path& target) -> Take {
    return [&target](const std::string& value) -> Status {
      target = std::filesystem::absolute(value).lexically_normal();
      return {};
    };
  };
  const std::map<std::string, Take> with_value = {
      {"--scenario", path(options.file)},
      {"--store", path(options.store)},
      {"--build-dir", path(options.build_dir)},
      {"--installer", path(options.installer)},
      {"--name", [&](const std::string& value) -> Status { return options.name = value, Status(); }},
      {"--run-id", [&](const std::string& value) -> Status { return options.run_id = value, Status(); }},
      {"--declared-at",
       [&](const std::string& value) -> Status {
         return options.declared_at = parse_source_line(value), Status();
       }},
      {"--deadline",
       [&](const std::string& value) -> Status {
         BUILDLAB_ASSIGN(options.deadline_sec, parse_seconds("--deadline", value));
         return {};
       }},
  };
  const std::map<std::string, Mode> modes = {{"--setup", Mode::setup},
                                             {"--finish", Mode::finish},
                                             {"--help", Mode::help},
                                             {"-h", Mode::help},
                                             {"--version", Mode::version}};
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.starts_with("--gtest_")) {
      options.googletest_arguments.push_back(argument);
    } else if (const auto mode = modes.find(argument); mode != modes.end()) {
      options.mode = mode->second;
    } else {
      const std::size_t equals = argument.find('=');
      const std::string name = argument.substr(0, equals);
      const auto take = with_value.find(name);
      if (take == with_value.end()) {
        std::vector<std::string> known;
        for (const auto& [word, unused] : with_value) known.push_back(word);
        for (const auto& [word, unused] : modes) known.push_back(word);
        const auto near = nearest(name, known);
        return fail(ErrorKind::usage, fmt::format("unknown argument \"{}\"{}", argument,
                                                  near ? fmt::format("; did you mean {}?", *near) : ""));
      }
      if (equals == std::string::npos && i + 1 == arguments.size()) {
        return fail(ErrorKind::usage, fmt::format("{} needs a value", name));
      }
      const std::string value = equals == std::string::npos ? arguments[++i] : argument.substr(equals + 1);
      if (value.empty()) return fail(ErrorKind::usage, fmt::format("{} needs a value", name));
      BUILDLAB_TRY(take->second(value));
    }
  }
  BUILDLAB_TRY(check(options));
  return options;
}

std::string usage_text() {
  return R"(buildlab-driver: runs one Build Lab scenario as a GoogleTest program. BuildLab.cmake writes the command lines.

  buildlab-driver --scenario FILE --name NAME --store DIR [--build-dir DIR] [--installer FILE]
                  [--declared-at FILE:LINE] [--deadline SECONDS] [--run-id ID] [--gtest_…]
  buildlab-driver --setup  --scenario FILE --store DIR [--installer FILE]
  buildlab-driver --finish --scenario FILE --store DIR

Exit: 0 passed, 1 a gate failed, 2 wrong usage or scenario file, 3 a build failed, 4 could not be evaluated,
99 infrastructure, 130 interrupted; 77 (skipped) when there is no builder and BUILDLAB_SKIP_UNAVAILABLE=1.
)";
}

}  // namespace buildlab::gates
