#include "framework/record/layout.h"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>

#include "framework/base/digest.h"
#include "framework/base/text.h"

namespace buildlab::record {
namespace {

// File systems hold 255 bytes in a name; a temporary name beside it needs a few of them.
constexpr std::size_t k_longest_name = 200;

bool is_plain(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

}  // namespace

std::string folder_name(std::string_view scenario) {
  std::string name;
  for (const char c : scenario) {
    if (is_plain(c) && !(name.empty() && c == '.')) {
      name += c;
    } else {
      name += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  for (const char* own : {k_run_name, k_events_name, k_bases_name, k_bases_lock_name}) {
    if (name == own) name.replace(name.find('.'), 1, "%2E");
  }
  if (name.empty()) return "%";
  if (name.size() > k_longest_name) {
    // '%' before 'd' is no code of a byte above, so no other name ends like this.
    name = fmt::format("{}%d{}", name.substr(0, k_longest_name - 34), sha256(scenario).hex().substr(0, 32));
  }
  return name;
}

Status check_run_id(std::string_view run_id) {
  const bool plain = !run_id.empty() && run_id.front() != '.' && run_id.size() <= k_longest_name &&
                     std::all_of(run_id.begin(), run_id.end(), is_plain);
  if (plain) return {};
  return fail(ErrorKind::usage, fmt::format("\"{}\" is no run's id", one_line(run_id, 80)),
              {"ids look like 2026-11-23T20-02-11Z-7f3a: letters, digits, '.', '_' and '-'"});
}

std::string make_run_id(WallTime now) {
  const auto fraction = (now - std::chrono::floor<std::chrono::seconds>(now)).count();
  return fmt::format("{}-{:04x}", to_file_stamp(now), fraction * 65'536 / 1'000'000'000);
}

std::optional<WallTime> time_of_run_id(std::string_view run_id) {
  constexpr std::string_view shape = "2026-11-23T20-02-11Z";
  if (run_id.size() < shape.size()) return std::nullopt;
  std::string text(run_id.substr(0, shape.size()));
  if (text[13] != '-' || text[16] != '-') return std::nullopt;
  text[13] = text[16] = ':';
  const auto time = parse_rfc3339(text);
  if (!time) return std::nullopt;
  return *time;
}

}  // namespace buildlab::record
