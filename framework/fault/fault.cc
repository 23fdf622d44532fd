#include "framework/fault/fault.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "framework/base/text.h"

namespace buildlab::fault {
namespace {

constexpr std::array<std::pair<At, std::string_view>, 4> k_ats{
    {{At::import, "import"}, {At::pull, "pull"}, {At::write, "export"}, {At::fetch, "fetch"}}};

constexpr std::array<std::pair<Kind, std::string_view>, 13> k_kinds{
    {{Kind::refused, "refused"},
     {Kind::status, "status"},
     {Kind::too_many_requests, "too_many_requests"},
     {Kind::latency, "latency"},
     {Kind::bandwidth, "bandwidth"},
     {Kind::cut, "cut"},
     {Kind::corrupt, "corrupt"},
     {Kind::gone, "gone"},
     {Kind::unauthorized, "unauthorized"},
     {Kind::unreachable, "unreachable"},
     {Kind::no_route, "no_route"},
     {Kind::slow_dns, "slow_dns"},
     {Kind::unresolved, "unresolved"}}};

// An hour of waiting is longer than any client has patience.
constexpr double k_hour_ms = 3600.0 * 1000;
constexpr double k_most_bytes = 1e15;

template <typename Value, std::size_t N>
std::string_view name_in(const std::array<std::pair<Value, std::string_view>, N>& table, Value value) {
  for (const auto& entry : table) {
    if (entry.first == value) return entry.second;
  }
  return "";
}

template <typename Value, std::size_t N>
std::vector<std::string> names_in(const std::array<std::pair<Value, std::string_view>, N>& table) {
  std::vector<std::string> names;
  for (const auto& entry : table) names.emplace_back(entry.second);
  return names;
}

template <typename Value, std::size_t N>
std::optional<Value> value_in(const std::array<std::pair<Value, std::string_view>, N>& table,
                              std::string_view text) {
  for (const auto& entry : table) {
    if (entry.second == text) return entry.first;
  }
  return std::nullopt;
}

tl::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  return fail(ErrorKind::usage, fmt::format("\"{}\" is no fault: {}", one_line(text, 80), why),
              {fmt::format("a fault is written AT KIND [KEY=NUMBER...], at {} and kind {}",
                           fmt::join(at_names(), ", "), fmt::join(kind_names(), ", "))});
}

std::string problem_with(Fault& fault, std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return fmt::format("{} is not KEY=NUMBER", one_line(word, 40));
  const std::string_view key = word.substr(0, equals);
  const std::string_view digits = word.substr(equals + 1);
  const std::vector<Parameter> known = parameters(fault.kind);
  const auto parameter =
      std::find_if(known.begin(), known.end(), [&](const Parameter& each) { return each.key == key; });
  if (parameter == known.end())
    return fmt::format("{} takes no {}", to_string(fault.kind), one_line(key, 40));
  if (value_of(fault, key)) return fmt::format("{} stands there twice", key);
  std::int64_t value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const auto number = static_cast<double>(value);
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size() || number < parameter->least ||
      number > parameter->most) {
    return fmt::format("{} must be a whole number from {:.0f} to {:.0f}", key, parameter->least,
                       parameter->most);
  }
  set_value(fault, key, value);
  return "";
}

}  // namespace

std::string_view to_string(At at) {
  return name_in(k_ats, at);
}
std::string_view to_string(Kind kind) {
  return name_in(k_kinds, kind);
}
std::vector<std::string> at_names() {
  return names_in(k_ats);
}
std::vector<std::string> kind_names() {
  return names_in(k_kinds);
}
std::optional<At> parse_at(std::string_view text) {
  return value_in(k_ats, text);
}
std::optional<Kind> parse_kind(std::string_view text) {
  return value_in(k_kinds, text);
}
bool is_of_way(Kind kind) {
  return kind == Kind::unreachable || kind == Kind::no_route || kind == Kind::slow_dns ||
         kind == Kind::unresolved;
}

namespace {

std::vector<Parameter> own_parameters(Kind kind) {
  switch (kind) {
    case Kind::status:
      return {{"status", 400, 599, true}};
    case Kind::too_many_requests:
      return {{"retry_after_sec", 0, 3600}};
    case Kind::latency:
      return {{"latency_ms", 1, k_hour_ms, true}, {"jitter_ms", 0, k_hour_ms}};
    case Kind::bandwidth:
      return {{"bytes_per_sec", 1024, k_most_bytes, true}};
    case Kind::cut:
      return {{"after_bytes", 0, k_most_bytes}};
    case Kind::slow_dns:
      return {{"delay_ms", 1, k_hour_ms, true}};
    case Kind::refused:
    case Kind::corrupt:
    case Kind::gone:
    case Kind::unauthorized:
    case Kind::unreachable:
    case Kind::no_route:
    case Kind::unresolved:
      return {};
  }
  return {};
}

}  // namespace

