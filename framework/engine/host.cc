#include "framework/engine/host.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sched.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <algorithm>

#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/engine/base_image.h"
#include "framework/engine/daemon.h"
#include "framework/engine/places.h"
#include "framework/engine/toolchain.h"
#include "framework/process/command.h"

namespace buildlab::engine {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// 2025-01-01: certificates and package lists of today are not valid for a clock that stands before it.
constexpr std::chrono::sys_days k_earliest = std::chrono::year{2025} / 1 / 1;

// Lines of /etc/subuid and /etc/subgid: "NAME-or-ID:first:count" (subuid(5)).
bool has_range(const fs::path& file) {
  const auto text = read_file(file);
  if (!text) return false;
  const passwd* account = ::getpwuid(::getuid());
  const std::string name = account == nullptr ? std::string() : account->pw_name;
  const std::string id = std::to_string(::getuid());
  for (const std::string_view line : split(*text, '\n')) {
    const std::vector<std::string_view> fields = split(line, ':');
    if (fields.size() == 3 && (fields[0] == id || (!name.empty() && fields[0] == name))) return true;
  }
  return false;
}

int usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return static_cast<int>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
}

std::optional<std::string> overlay_failure() {
  auto folder = TempDir::create(scratch_folder(), fmt::format("overlay-{}-", ::getpid()));
  if (!folder) return folder.error().message;
  for (const char* name : {"lower", "upper", "work", "merged"}) {
    if (auto made = make_directories(folder->path() / name); !made) return made.error().message;
  }
  // The mount ends with its namespace. $0 is the folder.
  constexpr const char* k_mount =
      R"(cd "$0" && exec mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged)";
  process::Command command{.argv = {"unshare", "--mount", "--", "sh", "-c", k_mount, folder->path().string()},
                           .timeout = 5s};
  const auto finished = process::run(command);
  if (!finished) return finished.error().message;
  if (process::succeeded(finished->termination)) return std::nullopt;
  const std::string cause = one_line(finished->standard_error, 200);
  return cause.empty() ? process::to_string(finished->termination) : cause;
}

// What statvfs says of the nearest folder that is there.
std::optional<Bytes> disk_free(fs::path folder) {
  struct statvfs info {};
  while (::statvfs(folder.c_str(), &info) != 0) {
    if (folder == folder.parent_path()) return std::nullopt;
    folder = folder.parent_path();
  }
  return Bytes{static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize};
}

}  // namespace

HostFacts look_at_host() {
  HostFacts facts;
  facts.root = ::geteuid() == 0;
  facts.rootless = {.subordinate_users = has_range("/etc/subuid"),
                    .subordinate_groups = has_range("/etc/subgid"),
                    .rootlesskit = process::find_program("rootlesskit"),
                    .newuidmap = process::find_program("newuidmap"),
                    .newgidmap = process::find_program("newgidmap")};
  utsname system{};
  if (::uname(&system) == 0) facts.kernel = system.release;
  facts.cores = usable_cores();
  facts.overlay_failure = overlay_failure();
  facts.cache = cache_folder();
  facts.disk_free = disk_free(facts.cache);
  facts.clock_plausible = std::chrono::system_clock::now() >= k_earliest;
  // BuildKit's own order (containerd's archive/compression).
  facts.decompressor = process::find_program("igzip");
  if (!facts.decompressor) facts.decompressor = process::find_program("unpigz");
  facts.mmdebstrap = process::find_program("mmdebstrap");
  facts.docker = process::find_program("docker");
  if (facts.docker) {
    const auto buildx = process::run({.argv = {facts.docker->string(), "buildx", "version"}, .timeout = 5s});
    facts.docker_buildx = buildx && process::succeeded(buildx->termination);
  }
  return facts;
}

NetworkFacts look_at_network() {
  return {.hub_answers = docker_hub_answers(), .host_authorities = host_authorities()};
}

}  // namespace buildlab::engine
