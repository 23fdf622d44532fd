#include "framework/run/replay_folder.h"

#include <fmt/format.h>

#include "framework/base/digest.h"
#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/run/replay.h"

namespace buildlab::run {

namespace fs = std::filesystem;

fs::path replays_folder(const fs::path& store) {
  return store / "replays";
}

Result<ReplayFolder> ReplayFolder::open(const fs::path& store, const record::SubjectKey& subject,
                                        const LockWait& wait) {
  BUILDLAB_ASSIGN(KeptBuilder builder, KeptBuilder::open(replays_folder(store), subject, wait));
  return ReplayFolder(std::move(builder));
}

std::optional<ReplayState> ReplayFolder::state() const {
  const auto json = load_json(folder() / "state.json");
  std::error_code code;
  if (!json || !fs::exists(m_builder.root(), code)) return std::nullopt;
  try {
    ReplayState state;
    state.walk = json->at("walk").get<std::string>();
    if (const Json& row = json->at("row"); !row.is_null()) state.row = row.get<int>();
    state.cache_records = json->at("cache_records").get<std::set<std::string>>();
    return state;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

Status ReplayFolder::set_state(const ReplayState& state) const {
  Json json;
  json["walk"] = state.walk;
  json["row"] = state.row ? Json(*state.row) : Json();
  json["cache_records"] = state.cache_records;
  return write_file_atomic(folder() / "state.json", to_pretty_text(json));
}

Status ReplayFolder::begin(const std::string& walk) const {
  BUILDLAB_TRY(remove_tree(folder() / "state.json").map([](bool) {}));
  BUILDLAB_TRY(m_builder.reset());
  for (const fs::path& made : {cache(), fresh_root()}) BUILDLAB_TRY(remove_tree(made).map([](bool) {}));
  BUILDLAB_TRY(make_directories(m_builder.root()));
  BUILDLAB_TRY(make_directories(rows(walk).parent_path()));
  return set_state({walk, std::nullopt, {}});
}

Status ReplayFolder::finish() const {
  BUILDLAB_TRY(m_builder.reset());
  for (const fs::path& made : {cache(), fresh_root()}) BUILDLAB_TRY(remove_tree(made).map([](bool) {}));
  return {};
}

std::string walk_id(const std::vector<replay::Commit>& commits, const WalkKey& key) {
  Json json;
  json["context"] = key.subject.context;
  json["dockerfile"] = key.subject.dockerfile;
  json["target"] = key.subject.target;
  json["build_args"] = key.subject.build_args;
  json["platform"] = key.subject.platform;
  json["buildkit"] = key.buildkit_version;
  json["epoch"] = key.epoch ? Json(*key.epoch) : Json();
  json["cache"] = key.cache;
  json["scenario"] = key.scenario;
  json["commits"] = Json::array();
  for (const replay::Commit& commit : commits) json["commits"].push_back(commit.id);
  return sha256(to_line(json)).hex().substr(0, 12);
}

}  // namespace buildlab::run
