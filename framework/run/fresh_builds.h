// One build on a fresh builder, as the kinds that use them have it.
#pragma once

#include <filesystem>
#include <functional>

#include "framework/base/result.h"
#include "framework/base/time.h"
#include "framework/engine/base_image.h"
#include "framework/run/scenario_run.h"

namespace buildlab::run {

// What all builds of one scenario on fresh builders share.
struct FreshBuilds {
  const engine::BaseImages& bases;
  const Workspace& workspace;
  std::filesystem::path copy;  // of the context, mutated
  context::Applied applied;    // by the mutations; build_args complete
  // Asked of the first build, for what another file system has to hold.
  bool measure_disk = false;
  Bytes disk_usage = {};
};

// Names of builders side by side: "A", "B", …, "Z", "27".
std::string builder_name(int iteration);

// Builds with nothing varied and takes the build into the record.
Status build_fresh(ScenarioRun& run, FreshBuilds& fresh, Order order);

// `count` calls of `work` with 0, 1, …, on as many threads as there are cores. Stops at the first error,
// which is returned once all have ended. Of calls that start together each waits `apart` longer than the one
// before.
Status side_by_side(int count, const std::function<Status(int)>& work, Nanoseconds apart = {});

}  // namespace buildlab::run
