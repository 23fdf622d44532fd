// BuildKit v0.32 to v0.34, solver/llbsolver/ops/exec.go: "proxy network requests:", then "- GET URL -> 200".
#include "framework/metrics/proxy_log.h"

#include <algorithm>

namespace buildlab::metrics {
namespace {

constexpr std::string_view k_heading = "proxy network requests:";
constexpr std::string_view k_get = "- GET ";
constexpr std::string_view k_arrow = " -> ";

// The URL of "- GET URL -> 200"; empty for other methods and for refusals and failures (from 400 on).
std::string_view fetched_url(std::string_view line) {
  if (!line.starts_with(k_get)) return {};
  line.remove_prefix(k_get.size());
  const std::size_t arrow = line.rfind(k_arrow);
  if (arrow == std::string_view::npos) return {};
  const std::string_view status = line.substr(arrow + k_arrow.size());
  const bool answered = status.size() == 3 && (status[0] == '2' || status[0] == '3');
  return answered ? line.substr(0, arrow) : std::string_view{};
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
  } else if (m_listing && line.starts_with("- ")) {
    const std::string_view url = fetched_url(line);
    if (url.empty() || line.size() > k_line_bytes || m_fetched.size() == k_requests) return;
    m_fetched.emplace_back(url);
  } else {
    m_listing = false;
  }
}

}  // namespace buildlab::metrics
