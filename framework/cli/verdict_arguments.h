// Arguments of `build-lab verdict`, which has commands of its own. Private to arguments.cc.
#pragma once

#include "framework/cli/arguments.h"

namespace CLI {
class App;
}

namespace buildlab::cli {

struct VerdictOptions {
  VerdictCheck check;
  VerdictMake make;
  VerdictMerge merge;
};

// `add_common` adds what every command has. `options` has to live until the arguments are parsed.
void add_verdict(CLI::App& app, VerdictOptions& options, void (*add_common)(CLI::App&, Common&));

// After parsing: what was asked for, where `verdict` was.
Invocation chosen_verdict(const CLI::App& verdict, const VerdictOptions& options);

}  // namespace buildlab::cli
