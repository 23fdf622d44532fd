// Arguments of `build-lab replay` and `build-lab map`. Private to arguments.cc.
#pragma once

#include <string>

#include "framework/cli/arguments.h"

namespace CLI {
class App;
}

namespace buildlab::cli {

struct ReplayOptions {
  Replay replay;
  std::string format = "text";
  std::string cache_mode = "builder";
};

// `options` has to live until the arguments are parsed.
void add_replay(CLI::App& app, ReplayOptions& options, void (*add_common)(CLI::App&, Common&));

// After parsing: what was asked for, or the usage error.
Invocation chosen_replay(const ReplayOptions& options);

struct MapOptions {
  Map map;
  std::string format = "text";
};
void add_map(CLI::App& app, MapOptions& options, void (*add_common)(CLI::App&, Common&));
Invocation chosen_map(const MapOptions& options);

}  // namespace buildlab::cli
