#include "framework/base/exact_json.h"

#include <charconv>

namespace buildlab {
namespace {

// Its digits without zeros at either end, and the power of ten of the last one.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t power = 0;

  bool operator==(const Decimal&) const = default;
};

// nullopt: the power of ten has more digits than one counts with.
std::optional<Decimal> decimal_of(std::string_view text) {
  Decimal decimal;
  if (text.starts_with('-')) {
    decimal.negative = true;
    text.remove_prefix(1);
  }
  const std::size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    std::string_view power = text.substr(e + 1);
    if (power.starts_with('+')) power.remove_prefix(1);
    constexpr std::size_t k_longest = 17;
    if (power.size() > k_longest) return std::nullopt;
    const auto [end, error] = std::from_chars(power.data(), power.data() + power.size(), decimal.power);
    if (error != std::errc() || end != power.data() + power.size()) return std::nullopt;
    text = text.substr(0, e);
  }
  bool fraction = false;
  for (const char c : text) {
    if (c == '.') {
      fraction = true;
      continue;
    }
    if (fraction) --decimal.power;
    if (c != '0' || !decimal.digits.empty()) decimal.digits += c;
  }
  while (decimal.digits.ends_with('0')) {
    decimal.digits.pop_back();
    ++decimal.power;
  }
  if (decimal.digits.empty()) decimal.power = 0;
  return decimal;
}

void write_key(std::string& line, std::string_view key) {
  line += to_line(Json(std::string(plain_key(key))));
  line += ':';
}

// parse_exact limits the depth.
void write_value(std::string& line, const Json& value) {
  if (value.is_binary()) {
    const auto& text = value.get_binary();
    line.append(text.begin(), text.end());
    return;
  }
  if (!value.is_structured()) {
    line += to_line(value);
    return;
  }
  line += value.is_object() ? '{' : '[';
  bool first = true;
  for (const auto& [key, member] : value.items()) {
    if (!first) line += ',';
    first = false;
    if (value.is_object()) write_key(line, key);
    write_value(line, member);
  }
  line += value.is_object() ? '}' : ']';
}

}  // namespace

bool is_same_number(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const auto left = decimal_of(a);
  return left && left == decimal_of(b);
}

std::string_view plain_key(std::string_view key) {
  return key.substr(0, key.find(k_named_again));
}

std::string to_exact_line(const Json& value) {
  std::string line;
  write_value(line, value);
  return line;
}

Result<Json> parse_exact_json(std::string_view text, std::string_view name, ErrorKind kind) {
  if (auto value = parse_exact<Json>(text)) return std::move(*value);
  BUILDLAB_TRY(parse_json(text, name, kind));
  return fail(kind, std::string(name) + ": no JSON that can be compared");
}

}  // namespace buildlab
