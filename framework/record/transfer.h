// What went between a builder and the registry of its external cache, as the proxy between them counted it.
// Values only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace buildlab::record {

// One blob or manifest in one direction.
struct BlobTransfer {
  std::string digest;
  std::string media;      // "layer", "config" or "manifest"; "" where no manifest named it
  std::string direction;  // "down" to the builder, "up" to the registry
  int count = 0;          // requests that carried bytes of it
  int complete = 0;       // those whose body came to its end
  std::uint64_t bytes = 0;
  std::optional<std::uint64_t> size_bytes = std::nullopt;  // its descriptor's, where a manifest named it
  double seconds = 0;                                      // first byte asked to last byte, summed

  friend bool operator==(const BlobTransfer&, const BlobTransfer&) = default;
};

// What of a transfer's trouble was of reading the cache (import and pull), which alone can touch an image.
struct ReadTrouble {
  int retries = 0;
  int cut = 0;
  int faults = 0;
  int lookup_faults = 0;

  friend bool operator==(const ReadTrouble&, const ReadTrouble&) = default;
};

struct Transfer {
  int requests = 0;
  std::uint64_t bytes_up = 0;  // of bodies, as are all bytes here
  std::uint64_t bytes_down = 0;
  int retries = 0;  // the same method and target asked again after a failure
  int cut = 0;      // requests whose answer or body did not come to its end
  int faults = 0;   // requests that a fault of the scenario was applied to
  // Look-ups of the registry's name that one was applied to; nullopt where it was asked for by its address.
  std::optional<int> lookup_faults = std::nullopt;
  std::optional<double> first_byte_sec = std::nullopt;  // median of the answers; nullopt without one
  std::vector<BlobTransfer> blobs;
  // What none of the above counts: requests beyond those that a proxy keeps, and connections that it could
  // not serve. nullopt in records of before they were counted.
  std::optional<std::uint64_t> left_out = std::nullopt;
  std::optional<std::uint64_t> turned_away = std::nullopt;
  std::optional<ReadTrouble> reading = std::nullopt;  // nullopt in records of before it was counted

  friend bool operator==(const Transfer&, const Transfer&) = default;
};

// Laws: no row has more bytes than went its way in all, whole bodies have the size of their descriptor, a row
// carries at least one request. Returns the broken ones, in words.
std::vector<std::string> broken_laws(const Transfer& transfer);

// "31.2 MB down in 12 blobs, 0.4 MB up, 2 retries".
std::string to_words(const Transfer& transfer);

}  // namespace buildlab::record
