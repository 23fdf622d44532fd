// The change of a container's configuration (OCI runtime specification, config.json) that variations come to.
// Pure: what is on the disk stands in Surroundings.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/base/json.h"
#include "framework/base/result.h"
#include "framework/shim/rootfs.h"
#include "framework/variation/application.h"

namespace buildlab::shim {

struct Surroundings {
  Facts facts;
  std::string faketime;                        // the library on the host
  std::optional<GlibcVersion> faketime_needs;  // at least
  std::vector<int> processors;                 // that this process may use
  int processor = 0;                           // the one to keep
  bool cpu_sets = false;
};

struct Edit {
  Json config;
  bool one_processor = false;
  bool old_kernel = false;
  bool no_randomisation = false;
  // The container's /etc/hosts needs this name.
  std::optional<std::string> host_name;
  std::vector<variation::Application> applications;  // one for each variation that is a container's affair
};

// An error when the configuration is none that a container can be started with.
Result<Edit> edit(const Json& config, const std::vector<variation::Variation>& variations,
                  const Surroundings& surroundings);

// The same with `source` in place of the file that is mounted as /etc/hosts. False when none is.
bool replace_hosts(Json& config, const std::string& source);
// The file that is mounted as /etc/hosts; "" when none is.
std::string hosts_source(const Json& config);

// Texts of config.process: its args, env, cwd.
std::vector<std::string> process_texts(const Json& config, const char* key);

}  // namespace buildlab::shim
