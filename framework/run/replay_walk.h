// Private to the room: one commit after the other, on the replay's kept builder or on fresh ones that hand an
// external cache on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/engine/builder.h"
#include "framework/invalidation/cause.h"
#include "framework/misses/facts.h"
#include "framework/replay/history.h"
#include "framework/replay/row.h"
#include "framework/replay/tree.h"
#include "framework/run/replay_folder.h"
#include "framework/run/rolling_cache.h"
#include "framework/run/scenario_run.h"

namespace buildlab::run {

class ReplayWalk {
 public:
  // `run.subject` is the subject with the private tree for its context.
  ReplayWalk(ScenarioRun& run, const replay::History& history, const ReplayFolder& folder,
             replay::PrivateTree tree, std::optional<RollingCache> cache)
      : m_run(run),
        m_history(history),
        m_folder(folder),
        m_tree(std::move(tree)),
        m_cache(std::move(cache)) {}

  // Brings the builder back to where it was after `last`, a row whose build succeeded: what a build that was
  // cut off left in the cache is removed, and the row's commit is built again, unmeasured. With an external
  // cache only where that does not hold the commit.
  Status return_to(const replay::Row& last, const ReplayState& state);

  struct Visited {
    replay::Row row;
    std::optional<record::Build> build;  // of a commit that was built
  };
  // Builds the commit. An error ends the walk; a commit that cannot be built is a row.
  Result<Visited> visit(int number, const replay::Commit& commit);

  // After a row was kept: what only the commits before it needed is removed.
  Status settle();

  // What the kept builder's cache holds now.
  Result<std::set<std::string>> cache_records();
  Status stop();

 private:
  struct Attempt {
    record::Build build;
    Status failure;
    std::vector<std::string> bases;
  };

  struct Task {
    int number = 0;
    const std::string& commit;
    bool priming = false;
  };

  Result<Attempt> attempt(const Task& task);
  Status prepare();
  Status require_builder(const std::vector<engine::Mirror>& mirrors);
  Result<Attempt> build(const Task& task, const engine::BaseImages& bases);
  Result<engine::BuildArtifacts> run_client(const Task& task, const engine::BaseImages& bases);
  Result<bool> show(const replay::Commit& commit, replay::Row& row);
  Status note_changes(const replay::Commit& commit, replay::Row& row);
  Status explain(const std::string& commit, replay::Row& row);
  void tell_reasons(record::Build& build);
  void remember(const std::string& commit, invalidation::StepGraph graph);
  invalidation::StepGraph graph() const;

  ScenarioRun& m_run;
  const replay::History& m_history;
  const ReplayFolder& m_folder;
  replay::PrivateTree m_tree;
  std::optional<RollingCache> m_cache;  // nullopt: one kept builder
  std::unique_ptr<engine::Builder> m_builder;
  std::vector<engine::Mirror> m_mirrors;
  // The last commit whose build succeeded on this builder; "" before the first.
  std::string m_built;
  invalidation::StepGraph m_graph;  // of its Dockerfile
  // What decided its keys, and those of the commit that is being built; nullopt where it could not be read.
  std::optional<misses::BuildFacts> m_facts;
  std::optional<misses::BuildFacts> m_now;
};

}  // namespace buildlab::run
