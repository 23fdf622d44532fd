// Commands that install dependencies, and the files that they read. Private to this room.
#pragma once

#include <string_view>
#include <vector>

namespace buildlab::advisor {

struct Installer {
  std::string_view command;  // as it stands in a RUN: "npm ci"
  std::vector<std::string_view>
      manifests;  // what to copy before it; empty for system packages, which read none
};

// The first installer that the RUN's text calls; nullptr when none.
const Installer* installer_in(std::string_view run);

}  // namespace buildlab::advisor
