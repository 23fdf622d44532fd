#include "framework/metrics/fetches.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "framework/base/text.h"
#include "framework/base/through_url.h"
#include "framework/metrics/intervals.h"

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

using SeenRequest = const ObservedRequest*;

LoggedRequest to_logged(const ObservedRequest& seen) {
  LoggedRequest request{seen.method, seen.url, seen.status};
  take_over(seen, request);
  return request;
}

// What may be a URL at the beginning of the word. In ADD's JSON form, whose quotes BuildKit leaves out, a
// comma or a bracket ends one, in its plain form neither does.
void add_readings(std::string_view word, std::vector<std::string>& urls) {
  constexpr int k_most_readings = 32;
  std::size_t end = word.size();
  for (int i = 0; i < k_most_readings && end != std::string_view::npos && end > 0; ++i) {
    urls.push_back(uniform_url(word.substr(0, end)));
    end = word.find_last_of(",]\"", end - 1);
  }
}

std::vector<std::string> urls_in(std::string_view text) {
  std::vector<std::string> urls;
  for (std::size_t at = text.find("http"); at != std::string_view::npos; at = text.find("http", at + 4)) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("http://") || rest.starts_with("https://"))
      add_readings(rest.substr(0, rest.find(' ')), urls);
  }
  return urls;
}

using Downloads = std::map<std::string, std::vector<Vertex*>>;  // by URL

Downloads downloads_of(BuildGraph& graph) {
  Downloads downloads;
  for (Vertex& vertex : graph.vertexes) {
    const auto name = parse_step_name(vertex.name);
    if (!name || !vertex.inputs.empty() || !to_lower(name->text.substr(0, 4)).starts_with("add ")) continue;
    for (const std::string& url : urls_in(name->text)) downloads[url].push_back(&vertex);
  }
  return downloads;
}

// Of several downloads with the URL, the one that has asked least.
std::vector<SeenRequest> attach_downloads(BuildGraph& graph, const std::vector<SeenRequest>& in_order) {
  Downloads downloads = downloads_of(graph);
  std::vector<SeenRequest> left;
  for (const SeenRequest seen : in_order) {
    const auto found = downloads.find(seen->url);
    if (found == downloads.end()) {
      left.push_back(seen);
      continue;
    }
    Vertex* asker = *std::min_element(
        found->second.begin(), found->second.end(),
        [](const Vertex* a, const Vertex* b) { return a->requests.size() < b->requests.size(); });
    asker->requests.push_back(to_logged(*seen));
    if (!seen->leads_to.empty()) downloads[seen->leads_to].push_back(asker);
  }
  return left;
}

std::vector<SeenRequest> attach_logged(BuildGraph& graph, const std::vector<SeenRequest>& in_order) {
  std::map<std::string, std::deque<SeenRequest>> waiting;
  for (const SeenRequest seen : in_order) waiting[key_of(seen->method, seen->url)].push_back(seen);
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
  std::vector<SeenRequest> left;
  for (const auto& [key, of_key] : waiting) {
    const auto asker = first_asker.find(key);
    for (const SeenRequest seen : of_key) {
      if (asker == first_asker.end()) {
        left.push_back(seen);
      } else {
        asker->second->requests.push_back(to_logged(*seen));
      }
    }
  }
  return left;
}

}  // namespace

std::optional<Fetches> attach(BuildGraph& graph, const std::vector<ObservedRequest>& observed) {
  std::vector<SeenRequest> by_builder;
  std::vector<SeenRequest> by_steps;
  for (const ObservedRequest& seen : observed) (seen.by_builder ? by_builder : by_steps).push_back(&seen);
  for (std::vector<SeenRequest>* list : {&by_builder, &by_steps}) {
    std::stable_sort(list->begin(), list->end(),
                     [](SeenRequest a, SeenRequest b) { return a->start < b->start; });
  }
  // Logged requests first: downloads have no log, so that theirs are none of them.
  Vertex unknown;
  for (const SeenRequest seen : attach_logged(graph, by_steps)) unknown.requests.push_back(to_logged(*seen));
  for (const SeenRequest seen : attach_downloads(graph, by_builder))
    unknown.requests.push_back(to_logged(*seen));
  return fetches_of({&unknown});
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
