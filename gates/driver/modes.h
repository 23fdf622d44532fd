// What the driver does in each of its modes; each returns the exit code.
#pragma once

#include "gates/driver/options.h"

namespace buildlab::gates {

inline constexpr int k_skipped_exit_code = 77;  // CTest's SKIP_RETURN_CODE, after Automake

int run_scenario_mode(const DriverOptions& options);
int run_setup_mode(const DriverOptions& options);
int run_finish_mode(const DriverOptions& options);

}  // namespace buildlab::gates
