// What the relays share of messages. Private to the room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "framework/network/connection.h"
#include "framework/network/disturbance.h"

namespace buildlab::network {

inline constexpr std::uint32_t k_longest_header = 64U << 10U;

using RequestParser = http::request_parser<http::buffer_body>;
using ResponseParser = http::response_parser<http::buffer_body>;
using RequestHead = http::request<http::empty_body>;
using ResponseHead = http::response<http::empty_body>;

// Fields that concern one connection and not the message.
template <typename Head>
void drop_connection_fields(Head& head) {
  for (const http::field field :
       {http::field::connection, http::field::keep_alive, http::field::proxy_connection,
        http::field::proxy_authorization, http::field::te, http::field::trailer, http::field::upgrade,
        http::field::expect}) {
    head.erase(field);
  }
}

template <typename Parser>
std::optional<std::uint64_t> length_of(const Parser& parser) {
  const auto length = parser.content_length();
  return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

// Of an answer that a fault gives.
inline ResponseHead faulty_head(const FaultyAnswer& given, std::size_t body_bytes, bool keep) {
  ResponseHead head;
  head.version(11);
  head.result(static_cast<unsigned>(given.status));
  head.set(http::field::content_length, std::to_string(body_bytes));
  if (given.retry_after_sec) head.set(http::field::retry_after, std::to_string(*given.retry_after_sec));
  if (given.status == 401)
    head.set(http::field::www_authenticate, "Basic realm=\"credentials of the scenario's fault expired\"");
  if (!keep) head.set(http::field::connection, "close");
  return head;
}

}  // namespace buildlab::network
