#include "framework/network/accounting.h"

#include <algorithm>
#include <map>
#include <utility>

namespace buildlab::network {
namespace {

// What has to be the same for a request to be the same one again. The query of an upload holds a state that
// each attempt is given anew, all but the digest.
std::string key_of(const Exchange& exchange) {
  return exchange.method + " " + exchange.target.path + " " + exchange.target.digest;
}

int count_retries(const std::vector<Exchange>& exchanges) {
  std::map<std::string, int> failures;  // that were not asked again yet
  int retries = 0;
  for (const Exchange& exchange : exchanges) {
    int& open = failures[key_of(exchange)];
    if (open > 0) {
      --open;
      ++retries;
    }
    if (failed(exchange)) ++open;
  }
  return retries;
}

using Uploads = std::map<std::string, std::string>;  // upload's name -> digest

Uploads digests_of_uploads(const std::vector<Exchange>& exchanges) {
  Uploads uploads;
  for (const Exchange& exchange : exchanges) {
    const Target& target = exchange.target;
    if (target.path_class == PathClass::upload && !target.upload.empty() && !target.digest.empty())
      uploads[target.upload] = target.digest;
  }
  return uploads;
}

bool is_success(const Exchange& exchange) {
  return exchange.status && *exchange.status >= 200 && *exchange.status < 300;
}

struct Place {
  std::string digest;
  Direction direction = Direction::down;
};

// Whose row the request belongs to; nullopt for one that carries no blob.
std::optional<Place> place_of(const Exchange& exchange, const Uploads& uploads) {
  const Target& target = exchange.target;
  std::string digest = target.digest;
  if (digest.empty() && !target.upload.empty()) {
    const auto found = uploads.find(target.upload);
    if (found != uploads.end()) digest = found->second;
  }
  if (digest.empty()) return std::nullopt;
  const bool up = exchange.method == "PUT" || exchange.method == "PATCH" || exchange.method == "POST";
  if (up) {
    // A POST that only opens an upload, or mounts a blob of another repository, carries nothing.
    if (exchange.bytes_up == 0) return std::nullopt;
    return Place{digest, Direction::up};
  }
  // A HEAD asks only, and the text of an error is no blob.
  const bool gives = exchange.method == "GET" && (!exchange.status || is_success(exchange));
  if (!gives) return std::nullopt;
  return Place{digest, Direction::down};
}

bool is_whole(const Exchange& exchange, Direction direction) {
  if (exchange.cut || !is_success(exchange)) return false;
  if (direction == Direction::down) return *exchange.status == 200;
  return exchange.method != "PATCH";  // a piece
}

// A blob that was sent in pieces is whole when its last request was; that one may carry nothing.
int whole_uploads_without_bytes(const std::vector<Exchange>& exchanges, const std::string& digest) {
  return static_cast<int>(std::count_if(exchanges.begin(), exchanges.end(), [&](const Exchange& each) {
    return each.method == "PUT" && each.target.path_class == PathClass::upload &&
           each.target.digest == digest && each.bytes_up == 0 && is_success(each) && !each.cut;
  }));
}

std::vector<BlobRow> rows_of(const std::vector<Exchange>& exchanges, const Descriptions& known) {
  const Uploads uploads = digests_of_uploads(exchanges);
  std::vector<BlobRow> rows;
  std::map<std::pair<std::string, Direction>, std::size_t> row_of;
  for (const Exchange& exchange : exchanges) {
    const auto place = place_of(exchange, uploads);
    if (!place) continue;
    const auto [found, is_new] = row_of.emplace(std::pair(place->digest, place->direction), rows.size());
    if (is_new) {
      BlobRow row;
      row.digest = place->digest;
      row.direction = place->direction;
      if (exchange.target.path_class == PathClass::manifest) row.media = "manifest";
      if (const auto described = known.find(place->digest); described != known.end()) {
        row.media = described->second.media;
        row.size = described->second.size;
      }
      if (place->direction == Direction::up)
        row.complete = whole_uploads_without_bytes(exchanges, place->digest);
      rows.push_back(std::move(row));
    }
    BlobRow& row = rows[found->second];
    ++row.count;
    row.complete += is_whole(exchange, place->direction) ? 1 : 0;
    row.bytes += place->direction == Direction::down ? exchange.bytes_down : exchange.bytes_up;
    row.time += exchange.end - exchange.start;
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const BlobRow& a, const BlobRow& b) { return a.direction < b.direction; });
  return rows;
}

}  // namespace

bool failed(const Exchange& exchange) {
  return exchange.cut || !exchange.status || *exchange.status >= 500 || *exchange.status == 408 ||
         *exchange.status == 429;
}

Account account(std::vector<Exchange> exchanges, const Descriptions& known) {
  std::stable_sort(exchanges.begin(), exchanges.end(),
                   [](const Exchange& a, const Exchange& b) { return a.start < b.start; });
  Account account;
  account.requests = static_cast<int>(exchanges.size());
  for (const Exchange& exchange : exchanges) {
    account.bytes_up += exchange.bytes_up;
    account.bytes_down += exchange.bytes_down;
    account.cut += exchange.cut ? 1 : 0;
    account.disturbed += exchange.disturbed ? 1 : 0;
    if (exchange.first_byte) account.first_byte.push_back(*exchange.first_byte - exchange.start);
  }
  account.retries = count_retries(exchanges);
  account.blobs = rows_of(exchanges, known);
  return account;
}

}  // namespace buildlab::network
