// What BuildKit's proxy writes at the end of a step's log: the requests of the step, one a line. This is the
// only place that says which step fetched a URL: provenance lists what all steps fetched.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace buildlab::metrics {

class ProxyLog {
 public:
  static constexpr std::size_t k_requests = 20'000;
  static constexpr std::size_t k_line_bytes = 4096;

  // Pieces of the step's stderr; they may end in the middle of a line.
  void add(std::string_view bytes);
  // URLs that a GET had an answer from, in order. Of several such lists in one log the last counts:
  // what a step itself writes in this form stands before the proxy's.
  const std::vector<std::string>& fetched() const { return m_fetched; }

 private:
  void end_line();

  std::string m_line;
  bool m_listing = false;
  std::vector<std::string> m_fetched;
};

}  // namespace buildlab::metrics
