// Arguments of `build-lab baseline`, and of `build-lab compare` with one. Private to arguments.cc.
#pragma once

#include "framework/cli/arguments.h"

namespace CLI {
class App;
}

namespace buildlab::cli {

// `options` have to live until the arguments are parsed.
void add_baseline(CLI::App& app, MakeBaseline& options, void (*add_common)(CLI::App&, Common&));
void add_baseline_option(CLI::App& command, Compare& options);

// After parsing: what was asked for, or the usage error.
Invocation chosen_compare(const Compare& options);

}  // namespace buildlab::cli
