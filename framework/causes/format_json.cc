// JSON: the order of keys and elements, and members whose values are moments or random identifiers.
#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "framework/base/exact_json.h"
#include "framework/base/text.h"
#include "framework/base/time.h"
#include "framework/causes/binary.h"
#include "framework/causes/binary_tokens.h"
#include "framework/causes/date_text.h"
#include "framework/causes/format_readers.h"
#include "framework/causes/text_tokens.h"

namespace buildlab::causes::formats {
namespace {

constexpr Row k_json_order{
    CauseClass::order, "G8", "members or elements stand in another order",
    "let the program that writes the file sort (Python: sort_keys=True, sorted(); jq -S)"};
constexpr Row k_json_time{
    CauseClass::time, "G5", "values are moments of the build",
    "set SOURCE_DATE_EPOCH in the RUN that writes the file, or remove the member or the file"};
constexpr Row k_uv_time{CauseClass::time, "E5", "uv keeps when it installed the package",
                        "ENV UV_NO_INSTALLER_METADATA=1, or remove uv_cache.json and its line of RECORD"};
constexpr Row k_json_random{CauseClass::rand, "G7", "values are random identifiers",
                            "give the program that writes the file a fixed identifier, or remove the file"};

constexpr std::size_t k_largest = std::size_t{8} << 20;
constexpr std::size_t k_most_dumped = std::size_t{64} << 20;  // of arrays that are compared as sets

// With members sorted: unlike Json's, its objects are quick however many members they have.
using SortedJson = nlohmann::json;
using Histogram = std::array<std::int64_t, 256>;

void count_bytes(std::string_view text, std::int64_t weight, Histogram& histogram) {
  for (const char c : text) histogram[static_cast<unsigned char>(c)] += weight;
}

// The keys in the order of the text, and whether the text is well formed and not too deep.
class KeyReader : public nlohmann::json_sax<SortedJson> {
 public:
  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool string(string_t& /*value*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }
  bool start_object(std::size_t /*size*/) override { return deeper(); }
  bool start_array(std::size_t /*size*/) override { return deeper(); }
  bool end_object() override { return --m_depth >= 0; }
  bool end_array() override { return --m_depth >= 0; }
  bool key(string_t& value) override {
    m_keys.push_back(value);
    return true;
  }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return false;
  }

  const std::vector<std::string>& keys() const { return m_keys; }

 private:
  bool deeper() {
    constexpr int k_deepest = 200;
    return ++m_depth <= k_deepest;
  }

  int m_depth = 0;
  std::vector<std::string> m_keys;
};

struct JsonText {
  SortedJson value;
  std::vector<std::string> keys;
};

std::optional<JsonText> parse_sorted(std::string_view text) {
  KeyReader reader;
  if (!SortedJson::sax_parse(text.begin(), text.end(), &reader)) return std::nullopt;
  auto value = parse_exact<SortedJson>(text);
  if (!value) return std::nullopt;
  return JsonText{std::move(*value), reader.keys()};
}

std::string json_line(const SortedJson& value) {
  return value.dump(-1, ' ', false, SortedJson::error_handler_t::replace);
}

class JsonComparison {
 public:
  explicit JsonComparison(const Reading& reading) : m_reading(reading) {}

  std::optional<Cause> answer(const JsonText& a, const JsonText& b) {
    values(a.value, b.value);
    if (!m_moved) keys(a.keys, b.keys);
    if (m_findings.empty() || m_dumped > k_most_dumped) return std::nullopt;
    // Neither order nor the values found: blanks, or how a number is written.
    count_bytes(m_reading.a(), 1, m_left);
    count_bytes(m_reading.b(), -1, m_left);
    if (m_explained && m_left != Histogram{}) m_findings.unexplained("blanks, or how values are written");
    if (!m_explained) m_findings.unexplained("other members or values");
    auto cause = m_findings.result(m_explained);
    if (cause && m_supposed) cause->proven = false;
    return cause;
  }

 private:
  void values(const SortedJson& a, const SortedJson& b) {
    if (a == b) return;
    if (a.is_object() && b.is_object()) return objects(a, b);
    if (a.is_array() && b.is_array() && a.size() == b.size()) return arrays(a, b);
    if (!a.is_structured() && !b.is_structured()) return scalars(a, b);
    unexplained();
  }

  void keys(std::vector<std::string> a, std::vector<std::string> b) {
    const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (in_a == a.end() || in_b == b.end()) return;
    const std::string moved =
        change(fmt::format("key {}", in_a - a.begin() + 1), in_quotes(*in_a), in_quotes(*in_b));
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    if (a == b) m_findings.add(k_json_order, moved);
  }

  void objects(const SortedJson& a, const SortedJson& b) {
    if (a.size() != b.size()) return unexplained();
    auto at_b = b.begin();
    for (auto at_a = a.begin(); at_a != a.end(); ++at_a, ++at_b) {
      if (at_a.key() != at_b.key()) return unexplained();
      m_where.push_back(at_a.key());
      values(*at_a, *at_b);
      m_where.pop_back();
    }
  }

