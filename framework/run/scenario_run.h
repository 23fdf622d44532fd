// What the runs of all kinds share: one scenario's record while it grows, and its builds.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/cache_keys/key_store.h"
#include "framework/context/copy.h"
#include "framework/context/mutate.h"
#include "framework/engine/base_image.h"
#include "framework/engine/builder.h"
#include "framework/record/record.h"
#include "framework/record/store.h"
#include "framework/run/build_record.h"
#include "framework/run/run.h"
#include "framework/run/run_bases.h"
#include "framework/run/subject_state.h"
#include "framework/run/workspace.h"
#include "framework/scenario/scenario.h"

namespace buildlab::run {

// Resolves the subject's base images, once a session for each set of references.
using ResolveBases = std::function<Result<const engine::BaseImages*>(const SubjectState&)>;

struct ScenarioRun {
  const RunOptions& options;
  const scenario::Scenario& scenario;
  const scenario::Subject& subject;
  const engine::Toolchain& toolchain;
  record::Store& store;
  Observer& observer;
  ResolveBases resolve_bases;
  SubjectState state;
  std::string token;  // unique to this run of the scenario
  std::optional<std::vector<metrics::Step>> cold_steps;
  record::ScenarioRecord record;
  std::mutex concluding;  // builds side by side conclude one after another
  // Of builds that are no samples of the scenario: where their artifacts are kept; no events are written.
  std::optional<Further> further = {};
  RunBases* run_bases = nullptr;  // what resolve_bases pins; the session's
  // Which of record.references is of which inputs and builder.
  std::map<std::string, std::size_t> reference_of = {};
  // What cache keys were computed from, by the artifacts of the build that left them.
  std::map<std::string, std::shared_ptr<const cache_keys::KeyStore>> keys = {};

  std::filesystem::path folder() const {
    return store.scenario_folder(record.run_id, further ? further->scenario : scenario.name);
  }
};

enum class Role {
  priming,
  measured,
  reference,  // the same as a measured one, undisturbed, for its image; told of in a message only
};

// One build that has been asked for, with what the record says of it beside what its artifacts tell.
struct Order {
  Role role = Role::measured;
  int iteration = 1;
  std::string builder;    // "A", "B"; of kind matrix its backend
  std::string artifacts;  // name of its folder; "" is the number of its kind
  std::string mutation;   // in words
  std::map<std::string, std::string> build_args;
  Declared declared;
  metrics::StateHint hint;
  double context_sec = 0;
  bool on_empty_builder = false;  // nothing was built there before, and nothing is imported
  // The subject as the mutations left it, where they change its Dockerfile or its images; else nullptr.
  std::shared_ptr<const SubjectState> edited = nullptr;
};

struct Finished {
  Order order;
  engine::BuildArtifacts artifacts;
  std::optional<record::Transfer> transfer = std::nullopt;     // with the registry of its external cache
  std::optional<double> builder_start_sec = std::nullopt;      // of a builder of its own
  Observed observed = {};                                      // by the server that it fetched through
  std::shared_ptr<const cache_keys::KeyStore> keys = nullptr;  // key_evidence.h
  // Asked of a build that is a sample so far: why its image makes it none. An error makes it none too.
  std::function<Result<std::optional<std::string>>(const record::Build&)> doubt = {};
};

// The scenario's private copy of the context, in `destination`, as the user's tree is now.
Result<context::ContextCopy> copy_context(ScenarioRun& run, const std::filesystem::path& destination);

// The mutations applied to the copy, with a token that is unique to `iteration`.
Result<context::Applied> mutate(const ScenarioRun& run, const std::filesystem::path& copy, int iteration);

std::vector<engine::SecretSource> secrets_of(const scenario::Subject& subject);

engine::BuildRequest make_request(const ScenarioRun& run, const std::filesystem::path& copy,
                                  const std::map<std::string, std::string>& build_args,
                                  const std::vector<engine::ResolvedBase>& bases);

// Options of a builder with everything but root and keeping.
engine::BuilderOptions builder_options(const ScenarioRun& run, const std::vector<engine::Mirror>& mirrors);

// Announces and runs one build. Errors are those of Builder::build.
Result<Finished> build(ScenarioRun& run, engine::Builder& builder, const engine::BuildRequest& request,
                       Order order);

// Whether it failed because its cache, or the image that carries it, could not be written.
bool export_was_refused(const record::Build& build);

// What a build that did not succeed means for the scenario: its own failure, or that of its surroundings
// (a refused export, a full disk, a killed client). Good for one that succeeded.
Status failure_of(const scenario::Scenario& scenario, const record::Build& build,
                  const engine::BuildArtifacts& artifacts);

// Reads the provenance of `builds` (all of one builder) once, turns each into its entry of the record, and
// tells the observer and the events file. Safe from several threads. The error is that of the first build
// that failed: build_failed, or infrastructure for a refused cache export and a full disk.
Status conclude(ScenarioRun& run, engine::Builder& builder, std::vector<Finished> builds);

}  // namespace buildlab::run
