#include "framework/run/replay_walk.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

#include "framework/base/file.h"
#include "framework/base/redact.h"
#include "framework/dockerfile/inputs.h"
#include "framework/invalidation/path_class.h"
#include "framework/replay/explain.h"
#include "framework/run/build_facts.h"
#include "framework/run/missed_steps.h"
#include "framework/scenario/context_files.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;

// Whether an error tells of the commit's own content, so that the walk can go on.
bool is_of_commit(const Error& error) {
  return error.kind == ErrorKind::usage || error.kind == ErrorKind::build_failed ||
         error.kind == ErrorKind::not_evaluable;
}

bool same_mirrors(const std::vector<engine::Mirror>& a, const std::vector<engine::Mirror>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& left, const auto& right) {
    return left.registry == right.registry && left.endpoint == right.endpoint;
  });
}

// A commit's own links must not have us read the machine's files.
bool leads_out(const fs::path& tree, const fs::path& path) {
  std::error_code code;
  const fs::path root = fs::canonical(tree, code);
  const fs::path real = fs::weakly_canonical(tree / path, code);
  const fs::path relative = real.lexically_relative(root);
  return code || relative.empty() || *relative.begin() == "..";
}

void take_numbers(const record::Build& build, replay::Row& row) {
  row.hits = build.numbers.hits;
  for (const metrics::Step& step : build.numbers.steps) {
    if (step.outcome != metrics::StepOutcome::ran) continue;
    row.ran.push_back(
        {step.stage, step.lines.first, redact_url_credentials(step.text), step.seconds.value_or(0)});
  }
  row.duration_sec = build.duration_sec;
  if (!build.numbers.critical_path.empty()) row.critical_path_sec = build.numbers.critical_path_sec;
  if (build.image) row.digest = build.image->digest;
}

// Between a row and its build, whose steps that ran stand in the same order. What the facts of both builds
// tell goes before what the Dockerfile and the changed paths alone do, which is left where those are not
// known.
void share_reasons(replay::Row& row, record::Build& build, bool facts_known) {
  std::size_t ran = 0;
  for (metrics::Step& step : build.numbers.steps) {
    if (step.outcome != metrics::StepOutcome::ran || ran == row.ran.size()) continue;
    replay::RanStep& told = row.ran[ran++];
    if (step.miss || facts_known) {
      told.reason = step.miss ? std::optional(std::string(to_string(step.miss->reason))) : std::nullopt;
      told.detail = step.miss ? step.miss->detail : std::nullopt;
      continue;
    }
    const auto reason = metrics::parse_miss_reason(told.reason.value_or(""));
    if (reason) step.miss = metrics::Miss{*reason, told.detail};
  }
}

