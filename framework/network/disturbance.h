// Which faults are applied to a request. Pure but for what was applied already.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "framework/base/time.h"
#include "framework/fault/fault.h"
#include "framework/network/manifest.h"
#include "framework/network/target.h"

namespace buildlab::network {

struct Plan {
  std::vector<fault::Fault> faults = {};
  // The tag that is imported: a HEAD of another one asks whether there is something to write. "" where every
  // tag is imported.
  std::string import_reference = {};
  std::uint64_t seed = 1;                   // of the jitter
  bool fetches = false;                     // of RUN steps, not a cache's
  std::optional<int> build = std::nullopt;  // the measured build that the requests are of
  // false: the client has to connect anew for each request, and to ask for the host's name.
  bool keeps_connections = true;
};

struct Asked {
  std::string method;
  Target target;
  bool has_body = false;
};

// Which part of a build's dealings with a cache the request belongs to. A blob is the cache's configuration
// where a manifest that passed by says so.
fault::At place_of(const Asked& asked, const Descriptions& known, const std::string& import_reference);

struct FaultyAnswer {
  int status = 0;
  std::optional<int> retry_after_sec;

  friend bool operator==(const FaultyAnswer&, const FaultyAnswer&) = default;
};

// What happens to one request; all of it absent is nothing.
struct Disturbed {
  bool reset = false;                  // no answer, the connection ends
  std::optional<FaultyAnswer> answer;  // in place of the upstream's
  Nanoseconds delay{};
  std::optional<std::uint64_t> bytes_per_sec;
  bool cut = false;  // in the middle of the body where no place is given
  std::optional<std::uint64_t> cut_after;
  bool corrupt = false;
  bool of_request = false;  // cut and corrupt are those of the request's body, not of the answer's

  bool any() const { return reset || answer || delay.count() > 0 || bytes_per_sec || cut || corrupt; }
  friend bool operator==(const Disturbed&, const Disturbed&) = default;
};

class Disturbance {
 public:
  explicit Disturbance(Plan plan);
  // Counts each fault that it gives towards the fault's `times`. Not safe from several threads.
  // `after` the proxy's start.
  Disturbed next(const Asked& asked, const Descriptions& known, Nanoseconds after = {});

 private:
  Plan m_plan;
  std::vector<int> m_applied;
  std::mt19937_64 m_random;
};

}  // namespace buildlab::network
