// The body of a message on its way from one connection to the other, piece by piece. Private to the relays.
#pragma once

#include <optional>
#include <string>

#include "framework/network/connection.h"
#include "framework/network/shared.h"
#include "framework/network/splicing.h"

namespace buildlab::network {

// Waiting for a registry that stores a large blob takes long.
inline constexpr std::chrono::seconds k_patience{300};
inline constexpr std::size_t k_piece = 256U << 10U;
inline constexpr std::uint64_t k_worth_splicing = 64U << 10U;

enum class Framing { none, length, chunked, until_end };

// From a header that was read. A message without a body for another reason than its fields (an answer to
// HEAD) has a parser that skips it.
template <typename Parser>
Framing framing_of(const Parser& parser) {
  if (parser.is_done()) return Framing::none;
  if (parser.chunked()) return Framing::chunked;
  if (parser.content_length()) return Framing::length;
  return Parser::is_request::value ? Framing::none : Framing::until_end;
}

enum class Piece { some, last, lost };

// The next bytes that the parser finds in what `from` gives, without framing.
template <typename From, typename Parser>
Piece read_piece(From& from, Parser& parser, std::vector<char>& piece, std::size_t& size) {
  size = 0;
  while (size == 0) {
    if (parser.is_done()) return Piece::last;
    auto& body = parser.get().body();
    body.data = piece.data();
    body.size = piece.size();
    body.more = true;
    error_code error = from.read_decoded(parser, k_patience);
    size = piece.size() - body.size;
    if (error == http::error::need_buffer) error = {};
    if (error) return Piece::lost;
  }
  return Piece::some;
}

// Gives the bytes of one body, without their framing.
template <typename Parser>
class BodySource {
 public:
  static constexpr bool k_splices = true;

  BodySource(Connection& from, Parser& parser)
      : m_from(from), m_parser(parser), m_framing(framing_of(parser)) {
    if (m_framing == Framing::length) m_left = *parser.content_length();
  }

  // `size` bytes stand in `piece` then; `last` comes alone, without any.
  Piece next(std::vector<char>& piece, std::size_t& size) {
    size = 0;
    if (m_framing == Framing::none) return Piece::last;
    if (m_framing != Framing::length) return read_piece(m_from, m_parser, piece, size);
    if (m_left == 0) return Piece::last;
    const Loop::Moved moved = m_from.read(piece, m_left, k_patience);
    if (moved.error || moved.bytes == 0) return Piece::lost;
    size = moved.bytes;
    m_left -= size;
    return Piece::some;
  }

  // What may be taken from the connection itself; 0 where bytes have to be looked at.
  std::uint64_t untouched() const {
    return m_framing == Framing::length && !m_from.has_unread() ? m_left : 0;
  }
  Connection& connection() { return m_from; }

 private:
  Connection& m_from;
  Parser& m_parser;
  Framing m_framing;
  std::uint64_t m_left = 0;
};

// Writes a body that is framed as its header says.
class BodySink {
 public:
  BodySink(Connection& to, bool chunked) : m_to(to), m_chunked(chunked) {}

  error_code write(const std::vector<char>& piece, std::size_t size) {
    const asio::const_buffer bytes(piece.data(), size);
    return m_chunked ? m_to.write(http::make_chunk(bytes), k_patience) : m_to.write(bytes, k_patience);
  }
  bool is_plain() const { return !m_chunked; }
  Connection& connection() { return m_to; }
  error_code end() { return m_chunked ? m_to.write(http::make_chunk_last(), k_patience) : error_code(); }

 private:
  Connection& m_to;
  bool m_chunked;
};

// What a fault does to a body.
struct Tampering {
  std::optional<std::uint64_t> cut_at;
  std::optional<std::uint64_t> corrupt_at;
  std::optional<std::uint64_t> bytes_per_sec;

  bool any() const { return cut_at || corrupt_at || bytes_per_sec; }
};

// `length` of the body where it is known: what is given no place happens in the middle, else at once.
inline Tampering tampering(const Disturbed& disturbed, bool of_request, std::optional<std::uint64_t> length) {
  Tampering result;
  result.bytes_per_sec = disturbed.bytes_per_sec;
  if (disturbed.of_request != of_request) return result;
  const std::uint64_t middle = length.value_or(0) / 2;
  if (disturbed.cut) result.cut_at = disturbed.cut_after.value_or(middle);
  if (disturbed.corrupt) result.corrupt_at = middle;
  return result;
}

enum class Passed { whole, source_lost, sink_lost, cut };

// Passes a body on; `bytes` counts what was written. `copy`, where given, gets the bytes as they were read,
// and is taken away when they are more than `k_longest_copy`.
inline constexpr std::size_t k_longest_copy = 4U << 20U;

template <typename Source>
Passed pass_body(Source& source, BodySink& sink, const Tampering& tampering, Loop& loop, Shared& shared,
                 std::vector<char>& piece, Splice& splice, std::uint64_t& bytes,
                 std::optional<std::string>& copy) {
  if (tampering.cut_at == std::uint64_t{0}) return Passed::cut;
  bool looks = tampering.any() || copy || !sink.is_plain();
  while (true) {
    if constexpr (Source::k_splices) {
      if (const std::uint64_t left = looks ? 0 : source.untouched(); left >= k_worth_splicing) {
        const Spliced spliced = splice.pass(source.connection().native(), sink.connection().native(), left,
                                            loop.wake(), k_patience, bytes);
        if (spliced == Spliced::whole) return Passed::whole;
        looks = true;
        if (spliced != Spliced::unable)
          return spliced == Spliced::source_lost ? Passed::source_lost : Passed::sink_lost;
      }
    }
    std::size_t size = 0;
    const Piece got = source.next(piece, size);
    if (got == Piece::lost) return Passed::source_lost;
    if (got == Piece::last) return sink.end() ? Passed::sink_lost : Passed::whole;
    if (copy && copy->size() + size > k_longest_copy) copy.reset();
    if (copy) copy->append(piece.data(), size);
    if (tampering.corrupt_at && *tampering.corrupt_at >= bytes && *tampering.corrupt_at < bytes + size) {
      char& byte = piece[static_cast<std::size_t>(*tampering.corrupt_at - bytes)];
      byte = static_cast<char>(byte ^ 1);
    }
    const bool cuts = tampering.cut_at && *tampering.cut_at < bytes + size;
    if (cuts) size = static_cast<std::size_t>(*tampering.cut_at - bytes);
    if (size > 0) {
      if (sink.write(piece, size)) return Passed::sink_lost;
      bytes += size;
    }
    if (cuts) return Passed::cut;
    if (tampering.bytes_per_sec) loop.sleep(shared.pace(size, *tampering.bytes_per_sec));
    if (loop.stopped()) return Passed::sink_lost;
  }
}

}  // namespace buildlab::network
