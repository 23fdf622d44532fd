#include "framework/run/replay_history.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/engine/redact.h"
#include "framework/process/interrupt.h"
#include "framework/record/record_json.h"
#include "framework/replay/rows_file.h"
#include "framework/replay/tree.h"
#include "framework/run/replay_folder.h"
#include "framework/run/replay_walk.h"
#include "framework/run/subject_state.h"

namespace buildlab::run {
namespace {

struct Planned {
  std::vector<replay::Commit> commits;  // the first may be the one that only primes
  int first_number = 1;                 // 0 then
  std::optional<std::int64_t> epoch;
};

// One epoch for the whole walk: BuildKit takes it into the key of what it writes, so that one of its own for
// each commit would have every step run again and hide what the commit itself costs.
std::optional<std::int64_t> epoch_of(const scenario::Subject& subject, const replay::Commit& newest) {
  if (!subject.set_source_date_epoch) return std::nullopt;
  if (subject.source_date_epoch) return subject.source_date_epoch;
  return std::chrono::duration_cast<std::chrono::seconds>(newest.committed.time_since_epoch()).count();
}

Result<Planned> plan_walk(const replay::History& history, const scenario::Subject& subject,
                          const replay::Range& range) {
  Planned planned;
  BUILDLAB_ASSIGN(planned.commits, history.commits(range));
  planned.epoch = epoch_of(subject, planned.commits.back());
  if (const auto before = planned.commits.front().parent) {
    BUILDLAB_ASSIGN(std::vector<replay::Commit> primer, history.describe({*before}));
    planned.commits.insert(planned.commits.begin(), std::move(primer.front()));
    planned.first_number = 0;
  }
  return planned;
}

std::string row_line(const replay::Row& row, std::size_t planned) {
  std::string what = std::string(to_string(row.outcome));
  if (row.outcome == replay::Outcome::built) {
    const std::size_t steps = static_cast<std::size_t>(row.hits) + row.ran.size();
    what = fmt::format("{:>6}  {}/{} cached", to_short_text(row.duration_sec.value_or(0)), row.hits, steps);
  }
  return fmt::format("{:>4}/{}  {}  {}{}  {}", row.number, planned, row.commit.substr(0, 10), what,
                     row.primes ? "  (primes)" : "", one_line(row.problem.value_or(row.subject), 80));
}

// The last row whose build succeeded.
const replay::Row* last_built(const std::vector<replay::Row>& rows) {
  const auto found = std::find_if(rows.rbegin(), rows.rend(), [](const replay::Row& row) {
    return row.outcome == replay::Outcome::built;
  });
  return found == rows.rend() ? nullptr : &*found;
}

constexpr Bytes k_most_builds{4ULL << 30U};

// The builds that the file holds, the last one of each row. What a killed process left of a line is cut off.
Result<std::vector<record::Build>> open_builds(const std::filesystem::path& file) {
  std::vector<record::Build> builds;
  std::error_code code;
  if (!std::filesystem::exists(file, code)) return builds;
  BUILDLAB_ASSIGN(const std::string text, read_file(file, k_most_builds));
  std::string_view rest = text;
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    const auto json = parse_json(rest.substr(0, end), "build");
    auto build = json ? record::build_from_json(*json, "build") : tl::unexpected(json.error());
    if (!build) break;
    while (!builds.empty() && builds.back().iteration >= build->iteration) builds.pop_back();
    builds.push_back(std::move(*build));
    rest.remove_prefix(end + 1);
  }
  if (!rest.empty())
    BUILDLAB_TRY(write_file_atomic(file, std::string_view(text).substr(0, text.size() - rest.size())));
  return builds;
}

// Rows up to the first that was built and whose build is not known: a record of the rest would be a shorter
// sample without a word.
void cut_at_missing_build(std::vector<replay::Row>& rows, const std::vector<record::Build>& builds) {
  const auto missing = std::find_if(rows.begin(), rows.end(), [&builds](const replay::Row& row) {
    return row.outcome == replay::Outcome::built &&
           std::none_of(builds.begin(), builds.end(),
                        [&row](const record::Build& build) { return build.iteration == row.number; });
  });
  rows.erase(missing, rows.end());
}

class Replay {
 public:
  Replay(ScenarioRun& run, const replay::History& history, const ReplayFolder& folder, const Planned& planned,
         HistoryResult& result)
      : m_run(run),
        m_history(history),
        m_folder(folder),
        m_planned(planned),
        m_result(result.walk),
        m_builds(result.builds) {}

  Status go(const HistoryRequest& request);

 private:
  Result<bool> open_rows(const HistoryRequest& request);
  Status take_up(ReplayWalk& walk, const ReplayState& state);
  Status stay_within(ReplayWalk& walk);
  Status walk_on(ReplayWalk& walk);

