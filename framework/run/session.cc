#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <mutex>
#include <random>

#include "framework/base/redact.h"
#include "framework/engine/base_image.h"
#include "framework/engine/proxy_network.h"
#include "framework/process/interrupt.h"
#include "framework/run/cache_proxy.h"
#include "framework/run/circumstances.h"
#include "framework/run/declaration.h"
#include "framework/run/kinds.h"
#include "framework/run/moved_bases.h"
#include "framework/run/no_cache.h"
#include "framework/run/noisy_network.h"
#include "framework/run/run.h"
#include "framework/run/run_bases.h"
#include "framework/run/scenario_run.h"
#include "framework/scenario/cache_attributes.h"

namespace buildlab::run {
namespace {

// Passes everything on, one call at a time, whichever thread it comes from.
class OneAtATime : public Observer {
 public:
  explicit OneAtATime(Observer& next) : m_next(next) {}
  void message(std::string_view text) override {
    const std::lock_guard guard(m_lock);
    m_next.message(text);
  }
  void build_started(const record::ScenarioRecord& record, const record::Build& build,
                     bool priming) override {
    const std::lock_guard guard(m_lock);
    m_next.build_started(record, build, priming);
  }
  void progress(std::string_view scenario, std::string_view builder, std::string_view line) override {
    const std::lock_guard guard(m_lock);
    m_next.progress(scenario, builder, line);
  }
  void build_finished(const record::ScenarioRecord& record, const record::Build& build,
                      bool priming) override {
    const std::lock_guard guard(m_lock);
    m_next.build_finished(record, build, priming);
  }
  void varied_build_started(const record::ScenarioRecord& record, const record::VariedBuild& build,
                            const std::string& builder) override {
    const std::lock_guard guard(m_lock);
    m_next.varied_build_started(record, build, builder);
  }
  void varied_build_finished(const record::ScenarioRecord& record, const record::VariedBuild& build,
                             const std::string& builder) override {
    const std::lock_guard guard(m_lock);
    m_next.varied_build_finished(record, build, builder);
  }

 private:
  Observer& m_next;
  std::mutex m_lock;
};

// For builds that are no samples of the scenario.
class MessagesOnly : public Observer {
 public:
  explicit MessagesOnly(Observer& next) : m_next(next) {}
  void message(std::string_view text) override { m_next.message(text); }

 private:
  Observer& m_next;
};

// 128 random bits as hex: what makes every edit of every run a new one.
std::string random_token() {
  std::random_device device;
  std::string text;
  for (int i = 0; i < 4; ++i) text += fmt::format("{:08x}", device());
  return text;
}

Status run_kind(ScenarioRun& run) {
  switch (run.scenario.kind) {
    case scenario::Kind::cold:
    case scenario::Kind::reproducibility:
      return run_on_fresh_builders(run);
    case scenario::Kind::warm:
    case scenario::Kind::edit:
      return run_on_kept_builder(run);
    case scenario::Kind::ephemeral:
      return run_ephemeral(run);
    case scenario::Kind::matrix:
      return run_matrix(run);
    case scenario::Kind::replay:
      return run_replay(run);
  }
  return {};
}

// Its builder may have been primed by an earlier run, so that it asks for itself.
bool is_kept(scenario::Kind kind) {
  return kind == scenario::Kind::warm || kind == scenario::Kind::edit;
}

// What a scenario's references were resolved to, by reference.
using Pinned = std::map<std::string, engine::ResolvedBase>;

std::vector<engine::ResolvedBase> values_of(const Pinned& pinned) {
  std::vector<engine::ResolvedBase> bases;
  for (const auto& [reference, base] : pinned) bases.push_back(base);
  return bases;
}

// Whether an image that is made locally may have to be served.
bool may_need_registry(const BaseQuestion& question, const std::vector<engine::ResolvedBase>& pinned) {
  if (!question.allow_local) return false;
  const auto is_local = [](const engine::ResolvedBase& base) { return base.made_locally; };
  return std::any_of(pinned.begin(), pinned.end(), is_local) || !engine::docker_hub_answers();
}

class ManagedSession : public Session {
 public:
  ManagedSession(RunOptions options, record::Store store, engine::Toolchain toolchain, Observer& observer)
      : m_options(std::move(options)),
        m_store(std::move(store)),
        m_toolchain(std::move(toolchain)),
        m_observer(observer),
        m_run_bases(place_of_bases(), {process::interrupted, [this] {
                                         m_observer.message(
                                             "waiting for another scenario of the run that asks for base "
                                             "images");
                                       }}) {}

