// What BuildKit's proxy writes at the end of a step's log: the requests of the step, one a line. This is the
// only place that says which step fetched a URL: provenance lists what all steps fetched.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/time.h"

namespace buildlab::metrics {

struct LoggedRequest {
  std::string method;
  std::string url;
  std::optional<int> status;
  // Where a server of the run's own saw it as well.
  std::optional<Nanoseconds> start = std::nullopt;  // since that server's own
  std::optional<Nanoseconds> end = std::nullopt;
  std::optional<Nanoseconds> first_byte = std::nullopt;  // after its start
  bool cut = false;                                      // the answer did not come to its end

  friend bool operator==(const LoggedRequest&, const LoggedRequest&) = default;
};

class ProxyLog {
 public:
  static constexpr std::size_t k_requests = 20'000;
  static constexpr std::size_t k_line_bytes = 4096;

  // Pieces of the step's stderr; they may end in the middle of a line.
  void add(std::string_view bytes);
  // URLs that a GET had an answer from, in order. Of several such lists in one log the last counts:
  // what a step itself writes in this form stands before the proxy's.
  const std::vector<std::string>& fetched() const { return m_fetched; }
  // All of them, in the order of their answers.
  const std::vector<LoggedRequest>& requests() const { return m_requests; }

 private:
  void end_line();

  std::string m_line;
  bool m_listing = false;
  std::vector<std::string> m_fetched;
  std::vector<LoggedRequest> m_requests;
};

}  // namespace buildlab::metrics
