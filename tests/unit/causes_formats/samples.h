// Bytes for the tests of formats, and the question asked of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/causes/cause.h"
#include "framework/causes/observation.h"

namespace buildlab::causes {

// Two files that tests/support/record_cause_samples.py made with the real tools.
struct Sample {
  std::string a;
  std::string b;
};
Sample sample(const std::string& name);  // tests/data/causes/NAME.a and .b
std::vector<std::string> sample_names();

// of_format, with itself for members and, below it, a reader of plain text that only knows "built at
// <digits>".
std::optional<Cause> explain(const std::string& path, std::string_view a, std::string_view b,
                             const Surroundings& surroundings = {});
inline std::optional<Cause> explain(const std::string& path, const Sample& of,
                                    const Surroundings& surroundings = {}) {
  return explain(path, of.a, of.b, surroundings);
}
// "TIME J3 proven", "PATH H7 supposed" or "unknown".
std::string verdict(const std::optional<Cause>& cause);
inline std::string fix(const std::optional<Cause>& cause) {
  return cause ? cause->fix : "";
}
// All evidence, a line each.
std::string evidence(const std::optional<Cause>& cause);

// Both builds within an hour of this moment, 2026-11-24T10:00:00Z.
constexpr std::int64_t k_build_time = 1'795'514'400;
Surroundings built_then();
Surroundings built_after(std::int64_t seconds);  // so much later

std::string le(std::uint64_t value, std::size_t width);
std::string be(std::uint64_t value, std::size_t width);
// The bytes with those from `at` on replaced.
std::string with(std::string bytes, std::size_t at, std::string_view part);
std::string gzip(std::string_view plain, std::uint32_t mtime = 0, const std::string& name = "",
                 int level = 6);
// For formats that libarchive writes: "xz", "zstd", "bzip2".
std::string compressed(std::string_view plain, const std::string& filter, int level);

}  // namespace buildlab::causes
