// BuildKit v0.32 to v0.34, solver/llbsolver/ops/exec.go: "proxy network requests:", then "- GET URL -> 200".
#include "framework/metrics/proxy_log.h"

#include <algorithm>
#include <charconv>

#include "framework/base/through_url.h"

namespace buildlab::metrics {
namespace {

constexpr std::string_view k_heading = "proxy network requests:";
constexpr std::string_view k_arrow = " -> ";

std::optional<int> parse_status(std::string_view text) {
  int status = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), status);
  const bool is_status = text.size() == 3 && parsed.ec == std::errc() && parsed.ptr == text.data() + 3;
  return is_status && status >= 100 ? std::optional<int>(status) : std::nullopt;
}

// "- GET URL -> 200", "- GET URL"; nullopt for what is neither.
std::optional<LoggedRequest> parse_request(std::string_view line) {
  line.remove_prefix(2);
  const std::size_t space = line.find(' ');
  if (space == 0 || space == std::string_view::npos) return std::nullopt;
  LoggedRequest request;
  request.method = line.substr(0, space);
  std::string_view url = line.substr(space + 1);
  const std::size_t arrow = url.rfind(k_arrow);
  if (arrow != std::string_view::npos) request.status = parse_status(url.substr(arrow + k_arrow.size()));
  if (request.status) url = url.substr(0, arrow);
  if (url.empty()) return std::nullopt;
  request.url = original_url(url);
  return request;
}

// Given, not refused or failed (from 400 on).
bool is_fetched(const LoggedRequest& request) {
  return request.method == "GET" && request.status && *request.status >= 200 && *request.status < 400;
}

}  // namespace

void ProxyLog::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    // One byte more than a line may have tells that it is too long.
    m_line.append(piece.substr(0, k_line_bytes + 1 - std::min(m_line.size(), k_line_bytes + 1)));
    if (end == std::string_view::npos) return;
    end_line();
    bytes.remove_prefix(end + 1);
  }
}

void ProxyLog::end_line() {
  std::string line;
  line.swap(m_line);
  if (line.ends_with('\r')) line.pop_back();
  if (line == k_heading) {
    m_listing = true;
    m_fetched.clear();
    m_requests.clear();
  } else if (m_listing && line.starts_with("- ")) {
    if (line.size() > k_line_bytes || m_requests.size() == k_requests) return;
    auto request = parse_request(line);
    if (!request) return;
    if (is_fetched(*request)) m_fetched.push_back(request->url);
    m_requests.push_back(std::move(*request));
  } else {
    m_listing = false;
  }
}

}  // namespace buildlab::metrics