  ScenarioRun& m_run;
  const replay::History& m_history;
  const ReplayFolder& m_folder;
  const Planned& m_planned;
  replay::Walk& m_result;
  std::vector<record::Build>& m_builds;
  std::string m_id;
  std::uint64_t m_limit = 0;          // of the kept builder, bytes
  std::optional<std::string> m_note;  // for the next row
};

Status Replay::take_up(ReplayWalk& walk, const ReplayState& state) {
  const replay::Row* last = last_built(m_result.rows);
  if (last == nullptr) return {};
  m_run.observer.message(fmt::format("going on after commit {} of {}; it is built again first, unmeasured",
                                     last->number, m_result.planned));
  BUILDLAB_TRY(walk.return_to(*last, state));
  // From here a build that is cut off can be told again from what was there before it.
  BUILDLAB_ASSIGN(std::set<std::string> records, walk.cache_records());
  BUILDLAB_TRY(m_folder.set_state({m_id, m_result.rows.back().number, std::move(records)}));
  m_note = state.row ? "the walk was taken up again here"
                     : "the walk was taken up again here, on a new builder that holds nothing of the commits "
                       "before the last one built";
  return {};
}

Status Replay::walk_on(ReplayWalk& walk) {
  for (std::size_t i = m_result.rows.size(); i < m_planned.commits.size(); ++i) {
    if (process::interrupted()) return fail(ErrorKind::interrupted, "interrupted");
    const int number = m_planned.first_number + static_cast<int>(i);
    BUILDLAB_ASSIGN(ReplayWalk::Visited visited, walk.visit(number, m_planned.commits[i]));
    replay::Row& row = visited.row;
    if (m_note) row.notes.insert(row.notes.begin(), *std::exchange(m_note, std::nullopt));
    BUILDLAB_ASSIGN(std::set<std::string> records, walk.cache_records());
    if (visited.build) {
      BUILDLAB_TRY(
          append_to_file(m_folder.builds(m_id), to_line(record::build_to_json(*visited.build)) + "\n"));
      if (!m_run.record.run_id.empty()) {
        BUILDLAB_TRY(m_run.store.append_event(m_run.record.run_id,
                                              record::build_event(m_run.record, *visited.build, row.primes)));
      }
      m_builds.push_back(std::move(*visited.build));
    }
    BUILDLAB_TRY(replay::append_row(m_folder.rows(m_id), row));
    BUILDLAB_TRY(m_folder.set_state({m_id, number, std::move(records)}));
    m_run.observer.message(row_line(row, m_result.planned));
    m_result.rows.push_back(std::move(row));
    if (m_result.rows.size() < m_planned.commits.size()) BUILDLAB_TRY(stay_within(walk));
  }
  return {};
}

// What the walk keeps on disk is that of one commit, or a builder below the limit: one that has grown beyond
// it is made anew, and the last commit built on it again, unmeasured.
Status Replay::stay_within(ReplayWalk& walk) {
  BUILDLAB_TRY(walk.settle());
  const std::uint64_t size = m_folder.builder().size_bytes();
  const replay::Row* last = last_built(m_result.rows);
  if (size <= m_limit || last == nullptr) return {};
  m_note = fmt::format(
      "the builder had grown to {}, above the limit of {} (BUILDLAB_MAX_BUILDER), and was made "
      "anew: it holds nothing of the commits before the last one built",
      to_string(Bytes{size}), to_string(Bytes{m_limit}));
  m_run.observer.message(
      fmt::format("after commit {} of {}: {}", m_result.rows.back().number, m_result.planned, *m_note));
  BUILDLAB_TRY(walk.stop());
  BUILDLAB_TRY(m_folder.begin(m_id));
  BUILDLAB_TRY(walk.return_to(*last, {m_id, std::nullopt, {}}));
  BUILDLAB_ASSIGN(std::set<std::string> records, walk.cache_records());
  BUILDLAB_TRY(m_folder.set_state({m_id, m_result.rows.back().number, std::move(records)}));
  const std::uint64_t least = m_folder.builder().size_bytes();
  if (least <= m_limit) return {};
  return fail(ErrorKind::usage,
              fmt::format("a builder that holds commit {} alone takes {}, above the limit of {}",
                          last->commit.substr(0, 10), to_string(Bytes{least}), to_string(Bytes{m_limit})),
              {"set BUILDLAB_MAX_BUILDER to more, or use --cache-mode local, whose runners are fresh"});
}

// Takes up the rows of an earlier walk of the same commits. False where that one was finished.
Result<bool> Replay::open_rows(const HistoryRequest& request) {
  const std::filesystem::path rows = m_folder.rows(m_id);
  if (request.anew) BUILDLAB_TRY(remove_tree(rows).map([](bool) {}));
  BUILDLAB_ASSIGN(m_result.rows, replay::open_rows(rows));
  if (m_result.rows.size() >= m_planned.commits.size() && request.again_when_finished) {
    BUILDLAB_TRY(remove_tree(rows).map([](bool) {}));
    m_result.rows.clear();
  }
  if (m_result.rows.empty()) BUILDLAB_TRY(remove_tree(m_folder.builds(m_id)).map([](bool) {}));
  BUILDLAB_ASSIGN(m_builds, open_builds(m_folder.builds(m_id)));
  if (!request.scenario.empty()) {
    const std::size_t count = m_result.rows.size();
    cut_at_missing_build(m_result.rows, m_builds);
    if (m_result.rows.size() != count) BUILDLAB_TRY(replay::write_rows(rows, m_result.rows));
  }
  const int last = m_result.rows.empty() ? -1 : m_result.rows.back().number;
  while (!m_builds.empty() && m_builds.back().iteration > last) m_builds.pop_back();
  return m_result.rows.size() < m_planned.commits.size();
}

Status Replay::go(const HistoryRequest& request) {
  const scenario::Scenario& scenario = m_run.scenario;
  m_id = walk_id(m_planned.commits, {m_run.record.subject, m_run.toolchain.buildkitd.version, m_planned.epoch,
                                     fmt::format("{} {} {}", scenario::to_string(scenario.cache_mode),
                                                 scenario.cache_export_mode, scenario.cache_ref.value_or("")),
                                     request.scenario});
  BUILDLAB_ASSIGN(const bool open, open_rows(request));
  if (!open) {
    m_run.observer.message("this walk was finished earlier; --refresh builds it anew");
    return {};
  }
  BUILDLAB_ASSIGN(m_limit, max_builder_bytes());
  ReplayState state = m_folder.state().value_or(ReplayState());
  // A row that the state knows and the file does not was cut off while it was written.
  const bool is_ahead = !m_result.rows.empty() && state.row.value_or(0) > m_result.rows.back().number;
  if (state.walk != m_id || m_result.rows.empty() || is_ahead || m_folder.builder().size_bytes() > m_limit) {
    BUILDLAB_TRY(m_folder.begin(m_id));
    state = {m_id, std::nullopt, {}};
  }
  BUILDLAB_ASSIGN(replay::PrivateTree tree, replay::PrivateTree::make(m_folder.tree()));
  BUILDLAB_ASSIGN(std::optional<RollingCache> cache,
                  RollingCache::open(scenario, m_run.toolchain, m_folder.cache()));
  ReplayWalk walk(m_run, m_history, m_folder, std::move(tree), std::move(cache));
  Status done = take_up(walk, state);
  if (done) done = walk_on(walk);
  Status stopped = walk.stop();
  BUILDLAB_TRY(done);
  BUILDLAB_TRY(stopped);
  // Its rows are all that is asked for again.
  return m_folder.finish();
}

}  // namespace