  Result<record::ScenarioRecord> run(const scenario::Scenario& scenario) override {
    return run_with(scenario, m_options, m_observer, std::nullopt);
  }
  Result<record::ScenarioRecord> build_further(const scenario::Scenario& scenario,
                                               const Further& further) override;
  Status serve(const scenario::Scenario& scenario, const scenario::Subject& subject, SubjectState state,
               const std::function<Status(ScenarioRun&)>& work) override;

 private:
  Result<record::ScenarioRecord> run_with(const scenario::Scenario& scenario, const RunOptions& options,
                                          Observer& observer, std::optional<Further> further);
  std::optional<RunBases::Place> place_of_bases() const;
  Result<const engine::BaseImages*> resolve(const SubjectState& state);
  Result<engine::BaseImages> ask(const SubjectState& state, const std::vector<engine::ResolvedBase>& pinned);
  Result<const engine::BaseImages*> pin(const SubjectState& state, Pinned& pinned);
  std::optional<std::vector<metrics::Step>> latest_cold_steps(const record::SubjectKey& subject) const;

  RunOptions m_options;
  record::Store m_store;
  engine::Toolchain m_toolchain;
  OneAtATime m_observer;
  RunBases m_run_bases;
  std::map<std::vector<std::string>, engine::BaseImages> m_bases;  // by platform and references
};

Result<const engine::BaseImages*> ManagedSession::resolve(const SubjectState& state) {
  std::vector<std::string> key = state.images;
  const BaseQuestion question = question_of(*state.subject);
  key.push_back(question.platform);
  key.push_back(question.allow_local ? "local" : "remote");
  if (const auto known = m_bases.find(key); known != m_bases.end()) return &known->second;
  BUILDLAB_ASSIGN(engine::BaseImages bases,
                  m_run_bases.resolve(question, [&](const std::vector<engine::ResolvedBase>& pinned) {
                    return ask(state, pinned);
                  }));
  return &m_bases.emplace(std::move(key), std::move(bases)).first->second;
}

Result<engine::BaseImages> ManagedSession::ask(const SubjectState& state,
                                               const std::vector<engine::ResolvedBase>& pinned) {
  const auto report = [this](std::string_view text) { m_observer.message(text); };
  const BaseQuestion question = question_of(*state.subject);
  if (!m_toolchain.registry && may_need_registry(question, pinned)) {
    BUILDLAB_TRY(engine::require_registry(m_toolchain, m_options.installer, report));
  }
  return engine::resolve_bases(m_toolchain, state.images, question.platform, question.allow_local, report,
                               pinned);
}

// Builds without a record belong to no run that others could join.
std::optional<RunBases::Place> ManagedSession::place_of_bases() const {
  if (m_options.run_id.empty()) return std::nullopt;
  return RunBases::Place{m_store.bases_file(m_options.run_id), m_store.bases_lock(m_options.run_id)};
}

Result<const engine::BaseImages*> ManagedSession::pin(const SubjectState& state, Pinned& pinned) {
  BUILDLAB_ASSIGN(const engine::BaseImages* bases, resolve(state));
  for (const engine::ResolvedBase& base : bases->resolved) pinned.insert_or_assign(base.reference, base);
  return bases;
}

std::optional<std::vector<metrics::Step>> ManagedSession::latest_cold_steps(
    const record::SubjectKey& subject) const {
  for (const scenario::Scenario& other : m_options.file.scenarios) {
    if (other.kind != scenario::Kind::cold) continue;
    const auto record = m_store.latest(other.name, [&](const record::ScenarioRecord& candidate) {
      return candidate.kind == "cold" && candidate.subject.same_declaration(subject) &&
             std::any_of(candidate.builds.begin(), candidate.builds.end(),
                         [](const auto& b) { return b.valid; });
    });
    if (!record || !*record) continue;
    for (const record::Build& build : (*record)->builds) {
      if (build.valid) return build.numbers.steps;
    }
  }
  return std::nullopt;
}

Status ManagedSession::serve(const scenario::Scenario& scenario, const scenario::Subject& subject,
                             SubjectState state, const std::function<Status(ScenarioRun&)>& work) {
  if (scenario::uses_private_registry(scenario)) {
    BUILDLAB_TRY(engine::require_registry(m_toolchain, m_options.installer,
                                          [this](std::string_view text) { m_observer.message(text); }));
  }
  ScenarioRun run{m_options,
                  scenario,
                  subject,
                  m_toolchain,
                  m_store,
                  m_observer,
                  [this](const SubjectState& wanted) { return resolve(wanted); },
                  std::move(state),
                  fmt::format("{}-{}", random_token(), scenario.name),
                  std::nullopt,
                  {},
                  {},
                  std::nullopt,
                  &m_run_bases};
  run.record.name = scenario.name;
  run.record.subject = run.state.key;
  run.record.dockerfile_path = run.state.dockerfile_path;
  run.record.circumstances = describe_machine(m_toolchain);
  return work(run);
}

Result<record::ScenarioRecord> ManagedSession::build_further(const scenario::Scenario& scenario,
                                                             const Further& further) {
  scenario::Scenario once = scenario;
  once.runs = 1;
  once.adaptive.reset();
  RunOptions options = m_options;
  options.refresh = false;  // the scenario primed anew already
  MessagesOnly messages(m_observer);
  return run_with(once, options, messages, further);
}

Result<record::ScenarioRecord> ManagedSession::run_with(const scenario::Scenario& scenario,
                                                        const RunOptions& options, Observer& observer,
                                                        std::optional<Further> further) {
  const scenario::Subject* subject = options.file.find_subject(scenario.subject);
  if (subject == nullptr) {
    return fail(ErrorKind::usage,
                fmt::format("scenario \"{}\": no subject \"{}\"", scenario.name, scenario.subject));
  }
  if (uses_proxy(scenario.network)) {
    BUILDLAB_TRY(engine::may_use_proxy_network(m_toolchain, engine::find_variation_tools(options.installer)));
  }
  BUILDLAB_ASSIGN(SubjectState state, read_subject(*subject, options.file.path));
  BUILDLAB_TRY(require_stages(scenario, state.dockerfile));
  if (scenario::uses_private_registry(scenario)) {
    BUILDLAB_TRY(engine::require_registry(m_toolchain, options.installer,
                                          [this](std::string_view text) { m_observer.message(text); }));
  }
  Pinned pinned;
  ScenarioRun run{options,
                  scenario,
                  *subject,
                  m_toolchain,
                  m_store,
                  observer,
                  [this, &pinned](const SubjectState& wanted) { return pin(wanted, pinned); },
                  std::move(state),
                  fmt::format("{}-{}", random_token(), scenario.name),
                  std::nullopt,
                  {},
                  {},
                  std::move(further),
                  &m_run_bases};
  record::ScenarioRecord& record = run.record;
  record.run_id = options.run_id;
  record.name = scenario.name;
  record.kind = scenario::to_string(scenario.kind);
  record.cache_mode = scenario::to_string(scenario.cache_mode);
  for (const auto& [name, value] : scenario.cache_attributes)
    record.cache_attributes[name] = redact_url_credentials(value);
  record.input_mutation = redact_url_credentials(scenario::to_string(scenario.input_mutation));
  record.subject = run.state.key;
  record.scenario_file = display_path(options.file.path, options.file.path.parent_path());
  record.scenario_line = scenario.where.line;
  record.dockerfile_path = run.state.dockerfile_path;
  record.dockerfile_text = redact_url_credentials(run.state.dockerfile_text);
  record.notes = run.state.notes;
  record.started = to_rfc3339(wall_now());
  record.circumstances = describe_machine(m_toolchain);
  record.circumstances.proxy_network = uses_proxy(scenario.network);
  record.faults = fault_texts(scenario.faults);
  record.declaration = declaration_of(scenario, *subject);
  if (scenario.kind != scenario::Kind::cold) run.cold_steps = latest_cold_steps(record.subject);

  Status done = process::interrupted() ? Status(fail(ErrorKind::interrupted, "interrupted")) : run_kind(run);
  if (!done && process::interrupted()) done.error().kind = ErrorKind::interrupted;
  mark_noisy(record.builds);
  if (done && !run.further && !is_kept(scenario.kind)) ask_moved_bases(run, values_of(pinned));
  record.finished = to_rfc3339(wall_now());
  if (!done) {
    record.error = done.error().message;
    record.error_details = done.error().details;
    record.outcome = verdict::outcome_of(done.error().kind);
  }
  return std::move(record);
}

}  // namespace

Result<std::unique_ptr<Session>> Session::open(RunOptions options, Observer& observer) {
  // Before minutes are spent on installing an engine that could not be started.
  BUILDLAB_TRY(engine::may_start_builders());
  BUILDLAB_ASSIGN(record::Store store, record::Store::open(options.store));
  if (!options.run_id.empty()) BUILDLAB_TRY(store.join_run(options.run_id));
  BUILDLAB_ASSIGN(const std::vector<std::string> swept, engine::sweep_leftovers());
  for (const std::string& what : swept)
    observer.message(fmt::format("removed what an earlier run left: {}", what));
  BUILDLAB_TRY(Workspace::sweep(options.store));
  BUILDLAB_ASSIGN(engine::Toolchain toolchain, engine::require_toolchain(options.installer));
  return std::make_unique<ManagedSession>(std::move(options), std::move(store), std::move(toolchain),
                                          observer);
}

}  // namespace buildlab::run
