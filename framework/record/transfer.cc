#include "framework/record/transfer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>

#include "framework/base/bytes.h"

namespace buildlab::record {
namespace {

void check_blob(const BlobTransfer& blob, std::vector<std::string>& broken) {
  const std::string name = fmt::format("transfer of {} {}", blob.digest, blob.direction);
  const bool down = blob.direction == "down";
  if (!down && blob.direction != "up") broken.push_back(fmt::format("{}: no direction", name));
  if (blob.count < 1) broken.push_back(fmt::format("{}: {} requests", name, blob.count));
  if (blob.complete < 0) broken.push_back(fmt::format("{}: {} whole bodies", name, blob.complete));
  if (!std::isfinite(blob.seconds) || blob.seconds < 0)
    broken.push_back(fmt::format("{}: its seconds are none", name));
  if (!blob.size_bytes || blob.complete < 0) return;
  const std::uint64_t whole = *blob.size_bytes * static_cast<std::uint64_t>(blob.complete);
  // A body that was cut adds to the whole ones.
  const bool holds = down && blob.complete == blob.count ? blob.bytes == whole : blob.bytes >= whole;
  if (!holds) {
    broken.push_back(fmt::format("{}: {} bytes in {} requests, {} of them whole, of a blob of {}", name,
                                 blob.bytes, blob.count, blob.complete, *blob.size_bytes));
  }
}

std::uint64_t bytes_of(const Transfer& transfer, std::string_view direction) {
  std::uint64_t sum = 0;
  for (const BlobTransfer& blob : transfer.blobs) {
    if (blob.direction == direction) sum += blob.bytes;
  }
  return sum;
}

bool is_part_of(const ReadTrouble& reading, const Transfer& all) {
  const auto within = [](int part, int whole) { return part >= 0 && part <= whole; };
  return within(reading.retries, all.retries) && within(reading.cut, all.cut) &&
         within(reading.faults, all.faults) && within(reading.lookup_faults, all.lookup_faults.value_or(0));
}

std::string counted(std::int64_t count, std::string_view one, std::string_view more) {
  return fmt::format("{} {}", count, count == 1 ? one : more);
}

}  // namespace

std::vector<std::string> broken_laws(const Transfer& transfer) {
  std::vector<std::string> broken;
  if (transfer.requests < 0 || transfer.retries < 0 || transfer.cut < 0 || transfer.faults < 0 ||
      transfer.lookup_faults.value_or(0) < 0)
    broken.emplace_back("transfer: one of its counts is negative");
  if (transfer.retries > transfer.requests || transfer.cut > transfer.requests ||
      transfer.faults > transfer.requests) {
    broken.emplace_back("transfer: more requests were retried, cut or disturbed than there were");
  }
  if (transfer.reading && !is_part_of(*transfer.reading, transfer))
    broken.emplace_back("transfer: reading met more trouble than there was, or less than none");
  if (transfer.first_byte_sec && (!std::isfinite(*transfer.first_byte_sec) || *transfer.first_byte_sec < 0))
    broken.emplace_back("transfer: its time to the first byte is none");
  for (const BlobTransfer& blob : transfer.blobs) check_blob(blob, broken);
  if (bytes_of(transfer, "down") > transfer.bytes_down || bytes_of(transfer, "up") > transfer.bytes_up)
    broken.emplace_back("transfer: its blobs have more bytes than went by");
  return broken;
}

std::string to_words(const Transfer& transfer) {
  const auto blobs = [&](std::string_view direction) {
    return std::count_if(transfer.blobs.begin(), transfer.blobs.end(), [&](const BlobTransfer& blob) {
      return blob.direction == direction && blob.media != "manifest";
    });
  };
  std::vector<std::string> words{
      fmt::format("{} down in {}", to_string(Bytes{transfer.bytes_down}),
                  counted(blobs("down"), "blob", "blobs")),
      fmt::format("{} up in {}", to_string(Bytes{transfer.bytes_up}), counted(blobs("up"), "blob", "blobs"))};
  if (transfer.retries > 0) words.push_back(counted(transfer.retries, "retry", "retries"));
  if (transfer.cut > 0) words.push_back(fmt::format("{} cut", transfer.cut));
  if (transfer.faults > 0)
    words.push_back(counted(transfer.faults, "request disturbed", "requests disturbed"));
  if (transfer.lookup_faults.value_or(0) > 0)
    words.push_back(counted(*transfer.lookup_faults, "look-up disturbed", "look-ups disturbed"));
  if (transfer.left_out.value_or(0) > 0)
    words.push_back(fmt::format("{} more requests not counted", *transfer.left_out));
  if (transfer.turned_away.value_or(0) > 0)
    words.push_back(fmt::format("{} connections turned away", *transfer.turned_away));
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace buildlab::record
