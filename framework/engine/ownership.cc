#include "framework/engine/ownership.h"

#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <csignal>
#include <thread>

#include "framework/base/json.h"
#include "framework/base/text.h"
#include "framework/engine/builder.h"
#include "framework/engine/places.h"

namespace buildlab::engine {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

fs::path notes_folder() {
  return cache_folder() / "builders";
}

// Resolving a base and asking for an overlay take seconds.
constexpr auto k_scratch_life = 10min;

// Waits for the end of its input. "done" comes first when the owner cleaned up itself; a number is the daemon
// to be waited for (the kernel kills it with its owner). $1 is the control group's name, the rest are paths
// to remove.
constexpr const char* k_guard = R"(trap '' HUP INT TERM
daemon=
while read -r word; do
  if [ "$word" = done ]; then exit 0; fi
  daemon=$word
done
tries=0
while [ -n "$daemon" ] && [ -d "/proc/$daemon" ] && [ "$tries" -lt 500 ]; do
  sleep 0.02
  tries=$((tries + 1))
done
group=$1
shift
find /sys/fs/cgroup -maxdepth 6 -depth -type d \( -name "$group" -o -path "*/$group/*" \) -exec rmdir {} + 2>/dev/null
for try in 1 2 3; do
  rm -rf -- "$@" && exit 0
  sleep 0.2
done
)";

Json to_json(const Belongings& belongings) {
  Json json{{"schema_version", 1}, {"id", belongings.id},         {"sockets", belongings.sockets.string()},
            {"scratch", nullptr},  {"cgroup", belongings.cgroup}, {"daemon", nullptr}};
  if (belongings.scratch) json["scratch"] = belongings.scratch->string();
  if (belongings.daemon) {
    json["daemon"] = {{"pid", belongings.daemon->pid},
                      {"started", belongings.daemon->started},
                      {"boot", belongings.daemon->boot}};
  }
  return json;
}

std::optional<Belongings> from_json(const Json& json) {
  try {
    Belongings belongings{.id = json.at("id"),
                          .sockets = json.at("sockets").get<std::string>(),
                          .scratch = std::nullopt,
                          .cgroup = json.at("cgroup"),
                          .daemon = std::nullopt};
    if (!json.at("scratch").is_null()) belongings.scratch = json.at("scratch").get<std::string>();
    if (const Json& daemon = json.at("daemon"); !daemon.is_null()) {
      belongings.daemon = ProcessIdentity{daemon.at("pid"), daemon.at("started"), daemon.at("boot")};
    }
    // What is removed must be named after the builder: a damaged note removes nothing else.
    if (belongings.sockets.filename() != belongings.id) return std::nullopt;
    if (belongings.scratch && belongings.scratch->filename() != belongings.id) return std::nullopt;
    return belongings;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

void end_process(const ProcessIdentity& daemon) {
  if (identify(daemon.pid) != daemon) return;
  ::kill(daemon.pid, SIGKILL);
  for (int i = 0; i < 500 && identify(daemon.pid) == daemon; ++i) std::this_thread::sleep_for(10ms);
}

// Everything of a builder whose daemon has ended; the first error is told, the rest is still tried.
Status remove_belongings(const Belongings& belongings) {
  remove_control_groups(belongings.cgroup);
  Status status;
  const auto remove = [&status](const fs::path& path) {
    auto removed = remove_tree(path);
    if (!removed && status) status = tl::unexpected(removed.error());
  };
  remove(belongings.sockets);
  if (belongings.scratch) {
    remove(*belongings.scratch);
    std::error_code ignored;
    fs::remove(belongings.scratch->parent_path(), ignored);  // only when it is empty
  }
  return status;
}

void sweep_scratch(std::vector<std::string>& removed) {
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(scratch_folder(), code)) {
    const std::string name = entry.path().filename();
    const std::vector<std::string_view> parts = split(name, '-');
    if (parts.size() != 3) continue;
    const pid_t pid = std::atoi(std::string(parts[1]).c_str());
    if (pid <= 0 || identify(pid)) continue;
    // Containers that share the cache folder do not see each other's processes.
    std::error_code ignored;
    const auto written = fs::last_write_time(entry.path(), ignored);
    if (ignored || fs::file_time_type::clock::now() - written < k_scratch_life) continue;
    if (remove_tree(entry.path()).value_or(false)) removed.push_back(entry.path());
  }
}

}  // namespace

std::optional<ProcessIdentity> identify(pid_t pid) {
  const auto stat = read_file(fmt::format("/proc/{}/stat", pid));
  const auto boot = read_file("/proc/sys/kernel/random/boot_id");
  if (!stat || !boot) return std::nullopt;
  // "PID (NAME) STATE …": the name may hold blanks and brackets; the start time is field 22, the 20th after
  // it.
  const std::size_t bracket = stat->rfind(')');
  if (bracket == std::string::npos || bracket + 2 > stat->size()) return std::nullopt;
  const std::vector<std::string_view> fields = split(std::string_view(*stat).substr(bracket + 2), ' ');
  if (fields.size() < 20 || fields[0] == "Z") return std::nullopt;
  return ProcessIdentity{pid, std::string(fields[19]), std::string(trim(*boot))};
}

