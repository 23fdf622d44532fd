// Lines out of pieces, JSON out of lines, vertexes out of JSON. What the fields mean: cache.md 4.6, that is
// client/graph.go of BuildKit.
#include "framework/metrics/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/value.hpp>
#include <cstring>
#include <unordered_map>

#include "framework/base/text.h"
#include "framework/metrics/log_tail.h"
#include "framework/metrics/proxy_log.h"

namespace buildlab::metrics {
namespace {

namespace json = boost::json;

constexpr std::size_t k_max_line = std::size_t{64} << 20U;
constexpr std::size_t k_max_plain_lines = 200;
constexpr std::size_t k_max_plain_bytes = 2000;
constexpr std::size_t k_max_warnings = 200;
// Real vertexes have a few intervals and transfers for each layer; beyond these a stream is broken or
// hostile.
constexpr std::size_t k_max_intervals = 4096;
constexpr std::size_t k_max_transfers = 4096;
constexpr std::size_t k_arena = std::size_t{256} << 10U;
constexpr std::string_view k_whitespace = " \t\r";

struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

}  // namespace

struct ProgressDecoder::State {
  BuildGraph graph;
  std::vector<LogTail> logs;         // one for each vertex
  std::vector<ProxyLog> proxy_logs;  // the same
  std::unordered_map<std::string, std::size_t, StringHash, std::equal_to<>> by_digest;
  std::string open_line;
  bool skipping = false;  // inside a line beyond the limit
  std::optional<std::string> first_error;
  std::vector<unsigned char> arena = std::vector<unsigned char>(k_arena);
  json::parser parser;
  std::string log_bytes;

  void remember(std::string_view cause) {
    if (!first_error) first_error = fmt::format("progress stream, line {}: {}", graph.lines, cause);
  }

  // A member of the wanted type; nullptr when absent or null, and when it is of another type (remembered).
  template <typename T>
  const T* member(const json::object& object, std::string_view name, std::string_view wanted) {
    const json::value* found = object.if_contains({name.data(), name.size()});
    if (found == nullptr || found->is_null()) return nullptr;
    const T* value = nullptr;
    if constexpr (std::is_same_v<T, json::string>) value = found->if_string();
    if constexpr (std::is_same_v<T, json::array>) value = found->if_array();
    if constexpr (std::is_same_v<T, json::object>) value = found->if_object();
    if constexpr (std::is_same_v<T, bool>) value = found->if_bool();
    if constexpr (std::is_same_v<T, std::int64_t>) value = found->if_int64();
    if (value == nullptr) remember(fmt::format("'{}' is not {}", name, wanted));
    return value;
  }

  std::string_view text(const json::object& object, std::string_view name) {
    const auto* found = member<json::string>(object, name, "a string");
    return found == nullptr ? std::string_view{} : view(*found);
  }

  std::optional<WallTime> time(const json::object& object, std::string_view name) {
    const std::string_view found = text(object, name);
    if (found.empty()) return std::nullopt;
    auto parsed = parse_rfc3339(found);
    if (!parsed) {
      remember(fmt::format("'{}' is not a time: {}", name, parsed.error().message));
      return std::nullopt;
    }
    return *parsed;
  }

  std::size_t vertex_index(std::string_view digest) {
    if (const auto found = by_digest.find(digest); found != by_digest.end()) return found->second;
    const std::size_t index = graph.vertexes.size();
    graph.vertexes.emplace_back().digest = digest;
    logs.emplace_back();
    proxy_logs.emplace_back();
    by_digest.emplace(digest, index);
    return index;
  }

  // The elements of an array of objects; anything else in it is remembered and passed over.
  template <typename Visit>
  void each(const json::object& object, std::string_view name, const Visit& visit) {
    const auto* elements = member<json::array>(object, name, "an array");
    if (elements == nullptr) return;
    for (const json::value& element : *elements) {
      if (const auto* entry = element.if_object()) {
        visit(*entry);
      } else {
        remember(fmt::format("an element of '{}' is not an object", name));
      }
    }
  }