  void arrays(const SortedJson& a, const SortedJson& b) {
    std::multiset<std::string> left = texts(a);
    if (m_dumped <= k_most_dumped && left == texts(b)) {
      m_moved = true;
      m_supposed = true;  // the order of elements often has a meaning
      m_findings.add(k_json_order,
                     fmt::format("{}: the same {} elements in another order", where(), a.size()));
      return;
    }
    for (std::size_t i = 0; i < a.size() && m_explained; ++i) {
      values(a[i], b[i]);
    }
  }

  std::multiset<std::string> texts(const SortedJson& array) {
    std::multiset<std::string> all;
    for (const SortedJson& element : array) {
      if (m_dumped > k_most_dumped) break;
      std::string text = json_line(element);
      m_dumped += text.size() + 32;
      all.insert(std::move(text));
    }
    return all;
  }

  void scalars(const SortedJson& a, const SortedJson& b) {
    const Row* row = nullptr;
    if (a.is_string() && b.is_string()) {
      row = row_of_texts(a.get_ref<const std::string&>(), b.get_ref<const std::string&>());
    } else if (a.is_number() && b.is_number() && are_moments(a, b)) {
      row = &time_row();
    }
    if (row == nullptr) return unexplained();
    const std::string text_a = json_line(a);
    const std::string text_b = json_line(b);
    m_findings.add(*row, change(where(), in_quotes(text_a), in_quotes(text_b)));
    count_bytes(text_a, -1, m_left);
    count_bytes(text_b, 1, m_left);
  }

  const Row& time_row() const {
    return m_reading.pair.path.ends_with("uv_cache.json") ? k_uv_time : k_json_time;
  }

  bool are_of_builds(std::int64_t a, std::int64_t b) const {
    const Surroundings& surroundings = m_reading.surroundings;
    return near_builds(a, surroundings).value_or(false) && near_builds(b, surroundings).value_or(false);
  }

  // Written out in full it is a time, though not always one of the build; a date alone may be anything.
  bool take_date(const DateText& date) {
    if (date.near_builds) return true;
    if (!date.has_clock) return false;
    m_supposed = true;
    return true;
  }

  const Row* row_of_texts(std::string_view a, std::string_view b) {
    const auto moment_a = parse_rfc3339(a);
    const auto moment_b = parse_rfc3339(b);
    if (moment_a && moment_b) {
      const auto seconds = [](WallTime time) {
        return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
      };
      if (!are_of_builds(seconds(*moment_a), seconds(*moment_b))) m_supposed = true;
      return &time_row();
    }
    constexpr std::size_t k_most_json_runs = 100;
    const auto runs = differing(a, b, k_most_json_runs);
    if (!runs || runs->empty()) return nullptr;
    const Row* row = nullptr;
    std::size_t covered = 0;
    for (const Range& run : *runs) {
      for (std::size_t at = std::max(covered, run.begin); at < run.end(); at = covered) {
        if (const auto date = date_at(a, b, at, m_reading.surroundings)) {
          if (!take_date(*date)) return nullptr;
          row = &time_row();
          covered = date->range.end();
        } else if (const auto random = random_name_at(a, b, at)) {
          if (row == nullptr) row = &k_json_random;
          covered = random->range.end();
        } else {
          return nullptr;
        }
      }
    }
    return row;
  }

  bool are_moments(const SortedJson& a, const SortedJson& b) const {
    const Surroundings& surroundings = m_reading.surroundings;
    const double value_a = a.get<double>();
    const double value_b = b.get<double>();
    for (const double unit : {1.0, 1e3, 1e6, 1e9}) {
      const double seconds_a = std::floor(value_a / unit);
      const double seconds_b = std::floor(value_b / unit);
      if (std::abs(seconds_a) > 1e11 || std::abs(seconds_b) > 1e11) continue;
      if (within(surroundings.build_a, static_cast<std::int64_t>(seconds_a)) &&
          within(surroundings.build_b, static_cast<std::int64_t>(seconds_b))) {
        return true;
      }
    }
    // A fraction of a second beside its seconds.
    const std::string_view key = m_where.empty() ? std::string_view{} : m_where.back();
    return key.starts_with("nano") && surroundings.build_a && value_a >= 0 && value_a < 1e9 && value_b >= 0 &&
           value_b < 1e9;
  }

  void unexplained() { m_explained = false; }

  // "/a/b"; elements of arrays are not numbered.
  std::string where() const {
    constexpr std::size_t k_longest = 100;
    std::string text;
    for (const std::string_view key : m_where) text += fmt::format("/{}", key.substr(0, k_longest));
    return text.empty() ? "/" : one_line(text, k_longest);
  }

  const Reading& m_reading;
  Findings m_findings;
  std::vector<std::string_view> m_where;  // keys on the way to the values that are compared
  bool m_explained = true;
  bool m_moved = false;  // elements, so that keys moved with them
  bool m_supposed = false;
  std::size_t m_dumped = 0;
  Histogram m_left{};  // bytes that one side has more of
};

bool begins_as_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

}  // namespace

std::optional<Cause> of_json(const Reading& reading) {
  if (!begins_as_json(reading.a()) || !begins_as_json(reading.b()) || reading.a().size() > k_largest ||
      reading.b().size() > k_largest) {
    return std::nullopt;
  }
  const auto a = parse_sorted(reading.a());
  const auto b = a ? parse_sorted(reading.b()) : std::nullopt;
  if (!b) return std::nullopt;
  return JsonComparison(reading).answer(*a, *b);
}

}  // namespace buildlab::causes::formats
