// Rows of a walk -> what a commit costs, and what makes it cost that. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "framework/metrics/statistics.h"
#include "framework/replay/row.h"

namespace buildlab::replay {

struct ClassSum {
  std::string name;
  std::size_t commits = 0;  // that changed it
  double share = 0;         // of the commits that count
  double mean_sec = 0;      // of those commits' builds
  // Of the builds of commits that changed nothing else of the context.
  std::size_t alone = 0;
  std::optional<double> alone_sec = {};
  // What it adds to an average commit: each build's seconds, divided as the seconds of its steps go back to
  // classes, in equal parts where nothing ran. The sum over all classes is the mean of all commits.
  double expected_sec = 0;
};

struct StepSum {
  std::string stage;
  std::string text;
  std::size_t commits = 0;  // whose build ran it
  double share = 0;
  double mean_sec = 0;      // when it ran
  double expected_sec = 0;  // share × mean
  std::map<std::string, std::size_t> reasons = {};
};

struct Sums {
  std::size_t commits = 0;  // rows but the one that primes before the first
  std::size_t counted = 0;
  std::size_t failed = 0;
  std::size_t without_dockerfile = 0;
  std::size_t refused = 0;
  std::optional<metrics::Estimate> duration = {};  // median with its interval
  std::optional<double> mean_sec = {};
  std::optional<double> hit_ratio = {};  // pooled over the builds that count
  std::size_t full_hits = 0;             // builds that ran nothing
  std::vector<ClassSum> classes = {};    // costliest first
  std::vector<StepSum> steps = {};       // costliest first
};

// Changes of a commit that has no build of its own (it failed, or has no Dockerfile) count with the next one
// that has: that build pays for them.
Sums sum_up(const std::vector<Row>& rows);

}  // namespace buildlab::replay
