// kind matrix: the same subject and edits on several runners, one after another in every round and in turning
// order, so that what the machine does meanwhile meets all of them alike.
#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <optional>

#include "framework/base/file.h"
#include "framework/base/redact.h"
#include "framework/run/backend_failures.h"
#include "framework/run/build_facts.h"
#include "framework/run/cache_proxy.h"
#include "framework/run/cached_build.h"
#include "framework/run/circumstances.h"
#include "framework/run/edited_subject.h"
#include "framework/run/kinds.h"
#include "framework/run/missed_steps.h"
#include "framework/run/run_count.h"
#include "framework/scenario/cache_attributes.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;
using scenario::Backend;

struct Column {
  const Backend* backend = nullptr;
  int number = 0;  // from 1, for names of folders
  ExternalCache cache;
  fs::path root;
  fs::path filler;  // root of the builder that fills its cache
  KeptCache kept = {};
  std::optional<misses::BuildFacts> filled_by = {};
  BackendFailures failures = {};
};

// Builders export what they have: a layer that is compressed in one way already is not compressed in another
// or at another level, and mode min takes what was exported before along. So only caches that are alike in
// that are filled by one.
std::string kind_of_filling(const Backend& backend) {
  std::string kind =
      fmt::format("{} {}", backend.cache_mode == scenario::CacheMode::inlined, backend.cache_export_mode);
  for (const char* key : {"compression", "compression-level", "force-compression", "oci-mediatypes"}) {
    const auto value = backend.cache_attributes.find(key);
    kind += fmt::format(" {}", value == backend.cache_attributes.end() ? "" : value->second);
  }
  return kind;
}

record::BackendRow to_row(const Backend& backend) {
  record::BackendRow row;
  row.name = backend.name;
  row.cache_mode = to_string(backend.cache_mode);
  row.kept = backend.kept;
  if (scenario::has_export_mode(backend.cache_mode)) row.cache_export_mode = backend.cache_export_mode;
  if (backend.cache_mode == scenario::CacheMode::inlined) row.cache_export_mode = "min";
  row.faults = fault_texts(backend.faults);
  for (const auto& [name, value] : backend.cache_attributes)
    row.cache_attributes[name] = redact_url_credentials(value);
  return row;
}

Result<std::vector<Column>> open_columns(ScenarioRun& run, const fs::path& folder) {
  std::vector<Column> columns;
  std::map<std::string, fs::path> fillers;
  for (const Backend& backend : run.scenario.backends) {
    Column column;
    column.backend = &backend;
    column.number = static_cast<int>(columns.size()) + 1;
    const fs::path own = folder / fmt::format("{}", column.number);
    auto cache = ExternalCache::open(run.toolchain, backend, own / "cache");
    if (!cache) return fail_in(fmt::format("backend {}", backend.name), cache.error());
    column.cache = std::move(*cache);
    column.root = own / "root";
    column.filler = fillers.try_emplace(kind_of_filling(backend), own / "filler").first->second;
    columns.push_back(std::move(column));
    run.record.backends.push_back(to_row(backend));
  }
  return columns;
}

Declared declared_state(const ScenarioRun& run, const Column& column) {
  Declared declared;
  declared.state = column.backend->kept    ? CacheState::primed
                   : column.cache.exists() ? CacheState::imported
                                           : CacheState::empty;
  declared.local_import_present = column.cache.is_filled();
  declared.has_mutation = !run.scenario.input_mutation.empty();
  declared.just_primed = column.backend->kept;
  return declared;
}

struct Round {
  const fs::path& copy;
  engine::BaseImages bases;
  int number = 0;  // 0 is the filling one
  Order edited = {};
  std::optional<misses::BuildFacts> facts = {};
};

// The entry of the column's build that just ended; nullptr where it came to none.
record::Build* newest_of(ScenarioRun& run, const Column& column, const Round& round) {
  const bool priming = round.number == 0;
  std::vector<record::Build>& builds = priming ? run.record.priming : run.record.builds;
  if (builds.empty() || builds.back().builder != column.backend->name) return nullptr;
  return priming || builds.back().iteration == round.number ? &builds.back() : nullptr;
}

// Why steps of the column's build, which just ended, ran.
void tell_column(ScenarioRun& run, Column& column, const Round& round) {
  const bool priming = round.number == 0;
  record::Build* entry = newest_of(run, column, round);
  if (entry == nullptr) return;
  FilledCache known;
  if (priming || !column.backend->kept) {
    known.source =
        source_of(run.scenario, column.backend->cache_mode, column.backend->cache_export_mode, priming);
  } else {
    leave_out(run.scenario, known.source);
  }
  if (!priming && column.kept.lost > 0) {
    known.source.lost = fmt::format("{} of the {} cache records that priming made are gone from the builder",
                                    column.kept.lost, column.kept.primed.size());
  }
  known.filled_by = column.filled_by ? &*column.filled_by : nullptr;
  std::optional<misses::BuildFacts> facts = round.facts;
  tell_misses(known, facts ? &*facts : nullptr, run.state.dockerfile_path, *entry);
  // A cache that the user named is written by each build.
  if (priming || column.backend->cache_ref) column.filled_by = std::move(facts);
}

