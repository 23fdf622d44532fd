#include "framework/run/replay.h"

#include <fmt/format.h>
#include <charconv>

#include "framework/run/kinds.h"
#include "framework/run/replay_history.h"
#include "framework/run/subject_state.h"

namespace buildlab::run {
namespace {

// "30" or "A..B".
Result<replay::Range> range_of(const std::string& commits) {
  int count = 0;
  const auto [end, error] = std::from_chars(commits.data(), commits.data() + commits.size(), count);
  if (error == std::errc() && end == commits.data() + commits.size()) return replay::last_commits(count);
  return replay::parse_range(commits);
}

// The first one primes; a commit that was refused or whose build failed has none.
void take_builds(record::ScenarioRecord& record, HistoryResult result) {
  for (record::Build& build : result.builds) {
    bool primes = build.iteration == 0;
    for (const replay::Row& row : result.walk.rows) primes |= row.number == build.iteration && row.primes;
    (primes ? record.priming : record.builds).push_back(std::move(build));
  }
  record.replay = std::move(result.walk);
}

}  // namespace

Result<replay::Walk> replay_commits(Session& session, const scenario::ScenarioFile& file,
                                    const scenario::Subject& subject, const ReplayRequest& request) {
  scenario::Scenario scenario;
  scenario.name = "replay";
  scenario.subject = subject.name;
  scenario.kind = scenario::Kind::replay;
  scenario.cache_mode = request.cache_mode;
  // The work tree's Dockerfile plays no part: it need not be there.
  SubjectState state{&subject, "", sha256(""), {}, {}, std::nullopt, {}, subject_key(subject, file.path), ""};
  HistoryResult result;
  BUILDLAB_TRY(session.serve(scenario, subject, std::move(state), [&](ScenarioRun& run) {
    return walk_history(run, {request.range, request.anew}, result);
  }));
  return std::move(result.walk);
}

Status run_replay(ScenarioRun& run) {
  HistoryRequest request;
  BUILDLAB_ASSIGN(request.range, range_of(run.scenario.commits));
  request.anew = run.options.refresh;
  request.again_when_finished = true;
  request.scenario = run.scenario.name;
  // Lines of its builds are of each commit's own Dockerfile, not of the one that is there now.
  run.record.dockerfile_text.clear();
  HistoryResult result;
  const Status done = walk_history(run, request, result);
  take_builds(run.record, std::move(result));
  BUILDLAB_TRY(done);
  if (run.record.builds.empty()) {
    return fail(ErrorKind::not_evaluable, fmt::format("none of the builds of {} counts", request.range.text),
                {"the rows of the replay say why of each commit"});
  }
  return {};
}

}  // namespace buildlab::run
