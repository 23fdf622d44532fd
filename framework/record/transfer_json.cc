#include "framework/record/transfer_json.h"

namespace buildlab::record {
namespace {

Json blob_to_json(const BlobTransfer& blob) {
  return {{"digest", blob.digest},
          {"media", blob.media.empty() ? Json(nullptr) : Json(blob.media)},
          {"direction", blob.direction},
          {"count", blob.count},
          {"complete", blob.complete},
          {"bytes", blob.bytes},
          {"size_bytes", blob.size_bytes ? Json(*blob.size_bytes) : Json(nullptr)},
          {"seconds", blob.seconds}};
}

BlobTransfer read_blob(const Fields& fields) {
  BlobTransfer blob;
  blob.digest = fields.text("digest");
  blob.media = fields.text_or_empty("media");
  blob.direction = fields.text("direction");
  blob.count = fields.integer<int>("count");
  blob.complete = fields.integer<int>("complete");
  blob.bytes = fields.integer<std::uint64_t>("bytes");
  blob.size_bytes = fields.optional_integer<std::uint64_t>("size_bytes");
  blob.seconds = fields.number("seconds");
  return blob;
}

Json reading_to_json(const ReadTrouble& reading) {
  return {{"retries", reading.retries},
          {"cut", reading.cut},
          {"faults", reading.faults},
          {"lookup_faults", reading.lookup_faults}};
}

ReadTrouble read_reading(const Fields& fields) {
  ReadTrouble reading;
  reading.retries = fields.integer<int>("retries");
  reading.cut = fields.integer<int>("cut");
  reading.faults = fields.integer<int>("faults");
  reading.lookup_faults = fields.integer<int>("lookup_faults");
  return reading;
}

}  // namespace

Json transfer_to_json(const Transfer& transfer) {
  Json blobs = Json::array();
  for (const BlobTransfer& blob : transfer.blobs) blobs.push_back(blob_to_json(blob));
  Json json{{"requests", transfer.requests},
            {"bytes_up", transfer.bytes_up},
            {"bytes_down", transfer.bytes_down},
            {"retries", transfer.retries},
            {"cut", transfer.cut},
            {"faults", transfer.faults},
            {"first_byte_sec", transfer.first_byte_sec ? Json(*transfer.first_byte_sec) : Json(nullptr)},
            {"blobs", std::move(blobs)}};
  if (transfer.lookup_faults) json["lookup_faults"] = *transfer.lookup_faults;
  if (transfer.left_out) json["left_out"] = *transfer.left_out;
  if (transfer.turned_away) json["turned_away"] = *transfer.turned_away;
  if (transfer.reading) json["reading"] = reading_to_json(*transfer.reading);
  return json;
}

Json fetches_to_json(const metrics::Fetches& fetches) {
  Json json{
      {"requests", fetches.requests},
      {"failed", fetches.failed},
      {"retries", fetches.retries},
      {"seconds", fetches.seconds ? Json(*fetches.seconds) : Json(nullptr)},
      {"slowest_answer_sec", fetches.slowest_answer_sec ? Json(*fetches.slowest_answer_sec) : Json(nullptr)}};
  if (fetches.turned_away > 0) json["turned_away"] = fetches.turned_away;
  return json;
}

metrics::Fetches read_fetches(const Fields& fields) {
  metrics::Fetches fetches;
  fetches.requests = fields.integer<int>("requests");
  fetches.failed = fields.integer<int>("failed");
  fetches.retries = fields.integer<int>("retries");
  fetches.seconds = fields.optional_number("seconds");
  fetches.slowest_answer_sec = fields.optional_number("slowest_answer_sec");
  if (fields.raw("turned_away") != nullptr) fetches.turned_away = fields.integer<int>("turned_away");
  return fetches;
}

Transfer read_transfer(const Fields& fields) {
  Transfer transfer;
  transfer.requests = fields.integer<int>("requests");
  transfer.bytes_up = fields.integer<std::uint64_t>("bytes_up");
  transfer.bytes_down = fields.integer<std::uint64_t>("bytes_down");
  transfer.retries = fields.integer<int>("retries");
  transfer.cut = fields.integer<int>("cut");
  transfer.faults = fields.integer<int>("faults");
  if (fields.raw("lookup_faults") != nullptr) transfer.lookup_faults = fields.integer<int>("lookup_faults");
  transfer.first_byte_sec = fields.optional_number("first_byte_sec");
  transfer.blobs = fields.objects("blobs", read_blob);
  transfer.left_out = fields.optional_integer<std::uint64_t>("left_out");
  transfer.turned_away = fields.optional_integer<std::uint64_t>("turned_away");
  transfer.reading = fields.optional_object("reading", read_reading);
  return transfer;
}

}  // namespace buildlab::record
