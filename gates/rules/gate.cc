#include "gates/rules/gate.h"

#include <algorithm>

#include "framework/base/text.h"

namespace buildlab::gates {

verdict::Verdict pass(std::string gate, std::string message, std::vector<std::string> evidence) {
  return {std::move(gate), verdict::Ruling::pass, std::move(message), std::move(evidence), {}, {}};
}

verdict::Verdict not_evaluated(std::string gate, std::string message, std::vector<std::string> evidence) {
  return {std::move(gate), verdict::Ruling::not_evaluated, std::move(message), std::move(evidence), {}, {}};
}

verdict::Verdict failed(std::string gate, const record::ScenarioRecord& record, std::string message,
                        std::vector<std::string> evidence, const metrics::Step* step) {
  verdict::Verdict verdict{
      std::move(gate), verdict::Ruling::fail, std::move(message), std::move(evidence), {}, {}};
  if (!record.dockerfile_path.empty()) {
    verdict.file = record.dockerfile_path;
    verdict.line = step == nullptr ? 1 : step->lines.first;
  }
  return verdict;
}

std::string name_of(const record::Build& build) {
  return build.builder.empty() ? fmt::format("build {}", build.iteration)
                               : fmt::format("build {} (builder {})", build.iteration, build.builder);
}

std::string name_of(const record::ScenarioRecord& record, const metrics::Step& step) {
  return fmt::format("{}:{} {}", record.dockerfile_path, step.lines.first, one_line(step.text, 120));
}

std::string what_happened(const metrics::Step& step) {
  const std::string seconds = step.seconds ? fmt::format(", {}", to_short_text(*step.seconds)) : "";
  switch (step.outcome) {
    case metrics::StepOutcome::hit:
      return step.source ? fmt::format("cached ({})", metrics::to_string(*step.source)) : "cached";
    case metrics::StepOutcome::ran:
      return "ran" + seconds;
    case metrics::StepOutcome::failed:
      return "failed" + seconds;
    case metrics::StepOutcome::not_run:
      return "did not run";
    case metrics::StepOutcome::not_in_graph:
      return "was not in the build's graph";
  }
  return "";
}

std::string why_it_ran(const metrics::Step& step) {
  return step.miss ? "; " + metrics::to_text(*step.miss) : "";
}

std::string age(WallTime then, WallTime now) {
  const double seconds = std::max(0.0, to_seconds(now - then));
  if (seconds < 120) return fmt::format("{:.0f} s old", seconds);
  if (seconds < 2 * 3600) return fmt::format("{:.0f} min old", seconds / 60);
  if (seconds < 48 * 3600) return fmt::format("{:.0f} h old", seconds / 3600);
  return fmt::format("{:.0f} days old", seconds / 86400);
}

std::vector<double> durations(const Samples& samples) {
  std::vector<double> seconds;
  seconds.reserve(samples.size());
  for (const record::Build* build : samples) seconds.push_back(build->duration_sec);
  return seconds;
}

bool is_same_row(const metrics::Step& a, const metrics::Step& b) {
  return a.stage == b.stage && a.lines == b.lines && a.text == b.text;
}

namespace {

std::vector<const metrics::Step*> ran_by_seconds(const record::Build& build) {
  std::vector<const metrics::Step*> steps;
  for (const metrics::Step& step : build.numbers.steps) {
    if (step.outcome == metrics::StepOutcome::ran) steps.push_back(&step);
  }
  std::stable_sort(steps.begin(), steps.end(), [](const metrics::Step* a, const metrics::Step* b) {
    return a->seconds.value_or(0) > b->seconds.value_or(0);
  });
  return steps;
}

}  // namespace

std::vector<std::string> steps_that_ran(const record::ScenarioRecord& record, const record::Build& build) {
  std::vector<std::string> lines;
  for (const metrics::Step* step : ran_by_seconds(build)) {
    lines.push_back(fmt::format("{}: {}{}", name_of(record, *step), what_happened(*step), why_it_ran(*step)));
  }
  return lines;
}

const metrics::Step* longest_that_ran(const record::Build& build) {
  const auto steps = ran_by_seconds(build);
  return steps.empty() ? nullptr : steps.front();
}

verdict::Verdict too_few_hits(std::string gate, const record::ScenarioRecord& record,
                              const record::Build& build, std::string message) {
  const auto& steps = build.numbers.steps;
  const auto root = std::find_if(steps.begin(), steps.end(), [](const metrics::Step& step) {
    return step.miss && step.miss->reason != metrics::MissReason::parent_rekeyed;
  });
  const metrics::Step* place = root == steps.end() ? longest_that_ran(build) : &*root;
  if (root != steps.end())
    message += fmt::format("; {}: {}", name_of(record, *root), metrics::to_text(*root->miss));
  return failed(std::move(gate), record, std::move(message), steps_that_ran(record, build), place);
}

namespace {

const record::Confirmation* confirmation_of(const record::ScenarioRecord& record, std::string_view gate) {
  for (const record::Confirmation& confirmation : record.confirmations) {
    if (confirmation.gate == gate) return &confirmation;
  }
  return nullptr;
}

// "6 further builds", with a line for each in `evidence`.
std::string further_builds(const record::Confirmation& further, std::vector<std::string>& evidence) {
  for (const record::ConfirmationBuild& build : further.builds) {
    evidence.push_back(build.invalid_reason ? fmt::format("confirmation {}: {} is no sample: {}", build.round,
                                                          build.scenario, *build.invalid_reason)
                                            : fmt::format("confirmation {}: {} {}", build.round,
                                                          build.scenario, to_short_text(build.duration_sec)));
  }
  const std::size_t count = further.builds.size();
  return fmt::format("{} further build{}{}", count, count == 1 ? "" : "s",
                     further.of.empty() ? "" : " of both by turns");
}

void tell_confirmed(const record::Confirmation& further, std::string& message,
                    std::vector<std::string>& evidence) {
  message += "; confirmed by " + further_builds(further, evidence);
}

verdict::Verdict unconfirmed(const record::Confirmation& further, std::string gate, std::string message,
                             std::vector<std::string> evidence) {
  const std::string builds = further_builds(further, evidence);
  if (further.error) {
    message += fmt::format("; over it, but not confirmed: the further builds stopped: {}", *further.error);
    return not_evaluated(std::move(gate), std::move(message), std::move(evidence));
  }
  message += fmt::format("; over it, but not confirmed: {} do not show it", builds);
  return pass(std::move(gate), std::move(message), std::move(evidence));
}

}  // namespace

verdict::Verdict rule_on_time(const GateInput& input, std::string gate, metrics::Change change,
                              const TimeLimit& time, std::string message, std::vector<std::string> evidence) {
  const record::Confirmation* further = confirmation_of(input.record(), gate);
  if (change == metrics::Change::slower && further != nullptr && !further->confirmed)
    return unconfirmed(*further, std::move(gate), std::move(message), std::move(evidence));
  if (change == metrics::Change::slower) {
    if (further != nullptr) tell_confirmed(*further, message, evidence);
    const record::Build& build = *input.samples.front();
    for (std::string& line : steps_that_ran(input.record(), build)) evidence.push_back(std::move(line));
    return failed(std::move(gate), input.record(), std::move(message), std::move(evidence),
                  longest_that_ran(build));
  }
  const bool beyond = time.median_sec > time.limit_sec * (1 + metrics::k_relative_floor) &&
                      time.median_sec - time.limit_sec > metrics::k_absolute_floor_sec;
  if (beyond && change == metrics::Change::too_few) {
    message += "; over it, but these are too few builds to tell a slow build from a slow moment";
    evidence.emplace_back("with more \"runs\" it can be told (docs/gates.md)");
    return not_evaluated(std::move(gate), std::move(message), std::move(evidence));
  }
  if (beyond) {
    message += "; over it, but the builds differ too much to be sure";
  } else if (time.median_sec > time.limit_sec) {
    message += fmt::format("; over it, but not beyond it by {:.0f} % and {}", metrics::k_relative_floor * 100,
                           to_short_text(metrics::k_absolute_floor_sec));
  }
  return pass(std::move(gate), std::move(message), std::move(evidence));
}

}  // namespace buildlab::gates
