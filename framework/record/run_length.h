// Parts of a record: how many builds a scenario had and why no more, the further builds before a red, and
// base images whose tag moved. Values only.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace buildlab::record {

// Of a scenario that builds until its durations are known well enough.
struct RunLength {
  int least = 1;
  int most = 1;
  double until_interval = 0;              // asked: width of the median's 95 % interval over the median
  std::optional<double> budget_sec = {};  // for all builds, none without a limit
  std::optional<double> interval = {};    // reached; nullopt for fewer than two durations
  double spent_sec = 0;                   // from the first build's start to the last one's end
  std::string stopped;                    // "interval", "budget", "most", "failed"

  friend bool operator==(const RunLength&, const RunLength&) = default;
};

// A further build before a red. It is a sample of the confirmation alone.
struct ConfirmationBuild {
  std::string scenario;
  int round = 1;        // in each of which every arm is built once
  std::string started;  // RFC 3339
  double duration_sec = 0;
  std::string artifacts = {};  // folder relative to the run's folder; "" once they were removed
  std::optional<std::string> invalid_reason = {};  // then it says nothing

  friend bool operator==(const ConfirmationBuild&, const ConfirmationBuild&) = default;
};

// What was built before a gate on time was believed to fail.
struct Confirmation {
  std::string gate;
  std::string of;                         // the other scenario; "" for a limit in seconds
  int at_most = 0;                        // rounds
  std::vector<ConfirmationBuild> builds;  // in the order in which they ran
  bool confirmed = false;
  std::optional<std::string> error = {};  // what kept it from coming to an end
  std::optional<double> budget_sec = {};  // for all of it, none without a limit

  friend bool operator==(const Confirmation&, const Confirmation&) = default;
};

// A base image whose tag named another image when the scenario ended. All builds had the first.
struct MovedBase {
  std::string reference;
  std::string digest;      // that all builds had
  std::string digest_now;  // that the tag names at the end

  friend bool operator==(const MovedBase&, const MovedBase&) = default;
};

}  // namespace buildlab::record
