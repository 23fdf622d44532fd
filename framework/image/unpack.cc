// Gzip goes through ISA-L where it was found at compile time: on layers it is two to three times faster than
// zlib, and comparing images is bound by it. Everything else goes through libarchive's filters.
#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "framework/image/packing.h"
#include "framework/image/source.h"

#if BUILDLAB_HAVE_ISAL
#include <isa-l/igzip_lib.h>
#endif

namespace buildlab::image {
namespace {

tl::unexpected<Error> unreadable(const std::string& name, std::string_view what) {
  return fail(ErrorKind::infrastructure, fmt::format("{}: {}", name, what));
}

tl::unexpected<Error> trailing(const std::string& name, std::uint64_t count, std::string_view packing) {
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: {} bytes after the end of the {} stream, which are no further one", name,
                          count, packing),
              {"unpackers stop at the end, refuse the layer or pass the bytes over; build it anew"});
}

// Gives `first` before what the source gives.
class Prefixed : public ByteSource {
 public:
  Prefixed(std::string first, Source rest) : m_first(std::move(first)), m_rest(std::move(rest)) {}
  Result<std::string_view> next() override {
    if (!m_begun && !m_first.empty()) {
      m_begun = true;
      return std::string_view(m_first);
    }
    return m_rest->next();
  }

 private:
  std::string m_first;
  Source m_rest;
  bool m_begun = false;
};

#if BUILDLAB_HAVE_ISAL
class Gunzip : public ByteSource {
 public:
  Gunzip(Source packed, std::string name) : m_packed(std::move(packed)), m_name(std::move(name)) {
    begin_member();
  }

  Result<std::string_view> next() override {
    m_output.resize(k_piece);
    BUILDLAB_ASSIGN(const std::size_t got, fill(m_output));
    return std::string_view(m_output.data(), got);
  }

  Result<std::size_t> fill(std::span<char> room) override {
    m_state->next_out = reinterpret_cast<std::uint8_t*>(room.data());
    m_state->avail_out = static_cast<std::uint32_t>(room.size());
    while (m_state->avail_out > 0) {
      if (m_state->avail_in == 0 && !m_packed_ended) BUILDLAB_TRY(refill());
      if (m_state->block_state == ISAL_BLOCK_FINISH) {
        // A file may hold several members one after another, as pigz and seekable layers do; zeros may
        // follow.
        if (!only_zeros()) {
          if (!is_at_member()) return more_than_the_stream();
          continue_with_next_member();
        } else if (m_packed_ended) {
          break;
        } else {
          continue;
        }
      }
      const std::uint32_t before_in = m_state->avail_in;
      const std::uint32_t before_out = m_state->avail_out;
      const int code = isal_inflate(m_state.get());
      if (code < 0 || code == ISAL_NEED_DICT) {
        return unreadable(m_name, fmt::format("the gzip stream is damaged: {}", words_of(code)));
      }
      const bool stuck = m_state->avail_in == before_in && m_state->avail_out == before_out &&
                         m_state->block_state != ISAL_BLOCK_FINISH;
      if (stuck && m_state->avail_in == 0 && m_packed_ended) {
        return unreadable(m_name, "the gzip stream is cut");
      }
      if (stuck && m_state->avail_in > 0) return unreadable(m_name, "the gzip stream is damaged");
    }
    return room.size() - m_state->avail_out;
  }

 private:
  static std::string_view words_of(int code) {
    switch (code) {
      case ISAL_INVALID_BLOCK:
        return "an invalid block";
      case ISAL_INVALID_SYMBOL:
        return "an invalid symbol";
      case ISAL_INVALID_LOOKBACK:
        return "a reference before its beginning";
      case ISAL_INVALID_WRAPPER:
        return "an invalid header";
      case ISAL_UNSUPPORTED_METHOD:
        return "another method than deflate";
      case ISAL_INCORRECT_CHECKSUM:
        return "its checksum is wrong";
      default:
        return "it cannot be inflated";
    }
  }

  void begin_member() {
    isal_inflate_init(m_state.get());
    m_state->crc_flag = ISAL_GZIP;
  }

  void continue_with_next_member() {
    std::uint8_t* const in = m_state->next_in;
    std::uint8_t* const out = m_state->next_out;
    const std::uint32_t left_in = m_state->avail_in;
    const std::uint32_t left_out = m_state->avail_out;
    begin_member();
    m_state->next_in = in;
    m_state->avail_in = left_in;
    m_state->next_out = out;
    m_state->avail_out = left_out;
  }

  bool only_zeros() {
    while (m_state->avail_in > 0 && *m_state->next_in == 0) {
      ++m_state->next_in;
      --m_state->avail_in;
    }
    return m_state->avail_in == 0;
  }

  // By the first byte: the second may lie in the next piece.
  bool is_at_member() const { return *m_state->next_in == 0x1f; }

  tl::unexpected<Error> more_than_the_stream() {
    std::uint64_t count = m_state->avail_in;
    while (true) {
      const Result<std::string_view> got = m_packed->next();
      if (!got) return tl::unexpected<Error>(got.error());
      if (got->empty()) return trailing(m_name, count, "gzip");
      count += got->size();
    }
  }

  Status refill() {
    BUILDLAB_ASSIGN(const std::string_view got, m_packed->next());
    m_packed_ended = got.empty();
    // ISA-L's pointer is not const, but it does not write there.
    m_state->next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(got.data()));
    m_state->avail_in = static_cast<std::uint32_t>(got.size());
    return {};
  }

  Source m_packed;
  std::string m_name;
  std::unique_ptr<inflate_state> m_state = std::make_unique<inflate_state>();
  std::vector<char> m_output;  // for next() only
  bool m_packed_ended = false;
};
#endif

