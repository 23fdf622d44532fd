// Programs that must not outlive us, whatever they start.
#pragma once

#include <string>
#include <vector>

namespace buildlab::engine {

// The command as the first process of PID and mount namespaces of its own: when it, or the process that
// started it, ends, by SIGKILL too, the kernel ends all that it started. Needs root and util-linux's unshare.
std::vector<std::string> contained(std::vector<std::string> argv);

}  // namespace buildlab::engine
