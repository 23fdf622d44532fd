// Requests that passed by, and what they come to: totals and a row for each blob and direction. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/time.h"
#include "framework/network/manifest.h"
#include "framework/network/target.h"

namespace buildlab::network {

// One request and its answer; times are since the proxy's start, bytes those of bodies without their framing.
struct Exchange {
  std::string method;
  Target target;
  std::optional<int> status;  // nullopt where no answer came
  std::uint64_t bytes_up = 0;
  std::uint64_t bytes_down = 0;
  Nanoseconds start{};
  std::optional<Nanoseconds> first_byte;  // the answer's head
  Nanoseconds end{};
  bool cut = false;        // one of the bodies, or the answer, did not come to its end
  bool disturbed = false;  // a fault was applied to it
  // Of what is fetched: BuildKit itself asked, for an ADD; and where the answer sends it on to.
  bool by_builder = false;
  std::string leads_to = {};

  friend bool operator==(const Exchange&, const Exchange&) = default;
};

enum class Direction { down, up };

struct BlobRow {
  std::string digest;
  std::string media;  // "" where no manifest named it
  Direction direction = Direction::down;
  int count = 0;
  int complete = 0;  // whole bodies of answers that gave or took the blob
  std::uint64_t bytes = 0;
  std::optional<std::uint64_t> size;  // its descriptor's
  Nanoseconds time{};                 // start to end, summed

  friend bool operator==(const BlobRow&, const BlobRow&) = default;
};

struct Account {
  int requests = 0;
  std::uint64_t bytes_up = 0;
  std::uint64_t bytes_down = 0;
  int retries = 0;
  int cut = 0;
  int disturbed = 0;
  std::vector<Nanoseconds> first_byte;  // of every answer, after its request's start
  std::vector<BlobRow> blobs;           // down before up, each in the order of their first request

  friend bool operator==(const Account&, const Account&) = default;
};

// No answer, a cut, 408, 429, and 5xx: what a client may try again.
bool failed(const Exchange& exchange);

// `exchanges` in any order. A manifest that was asked for by tag is in no row. The pieces of an upload belong
// to the digest that its end names.
Account account(std::vector<Exchange> exchanges, const Descriptions& known);

}  // namespace buildlab::network
