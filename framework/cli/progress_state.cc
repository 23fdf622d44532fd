#include "framework/cli/progress_state.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "framework/base/json.h"
#include "framework/base/redact.h"
#include "framework/base/text.h"
#include "framework/report/characters.h"

namespace buildlab::cli {
namespace {

// Lines of a stream that name vertexes are short; a longer one is not worth a display's time.
constexpr std::size_t k_longest_line = 1U << 20U;
constexpr std::size_t k_longest_name = 90;
constexpr std::size_t k_longest_error = 200;
// Preparations of BuildKit and downloads of what is cached are news from here on.
constexpr double k_notable_sec = 1.0;

std::optional<int> parse_int(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::string_view word_of(std::string_view text) {
  return text.substr(0, text.find(' '));
}

// A string field of a JSON object; "" where it is absent or none.
std::string text_field(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

bool true_field(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::string shown_name(const LiveBuild& build, const std::string& vertex_name) {
  const auto shown = [](std::string_view text) {
    return one_line(report::printable(redact_url_credentials(text)), k_longest_name);
  };
  const std::optional<StepName> step = parse_step_name(vertex_name);
  if (!step) return shown(vertex_name);
  const std::optional<int> line = build.source ? line_of(*step, build.source->content) : std::nullopt;
  if (line) return shown(fmt::format("{}:{} {}", build.source->path, *line, step->text));
  return shown(step->stage.empty() ? step->text : fmt::format("[{}] {}", step->stage, step->text));
}

std::string title(const LiveBuild& build) {
  return build.builder.empty() ? build.scenario : fmt::format("{} ({})", build.scenario, build.builder);
}

double seconds_between(const std::string& started, const std::string& completed) {
  const auto begin = parse_rfc3339(started);
  const auto end = parse_rfc3339(completed);
  return begin && end && *end > *begin ? to_seconds(*end - *begin) : 0;
}

bool has_inputs(const Json& vertex) {
  const auto inputs = vertex.find("inputs");
  return inputs != vertex.end() && inputs->is_array() && !inputs->empty();
}

// The log's line for an interval of a vertex that has ended; "" where it is no news.
std::string ended_text(LiveBuild& build, const Json& vertex, const std::string& digest,
                       const std::string& name) {
  const std::optional<StepName> step = parse_step_name(name);
  const double seconds = seconds_between(text_field(vertex, "started"), text_field(vertex, "completed"));
  const std::string error = text_field(vertex, "error");
  const bool cached = true_field(vertex, "cached");
  // What names no inputs of a step that has some is a download of its result, also before it is told cached.
  const bool is_download =
      !cached && error.empty() && !has_inputs(vertex) && build.with_inputs.contains(digest);
  const auto known = build.ended.find(digest);
  const bool is_first = !is_download && known == build.ended.end();
  const bool was_cached = known != build.ended.end() && known->second;
  if (is_first) build.ended.emplace(digest, cached);
  const bool from_outside = step && word_of(step->text) == "FROM";
  const bool always = step && !from_outside && is_first;
  if (!always && error.empty() && seconds < k_notable_sec) return "";

  std::string how;
  if (!error.empty()) {
    how = fmt::format("failed after {}: {}", to_short_text(seconds),
                      one_line(report::printable(redact_url_credentials(error)), k_longest_error));
  } else if (cached) {
    how = "cached";
  } else if (is_download || was_cached) {
    how = fmt::format("fetched from the cache {}", to_short_text(seconds));
  } else {
    how = fmt::format("done {}", to_short_text(seconds));
  }
  const std::string number = step ? fmt::format("step {}/{} ", step->number, step->total) : "";
  return fmt::format("{}: {}{} {}", title(build), number, shown_name(build, name), how);
}

std::vector<const RunningVertex*> shown_vertexes(const LiveBuild& build, TimePoint now) {
  std::vector<const RunningVertex*> shown;
  for (const auto& [digest, vertex] : build.running) {
    if (!vertex.internal || to_seconds(now - vertex.since) >= k_notable_sec) shown.push_back(&vertex);
  }
  std::stable_sort(shown.begin(), shown.end(),
                   [](const RunningVertex* a, const RunningVertex* b) { return a->since < b->since; });
  return shown;
}

// Whole seconds from ten on: a display that redraws needs no tenths there.
std::string elapsed(TimePoint since, TimePoint now) {
  const double seconds = std::max(0.0, to_seconds(now - since));
  return seconds < 10 || seconds >= 99.5 ? to_short_text(seconds) : fmt::format("{:.0f}s", seconds);
}

// `left` and, at the right border of the terminal (or of 100 columns), `right`.
std::string justified(std::string_view left, std::string_view right, std::size_t width) {
  const std::size_t whole = std::min<std::size_t>(width, 100);
  const std::size_t room = whole > right.size() + 1 ? whole - right.size() - 1 : 0;
  const std::string text = report::pad_right(report::cut_to(left, room), room) + " " + std::string(right);
  return report::cut_to(text, width);
}

}  // namespace

std::optional<StepName> parse_step_name(std::string_view name) {
  if (!name.starts_with('[')) return std::nullopt;
  const std::size_t end = name.find("] ");
  if (end == std::string_view::npos) return std::nullopt;
  const std::vector<std::string_view> words = split(name.substr(1, end - 1), ' ');
  const std::size_t slash = words.back().find('/');
  if (words.size() > 3 || slash == std::string_view::npos) return std::nullopt;
  const std::optional<int> number = parse_int(words.back().substr(0, slash));
  const std::optional<int> total = parse_int(words.back().substr(slash + 1));
  if (!number || !total) return std::nullopt;
  StepName step;
  step.number = *number;
  step.total = *total;
  // A platform has a slash, a stage's name has none.
  if (words.size() > 1 && words[words.size() - 2].find('/') == std::string_view::npos)
    step.stage = words[words.size() - 2];
  std::string_view text = name.substr(end + 2);
  if (text.starts_with("LINK ")) text.remove_prefix(5);  // the merge of a COPY --link
  step.text = text;
  return step;
}

std::optional<int> line_of(const StepName& step, const dockerfile::Dockerfile& file) {
  const auto stage = std::find_if(file.stages.begin(), file.stages.end(), [&](const dockerfile::Stage& each) {
    return step.stage.empty() ? file.stages.size() == 1 : each.label() == step.stage;
  });
  if (stage == file.stages.end()) return std::nullopt;
  std::string_view text = step.text;
  if (text.starts_with("ONBUILD ")) text.remove_prefix(8);
  const std::string_view keyword = word_of(text);
  if (keyword == "FROM") return stage->from.lines.first;
  std::vector<const dockerfile::Instruction*> steps = dockerfile::cacheable_steps(*stage);
  // BuildKit numbers the steps of a stage, its FROM among them where that is an image from outside. Its total
  // counts every trigger, ENV and the like too.
  const auto counted = std::count_if(stage->triggers.begin(), stage->triggers.end(),
                                     [](const auto& trigger) { return !dockerfile::is_cacheable(trigger); });
  const int before = step.total - static_cast<int>(steps.size()) - static_cast<int>(counted);
  // "WORKDIR /" is in the total, but makes nothing that gets a number.
  std::erase_if(steps, [](const dockerfile::Instruction* each) {
    return each->keyword == "WORKDIR" && each->arguments.size() == 1 && each->arguments.front() == "/";
  });
  const int index = step.number - before - 1;
  if (before < 0 || before > 1 || index < 0 || index >= static_cast<int>(steps.size())) return std::nullopt;
  const dockerfile::Instruction& instruction = *steps[static_cast<std::size_t>(index)];
  if (instruction.keyword != keyword) return std::nullopt;
  return instruction.lines.first;
}

LiveBuild* LiveState::find(std::string_view scenario, std::string_view builder) {
  const auto found = std::find_if(builds.begin(), builds.end(), [&](const LiveBuild& build) {
    return build.scenario == scenario && build.builder == builder;
  });
  return found == builds.end() ? nullptr : &*found;
}

std::vector<std::string> take_progress_line(LiveBuild& build, std::string_view line, TimePoint now) {
  std::vector<std::string> said;
  // Logs and byte counts are most of a stream and say nothing of which steps run.
  if (line.size() > k_longest_line || line.find("\"vertexes\"") == std::string_view::npos) return said;
  const Json json = Json::parse(line.begin(), line.end(), nullptr, false);
  if (!json.is_object()) return said;
  const auto vertexes = json.find("vertexes");
  if (vertexes == json.end() || !vertexes->is_array()) return said;
  for (const Json& vertex : *vertexes) {
    if (!vertex.is_object()) continue;
    const std::string digest = text_field(vertex, "digest");
    const std::string name = text_field(vertex, "name");
    if (digest.empty() || name.empty()) continue;
    if (has_inputs(vertex)) build.with_inputs.insert(digest);
    if (text_field(vertex, "started").empty()) continue;
    if (text_field(vertex, "completed").empty()) {
      build.running.try_emplace(digest,
                                RunningVertex{shown_name(build, name), now, name.starts_with("[internal]")});
      continue;
    }
    build.running.erase(digest);
    std::string text = ended_text(build, vertex, digest, name);
    if (!text.empty()) said.push_back(std::move(text));
  }
  return said;
}

std::vector<std::string> frame(const LiveState& state, TimePoint now, Size size) {
  constexpr std::string_view spinner[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
  const auto tick =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() / 100;
  std::vector<std::string> lines;
  // The last column stays free: some terminals wrap when it is written.
  const std::size_t width = size.width > 1 ? size.width - 1 : 1;
  for (const LiveBuild& build : state.builds) {
    const std::string left = fmt::format(
        "{} {}  {}", spinner[static_cast<std::size_t>(tick) % std::size(spinner)], title(build), build.label);
    lines.push_back(justified(left, elapsed(build.since, now), width));
    for (const RunningVertex* vertex : shown_vertexes(build, now)) {
      lines.push_back(justified("    " + vertex->name, elapsed(vertex->since, now), width));
    }
  }
  const std::size_t most = size.height > 1 ? size.height - 1 : 1;
  if (lines.size() > most) {
    const std::size_t hidden = lines.size() - most + 1;
    lines.resize(most - 1);
    lines.push_back(report::cut_to(fmt::format("    … {} more", hidden), width));
  }
  return lines;
}

std::string heartbeat(const LiveState& state, TimePoint now) {
  std::vector<std::string> builds;
  for (const LiveBuild& build : state.builds) {
    std::vector<std::string> steps;
    for (const RunningVertex* vertex : shown_vertexes(build, now)) {
      steps.push_back(fmt::format("{} {}", vertex->name, elapsed(vertex->since, now)));
    }
    const std::string what = steps.empty() ? "no step" : fmt::format("{}", fmt::join(steps, ", "));
    builds.push_back(fmt::format("{} {}: {}", title(build), elapsed(build.since, now), what));
  }
  return builds.empty() ? "" : fmt::format("still running: {}", fmt::join(builds, "; "));
}

}  // namespace buildlab::cli
