// The commands. Each prints its data on standard output and returns what it came to, or the error that
// stopped it.
#pragma once

#include "framework/base/result.h"
#include "framework/cli/arguments.h"
#include "framework/verdict/verdict.h"

namespace buildlab::cli {

Result<verdict::Outcome> run_scenarios(const Run& options);
Result<verdict::Outcome> list_scenarios(const List& options);
Result<verdict::Outcome> print_report(const Report& options);
Result<verdict::Outcome> compare_runs(const Compare& options);
// Every error is of kind usage: diff(1) ends with 2 on any trouble.
Result<verdict::Outcome> diff_images(const Diff& options);
// Not evaluable where no scenario has a whole record.
Result<verdict::Outcome> make_baseline(const MakeBaseline& options);
Result<verdict::Outcome> diagnose(const Doctor& options);
Result<verdict::Outcome> make_starter(const Init& options);
Result<verdict::Outcome> clean_up(const Clean& options);
Result<verdict::Outcome> check_verdicts(const VerdictCheck& options);
Result<verdict::Outcome> make_verdict(const VerdictMake& options);
Result<verdict::Outcome> show_map(const Map& options);
Result<verdict::Outcome> replay_history(const Replay& options);
Result<verdict::Outcome> merge_verdicts(const VerdictMerge& options);

}  // namespace buildlab::cli