  void add_vertex(const json::object& event);
  void add_status(const json::object& event);
  void add_log(const json::object& event);
  void add_warning(const json::object& event);
  void add_line(std::string_view line);
  void add_json(std::string_view line);
};

void ProgressDecoder::State::add_vertex(const json::object& event) {
  const std::string_view digest = text(event, "digest");
  if (digest.empty()) return remember("a vertex without a digest");
  Vertex& vertex = graph.vertexes[vertex_index(digest)];
  if (const std::string_view name = text(event, "name"); !name.empty()) vertex.name = name;

  bool has_inputs = false;
  if (const auto* inputs = member<json::array>(event, "inputs", "an array")) {
    has_inputs = !inputs->empty();
    if (has_inputs && vertex.inputs.empty()) {
      for (const json::value& input : *inputs) {
        if (const auto* known = input.if_string()) {
          vertex.inputs.emplace_back(view(*known));
        } else {
          remember("an element of 'inputs' is not a string");
        }
      }
    }
  }
  const std::string_view error = text(event, "error");
  const auto completed = time(event, "completed");
  auto started = time(event, "started");
  if (!started) started = completed;
  if (!started) {
    if (!error.empty()) vertex.error = error;
    return;
  }
  auto at = std::find_if(vertex.intervals.rbegin(), vertex.intervals.rend(),
                         [&](const Interval& interval) { return interval.started == *started; });
  if (at == vertex.intervals.rend()) {
    if (vertex.intervals.size() >= k_max_intervals) {
      return remember(
          fmt::format("vertex '{}' has more than {} intervals", one_line(vertex.name, 80), k_max_intervals));
    }
    vertex.intervals.push_back(Interval{.started = *started, .completed = {}, .error = {}});
    at = vertex.intervals.rbegin();
  }
  // The last event of an interval says how it ended: the start of a run after a failed load still carries the
  // load's error, its end does not.
  if (completed) at->completed = completed;
  const auto* cached = member<bool>(event, "cached", "true or false");
  at->cached = cached != nullptr && *cached;
  at->has_inputs = at->has_inputs || has_inputs;
  at->error = error;
}

void ProgressDecoder::State::add_status(const json::object& event) {
  const std::string_view digest = text(event, "vertex");
  const std::string_view id = text(event, "id");
  if (digest.empty() || id.empty()) return remember("a status without a vertex or an id");
  const auto completed = time(event, "completed");
  const auto timestamp = time(event, "timestamp");
  auto first = time(event, "started");
  if (!first) first = timestamp ? timestamp : completed;
  if (!first) return remember("a status without a time");
  Vertex& vertex = graph.vertexes[vertex_index(digest)];
  auto at = std::find_if(vertex.transfers.rbegin(), vertex.transfers.rend(),
                         [&](const Transfer& transfer) { return transfer.id == id; });
  if (at == vertex.transfers.rend()) {
    if (vertex.transfers.size() >= k_max_transfers) {
      return remember(
          fmt::format("vertex '{}' has more than {} transfers", one_line(vertex.name, 80), k_max_transfers));
    }
    vertex.transfers.push_back(Transfer{.id = std::string(id), .first = *first, .last = *first});
    at = vertex.transfers.rbegin();
  }
  if (const auto* current = member<std::int64_t>(event, "current", "a whole number")) at->current = *current;
  if (const auto* total = member<std::int64_t>(event, "total", "a whole number")) at->total = *total;
  at->first = std::min(at->first, *first);
  at->last = std::max(at->last, completed.value_or(timestamp.value_or(*first)));
  at->completed = at->completed || completed.has_value();
}

void ProgressDecoder::State::add_log(const json::object& event) {
  const std::string_view digest = text(event, "vertex");
  if (digest.empty()) return remember("a log without a vertex");
  log_bytes.clear();
  if (!decode_base64(text(event, "data"), log_bytes)) remember("'data' of a log is not base64");
  const std::size_t vertex = vertex_index(digest);
  logs[vertex].add(log_bytes);
  const auto* stream = member<std::int64_t>(event, "stream", "a whole number");
  constexpr std::int64_t k_stderr = 2;
  if (stream != nullptr && *stream == k_stderr) proxy_logs[vertex].add(log_bytes);
}

void ProgressDecoder::State::add_warning(const json::object& event) {
  if (graph.warnings.size() >= k_max_warnings) return;
  std::string message;
  if (!decode_base64(text(event, "short"), message)) message = text(event, "short");
  if (message.empty()) return;
  message = one_line(message, 500);
  if (std::find(graph.warnings.begin(), graph.warnings.end(), message) == graph.warnings.end()) {
    graph.warnings.push_back(std::move(message));
  }
}

void ProgressDecoder::State::add_json(std::string_view line) {
  json::monotonic_resource memory(arena.data(), arena.size());
  parser.reset(&memory);
  json::error_code error;
  const std::size_t consumed = parser.write(line.data(), line.size(), error);
  if (error) {
    remember(fmt::format("not valid JSON at byte {}: {}", consumed, error.message()));
    parser.reset();
    return;
  }
  {
    const json::value parsed = parser.release();
    const json::object& status = parsed.get_object();  // the line begins with '{'
    each(status, "vertexes", [&](const json::object& event) { add_vertex(event); });
    each(status, "statuses", [&](const json::object& event) { add_status(event); });
    each(status, "logs", [&](const json::object& event) { add_log(event); });
    each(status, "warnings", [&](const json::object& event) { add_warning(event); });
  }
  parser.reset();
}

void ProgressDecoder::State::add_line(std::string_view line) {
  ++graph.lines;
  const std::size_t begin = line.find_first_not_of(k_whitespace);
  if (begin == std::string_view::npos) return;
  if (line[begin] == '{') {
    add_json(line.substr(begin));
  } else if (graph.plain_lines.size() < k_max_plain_lines) {
    const std::size_t end = line.find_last_not_of(k_whitespace);
    graph.plain_lines.emplace_back(line.substr(0, std::min(end + 1, k_max_plain_bytes)));
  }
}

ProgressDecoder::ProgressDecoder() : m_state(std::make_unique<State>()) {}
ProgressDecoder::~ProgressDecoder() = default;
ProgressDecoder::ProgressDecoder(ProgressDecoder&&) noexcept = default;

void ProgressDecoder::feed(std::string_view bytes) {
  State& state = *m_state;
  while (!bytes.empty()) {
    const auto* newline = static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
    const std::size_t length =
        newline == nullptr ? bytes.size() : static_cast<std::size_t>(newline - bytes.data());
    const std::string_view piece = bytes.substr(0, length);
    if (!state.skipping && state.open_line.size() + piece.size() > k_max_line) {
      state.skipping = true;
      state.open_line = {};
    }
    if (newline == nullptr) {
      if (!state.skipping) state.open_line.append(piece);
      return;
    }
    if (state.skipping) {
      ++state.graph.lines;
      state.remember(fmt::format("longer than {} MiB", k_max_line >> 20U));
      state.skipping = false;
    } else if (state.open_line.empty()) {
      state.add_line(piece);
    } else {
      state.open_line.append(piece);
      state.add_line(state.open_line);
      state.open_line.clear();
    }
    bytes.remove_prefix(length + 1);
  }
}

Result<BuildGraph> ProgressDecoder::finish() {
  State& state = *m_state;
  if (state.skipping || !state.open_line.empty()) {
    state.graph.truncated = true;
    // The whole of what a builder said before it was cut off counts; half a JSON line says nothing and is no
    // error.
    const auto before = state.first_error;
    if (!state.skipping) state.add_line(state.open_line);
    state.first_error = before;
    if (state.skipping) state.remember(fmt::format("longer than {} MiB", k_max_line >> 20U));
  }
  if (state.first_error) {
    return fail(
        ErrorKind::infrastructure, *state.first_error,
        {"the stream is BuildKit's --progress=rawjson; was its file changed, or is this another format?"});
  }
  for (std::size_t i = 0; i < state.graph.vertexes.size(); ++i) {
    Vertex& vertex = state.graph.vertexes[i];
    vertex.log_tail = state.logs[i].lines();
    vertex.fetched = state.proxy_logs[i].fetched();
    vertex.requests = state.proxy_logs[i].requests();
    std::stable_sort(vertex.intervals.begin(), vertex.intervals.end(),
                     [](const Interval& a, const Interval& b) { return a.started < b.started; });
  }
  return std::move(state.graph);
}

}  // namespace buildlab::metrics
