// buildlab-driver: what CTest starts for each scenario and for the two fixtures.
#include <fmt/format.h>

#include <csignal>
#include <string>
#include <vector>

#include "framework/process/descriptors.h"
#include "framework/run/version.h"
#include "framework/verdict/verdict.h"
#include "gates/driver/modes.h"
#include "gates/driver/options.h"
#include "gates/driver/output.h"

int main(int argc, char** argv) {
  using namespace buildlab;
  std::signal(SIGPIPE, SIG_IGN);
  process::raise_descriptor_limit();
  const auto options = gates::parse_options(std::vector<std::string>(argv + 1, argv + argc));
  if (!options) {
    gates::say_error(options.error());
    return verdict::exit_code(verdict::outcome_of(options.error().kind));
  }
  switch (options->mode) {
    case gates::Mode::scenario:
      return gates::run_scenario_mode(*options);
    case gates::Mode::setup:
      return gates::run_setup_mode(*options);
    case gates::Mode::finish:
      return gates::run_finish_mode(*options);
    case gates::Mode::help:
      gates::print(gates::usage_text());
      return 0;
    case gates::Mode::version:
      gates::print(fmt::format("buildlab-driver {}\n", run::tool_version()));
      return 0;
  }
  return verdict::exit_code(verdict::Outcome::infrastructure);
}
