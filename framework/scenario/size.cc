#include <array>
#include <charconv>
#include <cmath>

#include "framework/base/text.h"
#include "framework/scenario/readers.h"

namespace buildlab::scenario {

std::optional<Bytes> parse_size(std::string_view text) {
  struct Unit {
    std::string_view name;
    double bytes;
  };
  static constexpr std::array<Unit, 10> k_units = {{{"", 1},
                                                    {"b", 1},
                                                    {"kb", 1e3},
                                                    {"mb", 1e6},
                                                    {"gb", 1e9},
                                                    {"tb", 1e12},
                                                    {"kib", 1024.0},
                                                    {"mib", 1048576.0},
                                                    {"gib", 1073741824.0},
                                                    {"tib", 1099511627776.0}}};
  text = trim(text);
  double number = 0;
  const auto parsed =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (parsed.ec != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
  const std::string unit = to_lower(trim(text.substr(static_cast<std::size_t>(parsed.ptr - text.data()))));
  for (const Unit& known : k_units) {
    if (unit != known.name) continue;
    const double bytes = std::round(number * known.bytes);
    if (bytes >= 9.2e18) return std::nullopt;
    return Bytes{static_cast<std::uint64_t>(bytes)};
  }
  return std::nullopt;
}

}  // namespace buildlab::scenario
