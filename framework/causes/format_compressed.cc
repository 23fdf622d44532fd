// gzip, xz, zstd, bzip2: the header, the compressor, and what is inside.
#include <algorithm>

#include <fmt/format.h>

#include "framework/causes/binary.h"
#include "framework/causes/format_readers.h"
#include "framework/causes/inflate.h"

namespace buildlab::causes::formats {
namespace {

constexpr Row k_gzip_time{CauseClass::time, "K3", "gzip's header keeps the source file's modification time",
                          "compress with `gzip -n` (in Python: gzip.GzipFile(..., mtime=0))"};
constexpr Row k_gzip_name{CauseClass::path, "K3", "gzip's header keeps the source file's name",
                          "compress with `gzip -n`, or from a file of a fixed name"};
constexpr Row k_gzip_tool{CauseClass::comp, "K3", "gzip's header tells the compression level and system",
                          "pin the package of the program that packs, and name the level: gzip -n -9"};
constexpr Row k_recompressed{CauseClass::comp, "K3", "the same content was compressed in another way",
                             "compress with the same program, version, level and number of threads in every "
                             "build"};
constexpr Row k_recompressed_other{CauseClass::comp, "G2", "the same content was compressed in another way",
                                   "compress with the same program, version, level and number of threads in "
                                   "every build"};

constexpr std::size_t k_least_gzip = 18;  // header and trailer
enum : unsigned { k_flag_crc = 2, k_flag_extra = 4, k_flag_name = 8, k_flag_comment = 16 };

struct GzipHeader {
  unsigned flags = 0;
  std::uint64_t mtime = 0;
  Range name;  // with its NUL; empty without one
  Range crc;
};

std::optional<Range> zero_ended(std::string_view bytes, std::size_t at) {
  const std::size_t end = bytes.find('\0', at);
  if (end == std::string_view::npos) return std::nullopt;
  return Range{at, end + 1 - at};
}

std::optional<GzipHeader> parse_gzip_header(std::string_view bytes) {
  GzipHeader header;
  header.flags = static_cast<unsigned>(le(bytes, 3, 1));
  header.mtime = le(bytes, 4, 4);
  std::size_t at = 10;
  if ((header.flags & k_flag_extra) != 0) at += 2 + le(bytes, at, 2);
  header.name = {at, 0};
  for (const unsigned flag : {k_flag_name, k_flag_comment}) {
    if ((header.flags & flag) == 0) continue;
    const auto text = zero_ended(bytes, at);
    if (!text) return std::nullopt;
    if (flag == k_flag_name) header.name = *text;
    at = text->end();
  }
  header.crc = {at, (header.flags & k_flag_crc) != 0 ? std::size_t{2} : 0};
  if (!has(bytes, header.crc.begin, header.crc.size)) return std::nullopt;
  return header;
}

std::string shown_name(std::string_view bytes, const GzipHeader& header) {
  if (header.name.size == 0) return "none";
  return in_quotes(bytes.substr(header.name.begin, header.name.size - 1));
}

std::string shown_mtime(const GzipHeader& header) {
  return header.mtime == 0 ? "none" : moment(header.mtime);
}

// What the headers differ in, and the bytes of it.
std::vector<Mask> compare_gzip_headers(const Reading& reading, Findings& findings) {
  const auto a = parse_gzip_header(reading.a());
  const auto b = parse_gzip_header(reading.b());
  if (!a || !b) return {};
  std::vector<Mask> masks;
  if (a->mtime != b->mtime) {
    findings.add(k_gzip_time, change("offset 4", shown_mtime(*a), shown_mtime(*b)));
    masks.push_back(same_place(4, 4));
  }
  const std::string name_a = shown_name(reading.a(), *a);
  const std::string name_b = shown_name(reading.b(), *b);
  if (name_a != name_b) {
    findings.add(k_gzip_name, change(fmt::format("offset {}", a->name.begin), name_a, name_b));
    masks.push_back({a->name, b->name});
    if ((a->flags ^ b->flags) == k_flag_name) masks.push_back(same_place(3, 1));
  }
  if (le(reading.a(), 8, 2) != le(reading.b(), 8, 2)) {
    findings.add(k_gzip_tool, change("offset 8", lower_hex(reading.a().substr(8, 2)),
                                     lower_hex(reading.b().substr(8, 2))));
    masks.push_back(same_place(8, 2));
  }
  if (a->crc.size != 0 && b->crc.size != 0) masks.push_back({a->crc, b->crc});
  return masks;
}

std::string inner_name(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  for (const std::string_view suffix : {".tgz", ".txz", ".tzst", ".tbz2", ".tbz"}) {
    if (name.ends_with(suffix)) return std::string(name.substr(0, name.size() - suffix.size())) + ".tar";
  }
  if (name.ends_with(".svgz")) return std::string(name.substr(0, name.size() - 1));
  for (const std::string_view suffix : {".gz", ".xz", ".zst", ".bz2"}) {
    if (name.ends_with(suffix)) return std::string(name.substr(0, name.size() - suffix.size()));
  }
  return std::string(name);
}

}  // namespace

std::optional<Cause> of_compressed(const Reading& reading) {
  const auto compression = compression_of(reading.a());
  if (!compression || compression_of(reading.b()) != compression) return std::nullopt;
  const bool gzip = *compression == Compression::gzip;
  Findings header;
  if (gzip) {
    if (std::min(reading.a().size(), reading.b().size()) < k_least_gzip) return std::nullopt;
    const auto masks = compare_gzip_headers(reading, header);
    if (equal_outside(reading.a(), reading.b(), masks)) return header.result(true);
  }
  if (!reading.pair.complete) return header.result(false);
  const auto plain_a = inflate(reading.a(), *compression);
  const auto plain_b = plain_a ? inflate(reading.b(), *compression) : std::nullopt;
  if (!plain_a || !plain_b) {
    header.unexplained("the compressed bytes, which are damaged or too large to look into");
    return header.result(false);
  }
  if (*plain_a == *plain_b) {
    // Inflating does not look at gzip's checksum and size, and neither may be what differs.
    if (gzip && reading.a().substr(reading.a().size() - 8) != reading.b().substr(reading.b().size() - 8)) {
      header.unexplained("checksum or size at the end");
    }
    header.add(gzip ? k_recompressed : k_recompressed_other,
               fmt::format("{} and {} bytes of {} hold the same {} bytes", reading.a().size(),
                           reading.b().size(), to_string(*compression), plain_a->size()));
    return header.result(true);
  }
  const std::string inside = inner_name(reading.pair.path);
  auto cause = reading.into(inside, *plain_a, *plain_b);
  if (!cause) {
    header.unexplained("the compressed content");
    return header.result(false);
  }
  Findings findings;
  findings.add_member(std::move(*cause), "inside");
  if (const auto outer = header.result(true)) findings.add(*outer);
  return findings.result(true);
}

}  // namespace buildlab::causes::formats
