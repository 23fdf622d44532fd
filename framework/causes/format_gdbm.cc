// man-db's index of pages, a GDBM database.
#include <map>
#include <set>

#include <fmt/format.h>

#include "framework/causes/binary.h"
#include "framework/causes/format_readers.h"

namespace buildlab::causes::formats {
namespace {

constexpr Row k_man_index{CauseClass::time, "B10", "man-db's index keeps the modification times of the pages",
                          "rm -rf /var/cache/man in the RUN that installed the pages, or install without "
                          "documentation (dpkg's path-exclude=/usr/share/man/*)"};

using Records = std::map<std::string_view, std::string_view>;

// The records of a GDBM file of a 64-bit machine of little order.
std::optional<Records> parse_gdbm(std::string_view bytes) {
  constexpr std::uint64_t k_magic = 0x13579acf;
  constexpr std::size_t k_bucket_head = 112;  // free blocks, bits, count
  constexpr std::size_t k_element = 24;
  constexpr std::size_t k_most_elements = 1'000'000;
  constexpr std::uint64_t k_unused = 0xffffffff;
  if (le(bytes, 0, 4) != k_magic || bytes.size() < 40) return std::nullopt;
  const auto directory = le(bytes, 8, 8);
  const auto directory_size = le(bytes, 16, 4);
  const auto elements = le(bytes, 28, 4);
  if (!has(bytes, directory, directory_size) || elements > k_most_elements) return std::nullopt;
  std::set<std::uint64_t> buckets;
  for (std::size_t i = 0; i + 8 <= directory_size; i += 8) buckets.insert(le(bytes, directory + i, 8));
  if (buckets.size() * elements > k_most_elements) return std::nullopt;
  Records records;
  for (const std::uint64_t bucket : buckets) {
    if (!has(bytes, bucket, k_bucket_head + elements * k_element)) return std::nullopt;
    for (std::uint64_t i = 0; i < elements; ++i) {
      const std::size_t at = bucket + k_bucket_head + i * k_element;
      if (le(bytes, at, 4) == k_unused) continue;
      const auto data = le(bytes, at + 8, 8);
      const auto key_size = le(bytes, at + 16, 4);
      const auto value_size = le(bytes, at + 20, 4);
      if (!has(bytes, data, key_size) || !has(bytes, data + key_size, value_size)) return std::nullopt;
      records.emplace(bytes.substr(data, key_size), bytes.substr(data + key_size, value_size));
    }
  }
  return records;
}

// "-\t1\t1\tSECONDS\tNANOSECONDS\tA\t-\t-\t-\tdescription": the two numbers, as one range.
std::optional<Range> page_time(std::string_view value) {
  std::size_t begin = 0;
  for (int field = 0; field < 3; ++field) {
    begin = value.find('\t', begin);
    if (begin == std::string_view::npos) return std::nullopt;
    ++begin;
  }
  const std::size_t middle = value.find('\t', begin);
  const std::size_t end = middle == std::string_view::npos ? middle : value.find('\t', middle + 1);
  if (end == std::string_view::npos || !digits(value.substr(begin, middle - begin), 10) ||
      !digits(value.substr(middle + 1, end - middle - 1), 10)) {
    return std::nullopt;
  }
  return Range{begin, end - begin};
}

std::string shown_page_time(std::string_view value, Range range) {
  const std::string_view text = value.substr(range.begin, range.size);
  const std::size_t tab = text.find('\t');
  return moment(digits(text.substr(0, tab), 10).value_or(0), digits(text.substr(tab + 1), 10).value_or(0));
}

}  // namespace

std::optional<Cause> of_gdbm(const Reading& reading) {
  constexpr std::string_view k_magic("\xcf\x9a\x57\x13", 4);
  if (!reading.both_start_with(k_magic)) return std::nullopt;
  const auto a = parse_gdbm(reading.a());
  const auto b = parse_gdbm(reading.b());
  if (!a || !b || a->size() != b->size()) return std::nullopt;
  Findings findings;
  for (const auto& [key, value_a] : *a) {
    const auto other = b->find(key);
    if (other == b->end()) return std::nullopt;
    const std::string_view value_b = other->second;
    if (value_a == value_b) continue;
    const auto time_a = page_time(value_a);
    const auto time_b = page_time(value_b);
    if (!time_a || !time_b || !equal_outside(value_a, value_b, {{*time_a, *time_b}})) return std::nullopt;
    findings.add(k_man_index, change(in_quotes(key.substr(0, key.find('\0'))),
                                     shown_page_time(value_a, *time_a), shown_page_time(value_b, *time_b)));
  }
  // Times of another length move the records; what the free space keeps of older ones is not looked at.
  return findings.result(reading.a().size() == reading.b().size());
}

}  // namespace buildlab::causes::formats
