#include "framework/image/source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace buildlab::image {
namespace {

namespace fs = std::filesystem;

class FileRange : public ByteSource {
 public:
  FileRange(fs::path path, Fd fd, std::uint64_t offset, std::uint64_t size)
      : m_path(std::move(path)), m_fd(std::move(fd)), m_at(offset), m_left(size) {}

  Result<std::string_view> next() override {
    m_buffer.resize(k_piece);
    BUILDLAB_ASSIGN(const std::size_t got, read(m_buffer));
    return std::string_view(m_buffer.data(), got);
  }

  Result<std::size_t> fill(std::span<char> room) override {
    std::size_t filled = 0;
    while (filled < room.size() && m_left > 0) {
      BUILDLAB_ASSIGN(const std::size_t got, read(room.subspan(filled)));
      filled += got;
    }
    return filled;
  }

 private:
  Result<std::size_t> read(std::span<char> room) {
    if (m_left == 0) return std::size_t{0};
    const std::size_t wanted = std::min<std::uint64_t>(m_left, room.size());
    ssize_t got = -1;
    do {
      got = ::pread(m_fd.get(), room.data(), wanted, static_cast<off_t>(m_at));
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
      return fail(ErrorKind::infrastructure,
                  fmt::format("{}: {}", m_path.string(), got < 0 ? std::strerror(errno) : "the file is cut"));
    }
    m_at += static_cast<std::uint64_t>(got);
    m_left -= static_cast<std::uint64_t>(got);
    return static_cast<std::size_t>(got);
  }

  fs::path m_path;
  Fd m_fd;
  std::uint64_t m_at;
  std::uint64_t m_left;
  std::vector<char> m_buffer;
};

struct Piece {
  std::vector<char> bytes;  // k_piece of them
  std::size_t size = 0;     // of these are filled
};

// The buffers go round: the reader gives one back when it asks for the next.
class ReadAhead : public ByteSource {
 public:
  explicit ReadAhead(Source source) : m_source(std::move(source)), m_thread([this] { work(); }) {}
  ~ReadAhead() override {
    {
      const std::lock_guard lock(m_mutex);
      m_stop = true;
    }
    m_changed.notify_all();
    m_thread.join();
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  Result<std::string_view> next() override {
    std::unique_lock lock(m_mutex);
    if (m_reading) m_free.push_back(std::move(*m_reading));
    m_reading.reset();
    m_changed.notify_all();
    m_changed.wait(lock, [this] { return !m_full.empty() || m_ended; });
    if (!m_full.empty()) {
      m_reading = std::move(m_full.front());
      m_full.pop_front();
      return std::string_view(m_reading->bytes.data(), m_reading->size);
    }
    if (m_error) return tl::unexpected<Error>(*m_error);
    return std::string_view();
  }

 private:
  void work() {
    while (true) {
      Piece piece;
      {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_stop || m_full.size() < k_ahead; });
        if (m_stop) break;
        if (!m_free.empty()) {
          piece = std::move(m_free.back());
          m_free.pop_back();
        }
      }
      piece.bytes.resize(k_piece);
      const Result<std::size_t> got = m_source->fill(piece.bytes);
      piece.size = got.value_or(0);
      const bool end = piece.size == 0;
      const std::lock_guard lock(m_mutex);
      if (!end) m_full.push_back(std::move(piece));
      if (!got) m_error = got.error();
      m_ended = end;
      m_changed.notify_all();
      if (end) break;
    }
  }

  Source m_source;
  std::mutex m_mutex;
  std::condition_variable m_changed;
  std::deque<Piece> m_full;
  std::vector<Piece> m_free;
  std::optional<Piece> m_reading;
  std::optional<Error> m_error;
  bool m_ended = false;
  bool m_stop = false;
  std::thread m_thread;  // last: it uses all of the above
};

}  // namespace

Result<std::size_t> ByteSource::fill(std::span<char> room) {
  std::size_t filled = 0;
  while (filled < room.size()) {
    if (m_left.empty()) {
      BUILDLAB_ASSIGN(m_left, next());
      if (m_left.empty()) break;
    }
    const std::size_t count = std::min(m_left.size(), room.size() - filled);
    std::memcpy(room.data() + filled, m_left.data(), count);
    m_left.remove_prefix(count);
    filled += count;
  }
  return filled;
}

Result<Source> read_range(const fs::path& path, std::uint64_t offset, Bytes size) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) {
    return fail(ErrorKind::infrastructure, fmt::format("{}: {}", path.string(), std::strerror(errno)));
  }
  ::posix_fadvise(fd.get(), static_cast<off_t>(offset), static_cast<off_t>(size.count),
                  POSIX_FADV_SEQUENTIAL);
  return std::make_unique<FileRange>(path, std::move(fd), offset, size.count);
}

Source read_ahead(Source source) {
  return std::make_unique<ReadAhead>(std::move(source));
}

}  // namespace buildlab::image
