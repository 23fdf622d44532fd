// What the processes of one ctest invocation share: the run that buildlab.setup opened. Kept below the store,
// by the process id of that ctest, so that two ctest invocations in one build tree do not mix.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/result.h"

namespace buildlab::gates {

struct CtestRun {
  std::vector<std::string> run_ids;  // the one that setup opened first; one more for each repeated scenario
  std::optional<Error> setup_error;  // why setup failed, for the summary
};

// Starts anew what `ctest_pid` shares, and forgets what ended ctest processes left.
Status begin_ctest_run(const std::filesystem::path& store, pid_t ctest_pid);
Status add_run(const std::filesystem::path& store, pid_t ctest_pid, const std::string& run_id);
Status add_setup_error(const std::filesystem::path& store, pid_t ctest_pid, const Error& error);
// nullopt when setup did not run (`ctest -FS buildlab`, or the driver started by hand).
Result<std::optional<CtestRun>> read_ctest_run(const std::filesystem::path& store, pid_t ctest_pid);
Status end_ctest_run(const std::filesystem::path& store, pid_t ctest_pid);

}  // namespace buildlab::gates