// Whether a base image is not to be had any more, which is a fact about the commit, or could not be asked for
// now, which is none: then the walk ends and can be gone on with.
bool is_gone(const Error& error) {
  if (error.kind == ErrorKind::usage) return true;
  for (const char* words :
       {"not found", "does not exist", "access denied", "authorization failed", "no match for"}) {
    if (error.message.find(words) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

Status ReplayWalk::require_builder(const std::vector<engine::Mirror>& mirrors) {
  if (!m_cache && m_builder && same_mirrors(mirrors, m_mirrors)) return {};
  BUILDLAB_TRY(stop());
  engine::BuilderOptions options = builder_options(m_run, mirrors);
  options.kept = !m_cache;
  options.root = m_cache ? m_folder.fresh_root() : m_folder.builder().root();
  if (m_cache) {
    BUILDLAB_TRY(remove_tree(options.root).map([](bool) {}));
    m_cache->let_reach(options);
  }
  BUILDLAB_ASSIGN(m_builder, engine::Builder::start(options));
  m_mirrors = mirrors;
  m_run.record.circumstances.buildkit_version = m_builder->started().version;
  return {};
}

Status ReplayWalk::stop() {
  if (!m_builder) return {};
  Status stopped = m_builder->stop();
  m_builder.reset();
  return stopped;
}

Result<std::set<std::string>> ReplayWalk::cache_records() {
  if (!m_builder || m_cache) return std::set<std::string>();
  return m_builder->cache_records();
}

// The private copy of the context, and the Dockerfile as it is in it. Messages name the Dockerfile as the
// repository has it.
Status ReplayWalk::prepare() {
  BUILDLAB_TRY(copy_context(m_run, m_folder.builder().context()).map([](const auto&) {}));
  auto state = read_subject(m_run.subject, m_run.options.file.path);
  if (!state) {
    Error error = state.error();
    const std::string own =
        display_path(m_run.subject.context / m_run.subject.dockerfile, m_run.options.file.path.parent_path());
    if (const std::size_t at = error.message.find(own); at != std::string::npos)
      error.message.replace(at, own.size(), m_run.record.dockerfile_path);
    return tl::unexpected(std::move(error));
  }
  state->key = m_run.record.subject;
  state->dockerfile_path = m_run.record.dockerfile_path;
  m_run.state = std::move(*state);
  return {};
}

Result<engine::BuildArtifacts> ReplayWalk::run_client(const Task& task, const engine::BaseImages& bases) {
  engine::BuildRequest request =
      make_request(m_run, m_folder.builder().context(), m_run.subject.build_args, bases.resolved);
  if (m_cache) {
    request.cache_imports = m_cache->from(m_built);
    BUILDLAB_ASSIGN(request.cache_exports, m_cache->to(task.commit));
  }
  BUILDLAB_TRY(remove_tree(m_folder.artifacts()).map([](bool) {}));
  record::Build announced;
  announced.iteration = task.number;
  m_run.observer.build_started(m_run.record, announced, task.priming);
  const auto on_progress = [this](std::string_view line) {
    m_run.observer.progress(m_run.scenario.name, "", line);
  };
  BUILDLAB_ASSIGN(engine::BuildArtifacts artifacts,
                  m_builder->build(request, m_folder.artifacts(), on_progress));
  if (process::succeeded(artifacts.termination)) (void)m_builder->read_provenance({&artifacts});
  if (m_cache) {
    BUILDLAB_TRY(stop());
    BUILDLAB_TRY(remove_tree(m_folder.fresh_root()).map([](bool) {}));
  }
  return artifacts;
}

Result<ReplayWalk::Attempt> ReplayWalk::build(const Task& task, const engine::BaseImages& bases) {
  const bool imports = m_cache && !m_built.empty();
  // Whatever a kept builder holds is right: hits are what is measured, not what is assumed.
  Declared declared{CacheState::primed, true, true};
  if (m_cache) declared = {imports ? CacheState::imported : CacheState::empty, true, true};
  if (imports) declared.local_import_present = m_cache->has(m_built);
  Order order;
  order.build_args = m_run.subject.build_args;
  m_now = facts_or_note(m_run, order, m_folder.builder().context(), bases.resolved);
  BUILDLAB_ASSIGN(const engine::BuildArtifacts artifacts, run_client(task, bases));
  const BuildContext context{m_run.state,
                             m_run.subject.build_args,
                             declared,
                             {.builder_is_fresh = m_cache.has_value(), .imports_cache = imports},
                             m_folder.artifacts(),
                             std::nullopt};
  Attempt attempt{to_record(artifacts, context), {}, {}};
  attempt.build.iteration = task.number;
  attempt.failure = failure_of(m_run.scenario, attempt.build, artifacts);
  m_run.observer.build_finished(m_run.record, attempt.build, task.priming);
  for (const engine::ResolvedBase& base : bases.resolved) {
    attempt.bases.push_back(redact_url_credentials(fmt::format("{}@{}", base.reference, base.digest.text())));
  }
  BUILDLAB_TRY(remove_tree(m_folder.artifacts()).map([](bool) {}));
  if (!attempt.failure && !is_of_commit(attempt.failure.error()))
    return tl::unexpected(attempt.failure.error());
  return attempt;
}

Result<ReplayWalk::Attempt> ReplayWalk::attempt(const Task& task) {
  BUILDLAB_TRY(prepare());
  const auto bases = m_run.resolve_bases(m_run.state);
  if (!bases) {
    Error error = bases.error();
    if (is_gone(error)) error.kind = ErrorKind::build_failed;
    return fail_in("its base images cannot be resolved", std::move(error));
  }
  BUILDLAB_TRY(require_builder((*bases)->mirrors));
  return build(task, **bases);
}

Status ReplayWalk::return_to(const replay::Row& last, const ReplayState& state) {
  BUILDLAB_TRY(m_tree.show(m_history, last.commit).map([](const auto&) {}));
  if (m_cache && state.row && m_cache->has(last.commit)) {
    BUILDLAB_TRY(prepare());
    remember(last.commit, graph());
    return {};
  }
  if (state.row && !m_cache) {
    BUILDLAB_TRY(require_builder({}));
    BUILDLAB_ASSIGN(std::set<std::string> there, m_builder->cache_records());
    for (const std::string& id : state.cache_records) there.erase(id);
    if (!there.empty()) BUILDLAB_TRY(m_builder->remove_cache_records(there));
  }
  BUILDLAB_ASSIGN(const Attempt primed, attempt({last.number, last.commit, true}));
  BUILDLAB_TRY(primed.failure);
  m_facts = std::exchange(m_now, std::nullopt);
  remember(last.commit, graph());
  return {};
}

// Whether there is something to build.
Result<bool> ReplayWalk::show(const replay::Commit& commit, replay::Row& row) {
  auto notes = m_tree.show(m_history, commit.id);
  if (!notes) {
    if (!is_of_commit(notes.error())) return tl::unexpected(std::move(notes).error());
    row.outcome = replay::Outcome::refused;
    row.problem = notes.error().message;
    return false;
  }
  row.notes = std::move(*notes);
  const fs::path ignore_file = scenario::ignore_file(m_tree.folder(), m_run.subject.dockerfile);
  for (const fs::path& path : {m_run.subject.dockerfile, ignore_file}) {
    if (path.empty() || !leads_out(m_tree.folder(), path)) continue;
    row.outcome = replay::Outcome::refused;
    row.problem = fmt::format("{} is a link that leads out of the context", path.string());
    return false;
  }
  std::error_code code;
  if (!m_tree.empty() && fs::exists(m_tree.folder() / m_run.subject.dockerfile, code)) return true;
  row.outcome = replay::Outcome::no_dockerfile;
  row.problem = m_tree.empty() ? "the context did not exist in this commit"
                               : fmt::format("{} did not exist in this commit", m_run.record.dockerfile_path);
  return false;
}

namespace {

// Which of the repository's paths the builder gets.
class ContextPaths {
 public:
  ContextPaths(const fs::path& tree, const fs::path& dockerfile, const std::string& prefix)
      : m_prefix(prefix),
        m_dockerfile(dockerfile.generic_string()),
        m_ignore_file(scenario::ignore_file(tree, dockerfile).generic_string()),
        m_rules(scenario::load_ignore_rules(tree, dockerfile).value_or(dockerfile::IgnoreRules())) {}

  // The path in the context; nullopt outside of it.
  std::optional<std::string> inside(const std::string& path) const {
    return path.starts_with(m_prefix) ? std::optional(path.substr(m_prefix.size())) : std::nullopt;
  }
  std::string class_of(const std::string& path) const {
    const auto inner = inside(path);
    if (!inner) return std::string(invalidation::k_outside);
    if (*inner == m_dockerfile || *inner == m_ignore_file) return *inner;
    return m_rules.ignores(*inner) ? std::string(invalidation::k_ignored) : invalidation::path_class(*inner);
  }
  invalidation::Changes of(const std::vector<replay::PathChange>& changes) const {
    invalidation::Changes result{{}, m_dockerfile, std::nullopt};
    for (const replay::PathChange& change : changes) {
      const auto inner = inside(change.path);
      if (!inner) continue;
      if (*inner == m_ignore_file) result.ignore_file = *inner;
      if (!m_rules.ignores(*inner)) result.paths.push_back({*inner, change.content});
    }
    return result;
  }

 private:
  std::string m_prefix;
  std::string m_dockerfile;
  std::string m_ignore_file;
  dockerfile::IgnoreRules m_rules;
};

}  // namespace

Status ReplayWalk::note_changes(const replay::Commit& commit, replay::Row& row) {
  BUILDLAB_ASSIGN(const std::vector<replay::PathChange> changed, m_history.changes(commit.parent, commit.id));
  const ContextPaths paths(m_tree.folder(), m_run.subject.dockerfile, m_history.prefix());
  row.changed_count = changed.size();
  for (const replay::PathChange& change : changed) {
    if (row.changed.size() < replay::k_kept_paths) row.changed.push_back(change.path);
    ++row.classes[paths.class_of(change.path)];
  }
  return {};
}

invalidation::StepGraph ReplayWalk::graph() const {
  const auto inputs = dockerfile::target_inputs(m_run.state.dockerfile, m_run.subject.target,
                                                m_run.subject.build_args, m_run.subject.platform);
  return inputs ? invalidation::make_graph(m_run.state.dockerfile, *inputs, {}) : invalidation::StepGraph();
}

void ReplayWalk::remember(const std::string& commit, invalidation::StepGraph now) {
  m_built = commit;
  m_graph = std::move(now);
}

// Against the last commit that was built, which need not be the parent.
Status ReplayWalk::explain(const std::string& commit, replay::Row& row) {
  invalidation::StepGraph now = graph();
  row.primes = m_built.empty();
  invalidation::Changes changes;
  if (!row.primes) {
    BUILDLAB_ASSIGN(const std::vector<replay::PathChange> changed, m_history.changes(m_built, commit));
    changes = ContextPaths(m_tree.folder(), m_run.subject.dockerfile, m_history.prefix()).of(changed);
  }
  replay::explain(row, m_graph, now, changes);
  remember(commit, std::move(now));
  return {};
}

Result<ReplayWalk::Visited> ReplayWalk::visit(int number, const replay::Commit& commit) {
  Visited visited;
  replay::Row& row = visited.row;
  row.number = number;
  row.commit = commit.id;
  row.subject = redact_url_credentials(commit.subject);
  row.committed = to_rfc3339(commit.committed);
  BUILDLAB_ASSIGN(const bool there, show(commit, row));
  // The commit before the first changed something too, but nothing that this walk measures.
  if (number > 0 && row.outcome != replay::Outcome::refused) BUILDLAB_TRY(note_changes(commit, row));
  if (!there) return visited;
  auto attempted = attempt({number, commit.id, number == 0});
  if (!attempted && !is_of_commit(attempted.error())) return tl::unexpected(std::move(attempted).error());
  if (!attempted || !attempted->failure) {
    row.outcome = replay::Outcome::failed;
    row.problem =
        redact_url_credentials((attempted ? attempted->failure.error() : attempted.error()).message);
    return visited;
  }
  take_numbers(attempted->build, row);
  row.bases = std::move(attempted->bases);
  row.invalid_reason = attempted->build.invalid_reason;
  tell_reasons(attempted->build);
  BUILDLAB_TRY(explain(commit.id, row));
  share_reasons(row, attempted->build, m_facts.has_value() && m_now.has_value());
  m_facts = std::exchange(m_now, std::nullopt);
  visited.build = std::move(attempted->build);
  visited.build->mutation = fmt::format("commit {} {}", commit.id.substr(0, 10), row.subject);
  return visited;
}

void ReplayWalk::tell_reasons(record::Build& build) {
  FilledCache cache;
  const scenario::Scenario& scenario = m_run.scenario;
  cache.source.empty = m_built.empty();
  if (m_cache)
    cache.source = source_of(scenario, scenario.cache_mode, scenario.cache_export_mode, m_built.empty());
  if (m_facts) cache.filled_by = &*m_facts;
  tell_misses(cache, m_now ? &*m_now : nullptr, m_run.record.dockerfile_path, build);
}

Status ReplayWalk::settle() {
  return m_cache && !m_built.empty() ? m_cache->keep_only(m_built) : Status();
}

}  // namespace buildlab::run
