// What a replay keeps on disk: the builder, the private tree, and the rows of each walk.
//
//   STORE/replays/builders/SUBJECT/root, context   the kept builder of replays
//                                 /git, tree       the borrowed repository and the commit's files
//                                 /state.json      which walk the builder's state belongs to
//                                 /cache, fresh    the external cache and the builder of one commit, where
//                                                  each commit has its own
//                                 /walks/ID/rows.jsonl, builds.jsonl
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/record/record.h"
#include "framework/replay/history.h"
#include "framework/run/kept_builder.h"

namespace buildlab::run {

// What the builder held after a row; what is there beyond it was made by a build that was cut off.
struct ReplayState {
  std::string walk;
  std::optional<int> row;  // nullopt: nothing was built yet
  std::set<std::string> cache_records;
};

class ReplayFolder {
 public:
  // Waits for the lock: one replay of a subject at a time.
  static Result<ReplayFolder> open(const std::filesystem::path& store, const record::SubjectKey& subject,
                                   const LockWait& wait);

  const KeptBuilder& builder() const { return m_builder; }
  std::filesystem::path git() const { return folder() / "git"; }
  std::filesystem::path tree() const { return folder() / "tree"; }
  std::filesystem::path artifacts() const { return folder() / "build"; }
  std::filesystem::path rows(const std::string& walk) const {
    return folder() / "walks" / walk / "rows.jsonl";
  }
  std::filesystem::path builds(const std::string& walk) const {
    return folder() / "walks" / walk / "builds.jsonl";
  }
  std::filesystem::path cache() const { return folder() / "cache"; }
  std::filesystem::path fresh_root() const { return folder() / "fresh"; }

  // nullopt when nothing is known of the builder's state.
  std::optional<ReplayState> state() const;
  Status set_state(const ReplayState& state) const;
  // The builder's state is gone, and belongs to this walk from now on.
  Status begin(const std::string& walk) const;
  // A walk came to its end: its builder and its cache are removed.
  Status finish() const;

 private:
  explicit ReplayFolder(KeptBuilder builder) : m_builder(std::move(builder)) {}
  std::filesystem::path folder() const { return m_builder.root().parent_path(); }

  KeptBuilder m_builder;
};

// Twelve digits: equal where the same commits of the same declaration are built by the same engine, so that
// their rows belong together.
struct WalkKey {
  const record::SubjectKey& subject;
  std::string_view buildkit_version;
  std::optional<std::int64_t> epoch;
  std::string cache;     // mode, and where it goes
  std::string scenario;  // "" for the command's own
};
std::string walk_id(const std::vector<replay::Commit>& commits, const WalkKey& key);

}  // namespace buildlab::run
