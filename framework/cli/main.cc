// Turns what a command came to into an exit code.
#include <csignal>
#include <variant>

#include "framework/cli/arguments.h"
#include "framework/cli/commands.h"
#include "framework/cli/console.h"
#include "framework/process/descriptors.h"

namespace {

using namespace buildlab;

struct Execute {
  Result<verdict::Outcome> operator()(const cli::Run& options) const { return cli::run_scenarios(options); }
  Result<verdict::Outcome> operator()(const cli::List& options) const { return cli::list_scenarios(options); }
  Result<verdict::Outcome> operator()(const cli::Report& options) const { return cli::print_report(options); }
  Result<verdict::Outcome> operator()(const cli::Compare& options) const {
    return cli::compare_runs(options);
  }
  Result<verdict::Outcome> operator()(const cli::Diff& options) const { return cli::diff_images(options); }
  Result<verdict::Outcome> operator()(const cli::Doctor& options) const { return cli::diagnose(options); }
  Result<verdict::Outcome> operator()(const cli::Init& options) const { return cli::make_starter(options); }
  Result<verdict::Outcome> operator()(const cli::Clean& options) const { return cli::clean_up(options); }
  Result<verdict::Outcome> operator()(const cli::VerdictCheck& options) const {
    return cli::check_verdicts(options);
  }
  Result<verdict::Outcome> operator()(const cli::VerdictMake& options) const {
    return cli::make_verdict(options);
  }
  Result<verdict::Outcome> operator()(const cli::VerdictMerge& options) const {
    return cli::merge_verdicts(options);
  }
  Result<verdict::Outcome> operator()(const cli::Map& options) const { return cli::show_map(options); }
  Result<verdict::Outcome> operator()(const cli::Replay& options) const {
    return cli::replay_history(options);
  }
  Result<verdict::Outcome> operator()(const cli::MakeBaseline& options) const {
    return cli::make_baseline(options);
  }
  Result<verdict::Outcome> operator()(const cli::Say&) const { return verdict::Outcome::passed; }
};

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  process::raise_descriptor_limit();
  const cli::Invocation invocation = cli::parse_arguments(argc, argv);
  if (const auto* say = std::get_if<cli::Say>(&invocation)) {
    if (say->exit_code != 0) {
      cli::write_stderr(say->text);
      return say->exit_code;
    }
    return cli::write_stdout(say->text) ? 0 : 99;
  }
  const auto outcome = std::visit(Execute{}, invocation);
  if (outcome) return verdict::exit_code(*outcome);
  cli::print_error(outcome.error());
  return verdict::exit_code(verdict::outcome_of(outcome.error().kind));
}
