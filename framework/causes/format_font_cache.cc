// fontconfig's caches, one for each folder of fonts.
#include <fmt/format.h>

#include "framework/causes/binary.h"
#include "framework/causes/format_readers.h"

namespace buildlab::causes::formats {
namespace {

constexpr Row k_font_cache{
    CauseClass::fsmeta, "B21", "fontconfig's cache keeps the modification time of the folder",
    "RUN rm -rf /var/cache/fontconfig in the step that ran fc-cache; or set the folders' times "
    "(touch -d @$SOURCE_DATE_EPOCH) and then run fc-cache -f"};
constexpr std::size_t k_least = 64;
constexpr std::size_t k_seconds = 48;
constexpr std::size_t k_nanoseconds = 56;

// The header of a 64-bit machine of little order; it states the file's size.
bool is_font_cache(std::string_view bytes) {
  constexpr std::uint64_t k_magic = 0xfc02fc04;
  return bytes.size() >= k_least && le(bytes, 0, 4) == k_magic && le(bytes, 8, 8) == bytes.size();
}

std::string folder_time(std::string_view bytes) {
  return moment(le(bytes, k_seconds, 4), le(bytes, k_nanoseconds, 8));
}

}  // namespace

std::optional<Cause> of_font_cache(const Reading& reading) {
  if (!is_font_cache(reading.a()) || !is_font_cache(reading.b())) return std::nullopt;
  const std::string time_a = folder_time(reading.a());
  const std::string time_b = folder_time(reading.b());
  if (time_a == time_b) return std::nullopt;
  if (!equal_outside(reading.a(), reading.b(), {same_place(k_seconds, 4), same_place(k_nanoseconds, 8)})) {
    return std::nullopt;
  }
  Findings findings;
  findings.add(k_font_cache,
               change(fmt::format("offsets {} and {}", k_seconds, k_nanoseconds), time_a, time_b));
  return findings.result(true);
}

}  // namespace buildlab::causes::formats
