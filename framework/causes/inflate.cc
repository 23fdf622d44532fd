#include "framework/causes/inflate.h"

#include <algorithm>
#include <memory>

#include <archive.h>
#include <archive_entry.h>

#include "framework/causes/reading.h"

namespace buildlab::causes::formats {
namespace {

// So much plain text may come of so few bytes; real files stay far below, bombs far above.
constexpr std::size_t k_most_ratio = 256;
constexpr std::size_t k_always_allowed = std::size_t{1} << 20;

struct FreeArchive {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

int filter_code(Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return ARCHIVE_FILTER_GZIP;
    case Compression::xz:
      return ARCHIVE_FILTER_XZ;
    case Compression::zstd:
      return ARCHIVE_FILTER_ZSTD;
    case Compression::bzip2:
      return ARCHIVE_FILTER_BZIP2;
  }
  return ARCHIVE_FILTER_NONE;
}

}  // namespace

std::string_view to_string(Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return "gzip";
    case Compression::xz:
      return "xz";
    case Compression::zstd:
      return "zstd";
    case Compression::bzip2:
      return "bzip2";
  }
  return "";
}

std::optional<Compression> compression_of(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\x1f\x8b\x08"sv)) return Compression::gzip;
  if (bytes.starts_with("\xfd"
                        "7zXZ\0"sv))
    return Compression::xz;
  if (bytes.starts_with("\x28\xb5\x2f\xfd"sv)) return Compression::zstd;
  if (bytes.starts_with("BZh"sv)) return Compression::bzip2;
  return std::nullopt;
}

std::optional<std::string> inflate(std::string_view bytes, Compression compression) {
  const std::unique_ptr<archive, FreeArchive> reader(archive_read_new());
  if (!reader) return std::nullopt;
  // Exactly one layer and exactly this one: neither a guess nor a program from outside.
  if (archive_read_append_filter(reader.get(), filter_code(compression)) != ARCHIVE_OK ||
      archive_read_support_format_raw(reader.get()) != ARCHIVE_OK ||
      archive_read_support_format_empty(reader.get()) != ARCHIVE_OK ||
      archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
    return std::nullopt;
  }
  archive_entry* entry = nullptr;
  std::string plain;
  const int begun = archive_read_next_header(reader.get(), &entry);
  if (begun == ARCHIVE_EOF) return plain;
  if (begun != ARCHIVE_OK) return std::nullopt;
  const std::size_t limit = std::min(k_most_inflated, bytes.size() > k_most_inflated / k_most_ratio
                                                          ? k_most_inflated
                                                          : k_always_allowed + bytes.size() * k_most_ratio);
  while (true) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int got = archive_read_data_block(reader.get(), &block, &size, &offset);
    if (got == ARCHIVE_EOF) return plain;
    if (got != ARCHIVE_OK || size > limit - plain.size() || !Descent::spend(size)) return std::nullopt;
    plain.append(static_cast<const char*>(block), size);
  }
}

std::optional<std::string> inflate_deflate(std::string_view bytes, std::uint32_t crc, std::uint32_t size) {
  // The same stream as gzip has, between a header and a trailer.
  std::string wrapped("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
  wrapped += bytes;
  for (const std::uint32_t value : {crc, size}) {
    for (int shift = 0; shift < 32; shift += 8) wrapped += static_cast<char>(value >> shift & 0xff);
  }
  auto plain = inflate(wrapped, Compression::gzip);
  if (plain && plain->size() != size) return std::nullopt;
  return plain;
}

}  // namespace buildlab::causes::formats