std::vector<Parameter> parameters(Kind kind) {
  std::vector<Parameter> all = own_parameters(kind);
  const std::vector<Parameter> of_every_kind{{"times", 1, 1000000},
                                             {"build", 1, 1000},
                                             {"from_ms", 0, k_hour_ms},
                                             {"for_ms", 1, k_hour_ms},
                                             {"every_ms", 1, k_hour_ms}};
  all.insert(all.end(), of_every_kind.begin(), of_every_kind.end());
  return all;
}

std::optional<std::string> schedule_problem(const Fault& fault) {
  if (!fault.every_ms) return std::nullopt;
  if (!fault.for_ms) return "every_ms needs for_ms";
  if (*fault.every_ms < *fault.for_ms) return "every_ms must not be less than for_ms";
  return std::nullopt;
}

bool is_on(const Fault& fault, std::optional<int> build, std::int64_t after_ms) {
  if (fault.build && fault.build != build) return false;
  const std::int64_t since = after_ms - fault.from_ms.value_or(0);
  if (since < 0) return false;
  if (!fault.for_ms) return true;
  return (fault.every_ms ? since % *fault.every_ms : since) < *fault.for_ms;
}

std::optional<std::int64_t> value_of(const Fault& fault, std::string_view key) {
  const auto wide = [](const auto& value) -> std::optional<std::int64_t> {
    if (!value) return std::nullopt;
    return static_cast<std::int64_t>(*value);
  };
  if (key == "times") return wide(fault.times);
  if (key == "status") return wide(fault.status);
  if (key == "retry_after_sec") return wide(fault.retry_after_sec);
  if (key == "latency_ms") return wide(fault.latency_ms);
  if (key == "jitter_ms") return wide(fault.jitter_ms);
  if (key == "bytes_per_sec") return wide(fault.bytes_per_sec);
  if (key == "after_bytes") return wide(fault.after_bytes);
  if (key == "delay_ms") return wide(fault.delay_ms);
  if (key == "build") return wide(fault.build);
  if (key == "from_ms") return wide(fault.from_ms);
  if (key == "for_ms") return wide(fault.for_ms);
  if (key == "every_ms") return wide(fault.every_ms);
  return std::nullopt;
}

void set_value(Fault& fault, std::string_view key, std::int64_t value) {
  const auto number = static_cast<int>(value);
  if (key == "times") fault.times = number;
  if (key == "status") fault.status = number;
  if (key == "retry_after_sec") fault.retry_after_sec = number;
  if (key == "latency_ms") fault.latency_ms = number;
  if (key == "jitter_ms") fault.jitter_ms = number;
  if (key == "delay_ms") fault.delay_ms = number;
  if (key == "build") fault.build = number;
  if (key == "from_ms") fault.from_ms = number;
  if (key == "for_ms") fault.for_ms = number;
  if (key == "every_ms") fault.every_ms = number;
  if (key == "bytes_per_sec") fault.bytes_per_sec = static_cast<std::uint64_t>(value);
  if (key == "after_bytes") fault.after_bytes = static_cast<std::uint64_t>(value);
}

std::string to_string(const Fault& fault) {
  std::string text = fmt::format("{} {}", to_string(fault.at), to_string(fault.kind));
  for (const Parameter& parameter : parameters(fault.kind)) {
    if (const auto value = value_of(fault, parameter.key))
      text += fmt::format(" {}={}", parameter.key, *value);
  }
  return text;
}

Result<Fault> parse_fault(std::string_view text) {
  std::vector<std::string_view> words;
  for (const std::string_view word : split(text, ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  if (words.size() < 2) return refuse(text, "it needs a place and a kind");
  const auto at = parse_at(words[0]);
  const auto kind = parse_kind(words[1]);
  if (!at) return refuse(text, fmt::format("{} is no place", one_line(words[0], 40)));
  if (!kind) return refuse(text, fmt::format("{} is no kind", one_line(words[1], 40)));
  Fault fault;
  fault.at = *at;
  fault.kind = *kind;
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (const std::string problem = problem_with(fault, words[i]); !problem.empty())
      return refuse(text, problem);
  }
  for (const Parameter& parameter : parameters(*kind)) {
    if (parameter.required && !value_of(fault, parameter.key))
      return refuse(text, fmt::format("{} needs {}", words[1], parameter.key));
  }
  if (const auto problem = schedule_problem(fault)) return refuse(text, *problem);
  return fault;
}

}  // namespace buildlab::fault
