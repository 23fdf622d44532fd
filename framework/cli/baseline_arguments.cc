#include "framework/cli/baseline_arguments.h"

#include <algorithm>
#include <CLI/CLI.hpp>

namespace buildlab::cli {

void add_baseline(CLI::App& app, MakeBaseline& options, void (*add_common)(CLI::App&, Common&)) {
  CLI::App* command =
      app.add_subcommand("baseline", "Write what the scenarios take now to a file that can be committed");
  add_common(*command, options.common);
  command->add_option("FILE", options.output, "The file: made, or its scenarios' rows replaced")->required();
}

void add_baseline_option(CLI::App& command, Compare& options) {
  command
      .add_option("--baseline", options.baseline,
                  "A file of build-lab baseline, with the newest record of each of its scenarios")
      ->type_name("FILE");
}

Invocation chosen_compare(const Compare& options) {
  const bool records = options.last || !options.records.empty();
  if (options.baseline && records)
    return Say{"build-lab compare: --baseline and runs cannot be compared at once; give one of them\n", 2};
  const auto& fail_on = options.fail_on;
  if (options.baseline && std::find(fail_on.begin(), fail_on.end(), "digest") != fail_on.end())
    return Say{"build-lab compare: a baseline holds no digests, so --fail-on digest says nothing of it\n", 2};
  if (!options.baseline && !options.last && options.records.size() != 2) {
    return Say{
        "build-lab compare: name what to compare: --last 2, two of RUN or RUN/SCENARIO, or --baseline FILE\n",
        2};
  }
  return options;
}

}  // namespace buildlab::cli
