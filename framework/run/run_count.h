// How many measured builds a scenario has, of kind matrix rounds: the number that it names, or until their
// durations are known well enough.
#pragma once

#include <optional>
#include <vector>

#include "framework/base/time.h"
#include "framework/record/record.h"
#include "framework/scenario/scenario.h"

namespace buildlab::run {

// The duration of a build that is a sample.
std::optional<double> sample_of(const record::Build& build);

class RunCount {
 public:
  // Keeps `record.run_length` up to date where the scenario builds until something is known.
  RunCount(const scenario::Scenario& scenario, record::ScenarioRecord& record);

  // Whether one more is to be built. The clock of a time budget starts with the first call.
  bool wants_another();
  // After each; nullopt for one that is no sample.
  void built(std::optional<double> duration_sec);

 private:
  bool wants_planned();
  void take_calm();
  // In place of builds that had trouble with the network (noisy_network.h).
  bool wants_repeat();

  const scenario::Scenario& m_scenario;
  record::ScenarioRecord& m_record;
  std::optional<SteadyClock::time_point> m_begin;
  int m_built = 0;
  std::optional<int> m_planned;  // builds made when no further planned one was wanted
  std::vector<double> m_seconds;
};

}  // namespace buildlab::run
