#include "framework/metrics/fetches.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

namespace buildlab::metrics {
namespace {

std::string key_of(const std::string& method, const std::string& url) {
  return method + " " + url;
}

void take_over(const ObservedRequest& seen, LoggedRequest& request) {
  request.start = seen.start;
  request.end = seen.end;
  request.first_byte = seen.first_byte;
  request.cut = seen.cut;
}

// What a client may try again, by the rule of the registry's proxy (framework/network/accounting.h).
bool is_failure(const LoggedRequest& request) {
  return request.cut || !request.status || *request.status >= 500 || *request.status == 408 ||
         *request.status == 429;
}

double seconds_under_way(std::vector<std::pair<Nanoseconds, Nanoseconds>> stretches) {
  std::sort(stretches.begin(), stretches.end());
  Nanoseconds sum{};
  Nanoseconds until{};
  for (const auto& stretch : stretches) {
    const Nanoseconds begin = std::max(stretch.first, until);
    if (stretch.second <= begin) continue;
    sum += stretch.second - begin;
    until = stretch.second;
  }
  return to_seconds(sum);
}

}  // namespace

void attach(BuildGraph& graph, const std::vector<ObservedRequest>& observed) {
  std::map<std::string, std::deque<const ObservedRequest*>> waiting;
  std::vector<const ObservedRequest*> in_order;
  for (const ObservedRequest& seen : observed) in_order.push_back(&seen);
  std::stable_sort(in_order.begin(), in_order.end(),
                   [](const auto* a, const auto* b) { return a->start < b->start; });
  for (const ObservedRequest* seen : in_order) waiting[key_of(seen->method, seen->url)].push_back(seen);

  std::map<std::string, Vertex*> first_asker;
  for (Vertex& vertex : graph.vertexes) {
    for (LoggedRequest& request : vertex.requests) {
      const std::string key = key_of(request.method, request.url);
      first_asker.emplace(key, &vertex);
      const auto seen = waiting.find(key);
      if (seen == waiting.end() || seen->second.empty()) continue;
      take_over(*seen->second.front(), request);
      seen->second.pop_front();
    }
  }
  for (const auto& [key, left] : waiting) {
    const auto asker = first_asker.find(key);
    if (asker == first_asker.end()) continue;
    for (const ObservedRequest* seen : left) {
      LoggedRequest request{seen->method, seen->url, seen->status};
      take_over(*seen, request);
      asker->second->requests.push_back(std::move(request));
    }
  }
}

std::optional<Fetches> fetches_of(const std::vector<const Vertex*>& vertexes) {
  Fetches result;
  std::map<std::string, int> failures;  // that were not asked again yet
  std::vector<std::pair<Nanoseconds, Nanoseconds>> stretches;
  std::optional<Nanoseconds> slowest;
  for (const Vertex* vertex : vertexes) {
    std::vector<const LoggedRequest*> requests;
    for (const LoggedRequest& request : vertex->requests) requests.push_back(&request);
    // What BuildKit's list does not hold stands at the end of it.
    const bool timed =
        std::all_of(requests.begin(), requests.end(), [](const auto* request) { return request->start; });
    if (timed) {
      std::stable_sort(requests.begin(), requests.end(),
                       [](const auto* a, const auto* b) { return *a->start < *b->start; });
    }
    for (const LoggedRequest* request : requests) {
      ++result.requests;
      int& open = failures[key_of(request->method, request->url)];
      if (open > 0) {
        --open;
        ++result.retries;
      }
      if (is_failure(*request)) {
        ++open;
        ++result.failed;
      }
      if (request->start && request->end) stretches.emplace_back(*request->start, *request->end);
      if (request->first_byte) slowest = std::max(slowest.value_or(Nanoseconds{}), *request->first_byte);
    }
  }
  if (result.requests == 0) return std::nullopt;
  if (!stretches.empty()) result.seconds = seconds_under_way(std::move(stretches));
  if (slowest) result.slowest_answer_sec = to_seconds(*slowest);
  return result;
}

}  // namespace buildlab::metrics
