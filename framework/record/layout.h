// Names below a store's folder. Private to this room.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "framework/base/result.h"
#include "framework/base/time.h"

namespace buildlab::record {

inline std::filesystem::path runs_folder(const std::filesystem::path& store) {
  return store / "runs";
}
inline std::filesystem::path index_file(const std::filesystem::path& store) {
  return store / "index" / "records.jsonl";
}
inline std::filesystem::path index_lock(const std::filesystem::path& store) {
  return store / "index" / "lock";
}
// A symbolic link to the newest finished run's folder.
inline std::filesystem::path latest_link(const std::filesystem::path& store) {
  return store / "latest";
}
// Runs on their way out: renamed here first, so that no reader meets half of one.
inline std::filesystem::path removed_folder(const std::filesystem::path& store) {
  return store / "removed";
}
inline constexpr const char* k_record_name = "record.json";
inline constexpr const char* k_run_name = "run.json";
inline constexpr const char* k_events_name = "events.jsonl";
inline constexpr const char* k_bases_name = "bases.json";
inline constexpr const char* k_bases_lock_name = "bases.lock";

// A scenario's name as a folder's: [A-Za-z0-9_-] and '.' within stay, other bytes are %XX; what is too long
// for a file system ends in a digest instead. Different names give different folders, and none that a run
// uses itself.
std::string folder_name(std::string_view scenario);

// One path component of [A-Za-z0-9._-] that does not start with a dot; else a usage error.
Status check_run_id(std::string_view run_id);

// "2026-11-23T20-02-11Z-7f3a": the second, then its 65,536ths in hexadecimal, so that ids sort by time.
std::string make_run_id(WallTime now);
// nullopt for ids of another make.
std::optional<WallTime> time_of_run_id(std::string_view run_id);

}  // namespace buildlab::record