Status walk_history(ScenarioRun& run, const HistoryRequest& request, HistoryResult& result) {
  const scenario::Subject& subject = run.subject;
  const std::filesystem::path& file = run.options.file.path;
  // A secret that is missing is no commit's fault.
  BUILDLAB_TRY(engine::secret_values(secrets_of(subject)).map([](const auto&) {}));
  record::SubjectKey builder_key = run.record.subject;
  builder_key.build_args = subject.build_args;  // with credentials: another one is another builder
  BUILDLAB_ASSIGN(const ReplayFolder folder, ReplayFolder::open(run.store.folder(), builder_key,
                                                                LockWait{process::interrupted, nullptr}));
  BUILDLAB_ASSIGN(const replay::History history, replay::History::open(subject.context, folder.git()));
  BUILDLAB_ASSIGN(const Planned planned, plan_walk(history, subject, request.range));
  scenario::Subject in_tree = subject;
  in_tree.context = folder.tree();
  in_tree.source_date_epoch = planned.epoch;

  replay::Walk& walk = result.walk;
  walk.subject = subject.name;
  walk.dockerfile = display_path(subject.context / subject.dockerfile, file.parent_path());
  walk.range = request.range.text;
  walk.planned = planned.commits.size() - (planned.first_number == 0 ? 1 : 0);
  if (history.shallow() && planned.first_number == 1)
    walk.notes.emplace_back("the clone is shallow: its history begins with the first commit of this walk");
  ScenarioRun commits{
      run.options,
      run.scenario,
      in_tree,
      run.toolchain,
      run.store,
      run.observer,
      run.resolve_bases,
      {&in_tree, "", sha256(""), {}, {}, planned.epoch, {}, run.record.subject, walk.dockerfile},
      run.token,
      std::nullopt,
      run.record,
      {}};
  commits.record.dockerfile_path = walk.dockerfile;
  Status done = Replay(commits, history, folder, planned, result).go(request);
  run.record.circumstances = commits.record.circumstances;
  walk.buildkit_version = run.record.circumstances.buildkit_version;
  walk.tool_version = run.record.circumstances.tool_version;
  walk.cores = run.record.circumstances.cores;
  if (done) return done;
  Error error = done.error();
  if (process::interrupted()) error.kind = ErrorKind::interrupted;
  error.details.push_back(fmt::format("{} of {} builds are kept; the same command goes on after them",
                                      walk.rows.size(), planned.commits.size()));
  return tl::unexpected(std::move(error));
}

}  // namespace buildlab::run