class Filtered : public ByteSource {
 public:
  Filtered(Source packed, std::string name, std::string_view packing)
      : m_packed(std::move(packed)), m_name(std::move(name)), m_packing(packing) {}
  ~Filtered() override {
    if (m_archive != nullptr) archive_read_free(m_archive);
  }
  Filtered(const Filtered&) = delete;
  Filtered& operator=(const Filtered&) = delete;

  Result<std::string_view> next() override {
    if (m_archive == nullptr) BUILDLAB_TRY(open());
    if (m_ended) return std::string_view();
    const void* data = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    int code = ARCHIVE_OK;
    do {
      code = archive_read_data_block(m_archive, &data, &size, &offset);
    } while (code == ARCHIVE_OK && size == 0);
    if (code == ARCHIVE_EOF) {
      m_ended = true;
      BUILDLAB_TRY(check_rest());
      return std::string_view();
    }
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return trouble();
    return std::string_view(static_cast<const char*>(data), size);
  }

 private:
  static la_ssize_t give(archive* handle, void* self, const void** data) {
    auto& filtered = *static_cast<Filtered*>(self);
    const Result<std::string_view> got = filtered.m_packed->next();
    if (!got) {
      filtered.m_error = got.error();
      archive_set_error(handle, EIO, "%s", got.error().message.c_str());
      return -1;
    }
    *data = got->data();
    filtered.m_last = *got;
    filtered.m_given += got->size();
    return static_cast<la_ssize_t>(got->size());
  }

  // What the unpacker did not take; zeros may follow.
  Status check_rest() {
    const std::int64_t taken = archive_filter_bytes(m_archive, -1);
    std::uint64_t count =
        m_given - std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(taken, 0)), m_given);
    std::string_view rest = m_last.substr(m_last.size() - std::min<std::size_t>(count, m_last.size()));
    bool zeros = true;
    while (true) {
      zeros = zeros && rest.find_first_not_of('\0') == std::string_view::npos;
      BUILDLAB_ASSIGN(rest, m_packed->next());
      if (rest.empty()) break;
      count += rest.size();
    }
    if (zeros) return {};
    return trailing(m_name, count, m_packing);
  }

  tl::unexpected<Error> trouble() {
    if (m_error) return tl::unexpected<Error>(*m_error);
    const char* cause = archive_error_string(m_archive);
    return unreadable(m_name, fmt::format("cannot be unpacked: {}", cause == nullptr ? "damaged" : cause));
  }

  Status open() {
    m_archive = archive_read_new();
    if (m_archive == nullptr) return unreadable(m_name, "no memory to unpack it");
    archive_read_support_format_raw(m_archive);
    archive_read_support_filter_gzip(m_archive);
    archive_read_support_filter_zstd(m_archive);
    archive_read_support_filter_bzip2(m_archive);
    archive_read_support_filter_xz(m_archive);
    archive_entry* entry = nullptr;
    if (archive_read_open(m_archive, this, nullptr, give, nullptr) != ARCHIVE_OK ||
        archive_read_next_header(m_archive, &entry) < ARCHIVE_WARN) {
      return trouble();
    }
    return {};
  }

  Source m_packed;
  std::string m_name;
  archive* m_archive = nullptr;
  std::string_view m_packing;
  std::string_view m_last;  // the piece that was given last
  std::uint64_t m_given = 0;
  std::optional<Error> m_error;
  bool m_ended = false;
};

// Looks at the first bytes when it is first asked, then passes on what the right unpacker gives.
class Unpacked : public ByteSource {
 public:
  Unpacked(Source packed, std::string name, Bytes limit)
      : m_source(std::move(packed)), m_name(std::move(name)), m_limit(limit) {}

  Result<std::string_view> next() override {
    if (!m_begun) BUILDLAB_TRY(begin());
    BUILDLAB_ASSIGN(const std::string_view got, m_source->next());
    BUILDLAB_TRY(count(got.size()));
    return got;
  }

  Result<std::size_t> fill(std::span<char> room) override {
    if (!m_begun) BUILDLAB_TRY(begin());
    BUILDLAB_ASSIGN(const std::size_t got, m_source->fill(room));
    BUILDLAB_TRY(count(got));
    return got;
  }

 private:
  Status count(std::size_t got) {
    m_given += got;
    if (m_given <= m_limit.count) return {};
    return unreadable(
        m_name,
        fmt::format("unpacks to more than {}, the limit for a layer of its size: a decompression bomb",
                    to_string(m_limit)));
  }

  Status begin() {
    m_begun = true;
    std::string first;
    while (first.size() < 6) {
      BUILDLAB_ASSIGN(const std::string_view got, m_source->next());
      if (got.empty()) break;
      first.append(got);
    }
    const Packing packing = packing_of(first);
    m_source = std::make_unique<Prefixed>(std::move(first), std::move(m_source));
#if BUILDLAB_HAVE_ISAL
    if (packing == Packing::gzip) {
      m_source = std::make_unique<Gunzip>(std::move(m_source), m_name);
      return {};
    }
#endif
    if (packing != Packing::none) {
      m_source = std::make_unique<Filtered>(std::move(m_source), m_name, to_string(packing));
    }
    return {};
  }

  Source m_source;
  std::string m_name;
  Bytes m_limit;
  std::uint64_t m_given = 0;
  bool m_begun = false;
};

}  // namespace

Source unpack(Source packed, std::string name, Bytes limit) {
  return std::make_unique<Unpacked>(std::move(packed), std::move(name), limit);
}

}  // namespace buildlab::image
