// Bytes that come one after another: from a file, unpacked, or from another thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "framework/base/bytes.h"
#include "framework/base/file.h"
#include "framework/base/result.h"

namespace buildlab::image {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // The next piece, of whatever size; empty at the end. Valid until the next call. After an error the source
  // gives nothing more.
  virtual Result<std::string_view> next() = 0;
  // The same bytes, written to `room`: as many as it holds, fewer only at the end, then 0. For whoever keeps
  // them anyway; a source is read by this or by next(), not by both.
  virtual Result<std::size_t> fill(std::span<char> room);

 private:
  std::string_view m_left;  // of next(), did not fit into the last room
};
using Source = std::unique_ptr<ByteSource>;

// `size` bytes of a file from `offset` on. An error names the path; a file that ends before is one.
Result<Source> read_range(const std::filesystem::path& path, std::uint64_t offset, Bytes size);

// What gzip, zstd, bzip2 or xz packed, told by its first bytes; anything else passes as it is. More than
// `limit` bytes are an error: a decompression bomb would fill time and memory. `name` begins each message.
Source unpack(Source packed, std::string name, Bytes limit);

// Reads ahead on a thread of its own by at most `k_ahead` pieces of k_piece bytes, so that unpacking and
// comparing run side by side. The thread ends with the source, also when it is not read to its end.
inline constexpr std::size_t k_piece = 256U << 10U;
inline constexpr std::size_t k_ahead = 16;
Source read_ahead(Source source);

}  // namespace buildlab::image
