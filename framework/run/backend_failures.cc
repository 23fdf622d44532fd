#include "framework/run/backend_failures.h"

#include <algorithm>
#include <string>
#include <utility>

#include "framework/run/scenario_run.h"
#include "framework/verdict/verdict.h"

namespace buildlab::run {

bool others_can_go_on(const Error& error, const record::Build* entry) {
  if (entry == nullptr || !entry->failure) return false;
  return error.kind == ErrorKind::build_failed ||
         (error.kind == ErrorKind::infrastructure && export_was_refused(*entry));
}

void take_failure(BackendFailures& failures, int round, const Error& error) {
  ++failures.in_a_row;
  if (!failures.first) failures.first = error;
  failures.given_up = round == 0 || failures.in_a_row >= k_most_failures_in_a_row;
}

Status end_of_round(const std::vector<const BackendFailures*>& built, int round) {
  const bool all = !built.empty() &&
                   std::all_of(built.begin(), built.end(), [](const auto* one) { return one->in_a_row > 0; });
  if (!all) return {};
  const Error& first = *built.front()->first;
  if (round == 0 && first.kind != ErrorKind::build_failed) return {};
  return tl::unexpected(first);
}

bool anyone_is_left(const std::vector<const BackendFailures*>& backends) {
  return std::any_of(backends.begin(), backends.end(), [](const auto* one) { return !one->given_up; });
}

Status end_of_matrix(const std::vector<const BackendFailures*>& backends) {
  std::vector<const Error*> errors;
  for (const BackendFailures* one : backends) {
    if (one->first) errors.push_back(&*one->first);
  }
  if (errors.empty()) return {};
  std::stable_sort(errors.begin(), errors.end(), [](const Error* one, const Error* other) {
    const auto outcome = verdict::outcome_of(one->kind);
    return outcome != verdict::outcome_of(other->kind) &&
           verdict::worst(outcome, verdict::outcome_of(other->kind)) == outcome;
  });
  Error error = *errors.front();
  for (std::size_t i = 1; i < errors.size(); ++i) error.details.push_back("also: " + errors[i]->message);
  return tl::unexpected(std::move(error));
}

}  // namespace buildlab::run