void remove_control_groups(const std::string& name) {
  std::error_code code;
  std::vector<fs::path> groups;
  fs::recursive_directory_iterator it("/sys/fs/cgroup", fs::directory_options::skip_permission_denied, code);
  for (; !code && it != fs::recursive_directory_iterator(); it.increment(code)) {
    if (it.depth() > 4) it.disable_recursion_pending();
    std::error_code ignored;
    if (!it->is_directory(ignored) || it->is_symlink(ignored)) continue;
    if (it->path().filename() != name) continue;
    groups.push_back(it->path());
    it.disable_recursion_pending();
  }
  for (const fs::path& group : groups) {
    std::vector<fs::path> folders{group};
    std::error_code ignored;
    for (const auto& entry : fs::recursive_directory_iterator(group, ignored)) {
      if (entry.is_directory(ignored)) folders.push_back(entry.path());
    }
    for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) ::rmdir(folder->c_str());
  }
}

Result<Ownership> Ownership::take(Belongings belongings) {
  BUILDLAB_TRY(make_directories(notes_folder()));
  const fs::path lock_path = notes_folder() / (belongings.id + ".lock");
  // Locked under a name that sweeping does not look at, so that nobody takes a lock between its birth and
  // ours.
  const fs::path unborn = notes_folder() / ("new-" + belongings.id);
  BUILDLAB_ASSIGN(std::optional<FileLock> lock, FileLock::try_lock(unborn));
  if (!lock)
    return fail(ErrorKind::infrastructure, fmt::format("{} is locked by another process", unborn.string()));
  Ownership ownership(std::move(belongings), std::move(*lock), lock_path);
  BUILDLAB_TRY(append_to_file(unborn, to_line(to_json(ownership.m_belongings)) + "\n"));
  std::error_code code;
  fs::rename(unborn, lock_path, code);
  if (code) {
    return fail(ErrorKind::infrastructure, fmt::format("renaming {}: {}", unborn.string(), code.message()));
  }
  const Belongings& own = ownership.m_belongings;
  std::vector<std::string> argv{"/bin/sh", "-c", k_guard, "buildlab-guard", own.cgroup, own.sockets.string()};
  if (own.scratch) argv.push_back(own.scratch->string());
  argv.push_back(lock_path.string());
  BUILDLAB_ASSIGN(ownership.m_guard,
                  process::Child::start({.argv = argv, .on_our_death = process::OnOurDeath::outlives}));
  return ownership;
}

Status Ownership::set_daemon(ProcessIdentity daemon) {
  m_guard->write_input(fmt::format("{}\n", daemon.pid));
  m_belongings.daemon = std::move(daemon);
  return append_to_file(m_lock_path, to_line(to_json(m_belongings)) + "\n");
}

Status Ownership::release() {
  if (!m_lock) return {};
  Status removed = remove_belongings(m_belongings);
  if (removed) {
    std::error_code ignored;
    fs::remove(m_lock_path, ignored);
    if (m_guard) m_guard->write_input("done\n");
  }
  if (m_guard) {
    m_guard->close_input();
    if (!m_guard->wait(removed ? 1s : 0s) && !removed) return removed;
  }
  m_lock.reset();
  return removed;
}

Result<std::vector<std::string>> sweep_leftovers() {
  std::vector<std::string> removed;
  sweep_scratch(removed);
  std::error_code code;
  fs::directory_iterator notes(notes_folder(), code);
  if (code) return removed;  // nothing was ever started with this cache folder
  for (const auto& entry : notes) {
    if (entry.path().extension() != ".lock") continue;
    auto lock = FileLock::try_lock(entry.path());
    if (!lock || !*lock) continue;  // its owner lives, or it is not ours to open
    const auto text = read_file(entry.path());
    if (!text || text->empty()) {  // gone meanwhile, or cut off before its first line
      fs::remove(entry.path(), code);
      continue;
    }
    // The last whole line that can be read counts: each line holds everything.
    std::optional<Belongings> belongings;
    for (const std::string_view line : split(*text, '\n')) {
      if (const auto json = parse_json(line, entry.path().string())) {
        if (auto read = from_json(*json)) belongings = std::move(read);
      }
    }
    if (belongings) {
      if (belongings->daemon) end_process(*belongings->daemon);
      const bool anything =
          fs::exists(belongings->sockets) || (belongings->scratch && fs::exists(*belongings->scratch));
      BUILDLAB_TRY(remove_belongings(*belongings));
      if (anything) {
        removed.push_back(belongings->scratch ? belongings->scratch->string() : belongings->sockets.string());
      }
    }
    fs::remove(entry.path(), code);
  }
  return removed;
}

}  // namespace buildlab::engine
