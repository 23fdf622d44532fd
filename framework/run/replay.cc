#include "framework/run/replay.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/process/interrupt.h"
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

class Replay {
 public:
  Replay(ScenarioRun& run, const replay::History& history, const ReplayFolder& folder, const Planned& planned,
         replay::Walk& result)
      : m_run(run), m_history(history), m_folder(folder), m_planned(planned), m_result(result) {}

  Status go(bool anew);

 private:
  Status take_up(ReplayWalk& walk, const ReplayState& state);
  Status walk_on(ReplayWalk& walk);

  ScenarioRun& m_run;
  const replay::History& m_history;
  const ReplayFolder& m_folder;
  const Planned& m_planned;
  replay::Walk& m_result;
  std::string m_id;
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
    BUILDLAB_ASSIGN(replay::Row row, walk.visit(number, m_planned.commits[i]));
    if (m_note) row.notes.insert(row.notes.begin(), *std::exchange(m_note, std::nullopt));
    BUILDLAB_ASSIGN(std::set<std::string> records, walk.cache_records());
    BUILDLAB_TRY(replay::append_row(m_folder.rows(m_id), row));
    BUILDLAB_TRY(m_folder.set_state({m_id, number, std::move(records)}));
    m_run.observer.message(row_line(row, m_result.planned));
    m_result.rows.push_back(std::move(row));
  }
  return {};
}

Status Replay::go(bool anew) {
  m_id = walk_id(m_planned.commits, m_run.record.subject, m_run.toolchain.buildkitd.version, m_planned.epoch);
  const std::filesystem::path rows = m_folder.rows(m_id);
  if (anew) BUILDLAB_TRY(remove_tree(rows).map([](bool) {}));
  BUILDLAB_ASSIGN(m_result.rows, replay::open_rows(rows));
  if (m_result.rows.size() >= m_planned.commits.size()) {
    m_run.observer.message("this walk was finished earlier; --refresh builds it anew");
    return {};
  }
  BUILDLAB_ASSIGN(const std::uint64_t limit, max_builder_bytes());
  ReplayState state = m_folder.state().value_or(ReplayState());
  // A row that the state knows and the file does not was cut off while it was written.
  const bool is_ahead = !m_result.rows.empty() && state.row.value_or(0) > m_result.rows.back().number;
  if (state.walk != m_id || m_result.rows.empty() || is_ahead || m_folder.builder().size_bytes() > limit) {
    BUILDLAB_TRY(m_folder.begin(m_id));
    state = {m_id, std::nullopt, {}};
  }
  BUILDLAB_ASSIGN(replay::PrivateTree tree, replay::PrivateTree::make(m_folder.tree()));
  ReplayWalk walk(m_run, m_history, m_folder, std::move(tree));
  Status done = take_up(walk, state);
  if (done) done = walk_on(walk);
  const Status stopped = walk.stop();
  BUILDLAB_TRY(done);
  return stopped;
}

}  // namespace

Result<replay::Walk> replay_commits(Session& session, const scenario::ScenarioFile& file,
                                    const std::filesystem::path& store, const scenario::Subject& subject,
                                    const ReplayRequest& request) {
  record::SubjectKey key = subject_key(subject, file.path);
  record::SubjectKey builder_key = key;
  builder_key.build_args = subject.build_args;  // with credentials: another one is another builder
  BUILDLAB_ASSIGN(const ReplayFolder folder,
                  ReplayFolder::open(store, builder_key, LockWait{process::interrupted, nullptr}));
  BUILDLAB_ASSIGN(const replay::History history, replay::History::open(subject.context, folder.git()));
  BUILDLAB_ASSIGN(const Planned planned, plan_walk(history, subject, request.range));

  scenario::Scenario scenario;
  scenario.name = "replay";
  scenario.subject = subject.name;
  scenario.kind = scenario::Kind::warm;
  scenario.cache_mode = scenario::CacheMode::builder;
  scenario::Subject in_tree = subject;
  in_tree.context = folder.tree();
  in_tree.source_date_epoch = planned.epoch;

  replay::Walk walk;
  walk.subject = subject.name;
  walk.dockerfile = display_path(subject.context / subject.dockerfile, file.path.parent_path());
  walk.range = request.range.text;
  walk.planned = planned.commits.size() - (planned.first_number == 0 ? 1 : 0);
  if (history.shallow() && planned.first_number == 1)
    walk.notes.emplace_back("the clone is shallow: its history begins with the first commit of this walk");
  SubjectState state{&in_tree, "", sha256(""), {}, {}, planned.epoch, {}, key, walk.dockerfile};
  BUILDLAB_TRY(session.serve(scenario, in_tree, std::move(state), [&](ScenarioRun& run) -> Status {
    const Status done = Replay(run, history, folder, planned, walk).go(request.anew);
    walk.buildkit_version = run.record.circumstances.buildkit_version;
    walk.tool_version = run.record.circumstances.tool_version;
    walk.cores = run.record.circumstances.cores;
    if (done) return done;
    Error error = done.error();
    if (process::interrupted()) error.kind = ErrorKind::interrupted;
    error.details.push_back(fmt::format("{} of {} builds are kept; the same command goes on after them",
                                        walk.rows.size(), planned.commits.size()));
    return tl::unexpected(std::move(error));
  }));
  return walk;
}

}  // namespace buildlab::run