Status build_column(ScenarioRun& run, Column& column, const Round& round) {
  const bool priming = round.number == 0;
  const bool kept = column.backend->kept;
  CachedOrder step;
  step.root = priming && !kept ? column.filler : column.root;
  step.kept = kept || priming ? &column.kept : nullptr;
  step.facts = round.facts ? &*round.facts : nullptr;
  step.use = priming ? column.cache.priming() : column.cache.measured(round.number);
  step.faults = column.backend->faults;
  step.order.build_args = round.edited.build_args;
  step.order.mutation = round.edited.mutation;
  step.order.edited = round.edited.edited;
  step.order.context_sec = round.edited.context_sec;
  step.order.role = priming ? Role::priming : Role::measured;
  step.order.iteration = priming ? 1 : round.number;
  step.order.builder = column.backend->name;
  step.order.artifacts = fmt::format("{}-{}", column.number, step.order.iteration);
  step.order.hint = {.builder_is_fresh = !kept && !priming,
                     .imports_cache = column.cache.exists() && !priming};
  step.order.declared = declared_state(run, column);
  if (priming) step.order.declared = {CacheState::primed, true, true};  // whatever is there is right
  const Status built = build_with_cache(run, round.copy, round.bases, column.cache, std::move(step));
  tell_column(run, column, round);
  if (!built) return fail_in(fmt::format("backend {}", column.backend->name), built.error());
  return {};
}

// Takes note of a failed build; the error where it ends the whole matrix.
Status note_failure(ScenarioRun& run, Column& column, const Round& round, const Error& error) {
  if (!others_can_go_on(error, newest_of(run, column, round))) return tl::unexpected(error);
  take_failure(column.failures, round.number, error);
  if (!column.failures.given_up) return {};
  run.record.notes.push_back(
      round.number == 0
          ? fmt::format("backend {} has no builds: filling its cache failed", column.backend->name)
          : fmt::format("backend {} has no builds after round {}: {} in a row failed", column.backend->name,
                        round.number, column.failures.in_a_row));
  return {};
}

Status build_columns(ScenarioRun& run, std::vector<Column>& columns, const Round& round) {
  std::vector<Column*> order;
  for (Column& column : columns) {
    const bool wanted = round.number > 0 || column.backend->kept || column.cache.exists();
    if (wanted && !column.failures.given_up) order.push_back(&column);
  }
  if (round.number > 0 && round.number % 2 == 0) std::reverse(order.begin(), order.end());
  std::vector<const BackendFailures*> failures;
  for (Column* column : order) {
    failures.push_back(&column->failures);
    const Status built = build_column(run, *column, round);
    if (built) column->failures.in_a_row = 0;
    if (!built) BUILDLAB_TRY(note_failure(run, *column, round, built.error()));
  }
  return end_of_round(failures, round.number);
}

Status build_round(ScenarioRun& run, std::vector<Column>& columns, Round round) {
  const auto begin = SteadyClock::now();
  BUILDLAB_ASSIGN(context::ContextCopy pristine, copy_context(run, round.copy));
  describe_subject(run.record.circumstances, run.state, pristine);
  round.edited.build_args = run.subject.build_args;
  round.edited.iteration = round.number;
  if (round.number > 0) BUILDLAB_TRY(apply_edit(run, round.copy, round.edited));
  round.edited.context_sec = to_seconds(SteadyClock::now() - begin);
  BUILDLAB_ASSIGN(round.bases, images_of(run, round.edited, round.bases));
  round.facts = facts_or_note(run, round.edited, round.copy, round.bases.resolved);
  return build_columns(run, columns, round);
}

}  // namespace

Status run_matrix(ScenarioRun& run) {
  BUILDLAB_ASSIGN(const engine::BaseImages* bases, run.resolve_bases(run.state));
  describe_bases(run.record.circumstances, bases->resolved);
  BUILDLAB_ASSIGN(const Workspace workspace, Workspace::create(run.store.folder(), run.scenario.name));
  BUILDLAB_ASSIGN(std::vector<Column> columns, open_columns(run, workspace.path()));
  run.record.priming_notes.push_back(
      "filled every cache and kept builder once, caches of one compression and export mode from one builder");
  const fs::path copy = workspace.path() / "context";
  BUILDLAB_TRY(build_round(run, columns, {.copy = copy, .bases = *bases}));
  for (const Column& column : columns) BUILDLAB_TRY(remove_tree(column.filler).map([](bool) {}));
  std::vector<const BackendFailures*> failures;
  for (const Column& column : columns) failures.push_back(&column.failures);
  RunCount rounds(run.scenario, run.record);
  for (int i = 1; anyone_is_left(failures) && rounds.wants_another(); ++i) {
    BUILDLAB_TRY(build_round(run, columns, {.copy = copy, .bases = *bases, .number = i}));
    rounds.built(std::nullopt);
  }
  return end_of_matrix(failures);
}

}  // namespace buildlab::run
