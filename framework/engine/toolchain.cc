#include "framework/engine/toolchain.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cstdio>
#include <cstdlib>

#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/base/text.h"
#include "framework/engine/contained.h"
#include "framework/engine/pins.h"
#include "framework/engine/version.h"
#include "framework/process/command.h"

namespace buildlab::engine {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// What programs answered to --version, by path, with what their files looked like then.
class VersionMemory {
 public:
  VersionMemory() : m_path(cache_folder() / "engine" / "versions.json") {
    auto loaded = load_json(m_path);
    if (loaded && loaded->is_object()) m_known = std::move(*loaded);
  }
  ~VersionMemory() {
    if (m_changed) (void)write_file_atomic(m_path, to_pretty_text(m_known));
  }
  VersionMemory(const VersionMemory&) = delete;
  VersionMemory& operator=(const VersionMemory&) = delete;

  // An error says why the program gives no version.
  Result<std::string> of(const fs::path& program) {
    struct stat info {};
    if (::stat(program.c_str(), &info) != 0) {
      return fail(ErrorKind::infrastructure, fmt::format("{} cannot be read", program.string()));
    }
    const std::string likeness =
        fmt::format("{}:{}:{}.{:09}", info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
    const auto known = m_known.find(program.string());
    if (known != m_known.end() && known->is_object() && known->value("file", "") == likeness &&
        known->contains("version") && known->at("version").is_string()) {
      return known->at("version").get<std::string>();
    }
    BUILDLAB_ASSIGN(const process::Finished finished,
                    process::run({.argv = {program.string(), "--version"}, .timeout = 10s}));
    const std::string output = finished.standard_output + finished.standard_error;
    const std::optional<std::string> version = version_in(output);
    if (!process::succeeded(finished.termination) || !version) {
      return fail(ErrorKind::infrastructure,
                  fmt::format("{} --version: {}: {}", program.string(),
                              process::to_string(finished.termination), one_line(output, 120)));
    }
    m_known[program.string()] = {{"file", likeness}, {"version", *version}};
    m_changed = true;
    return *version;
  }

 private:
  fs::path m_path;
  Json m_known = Json::object();
  bool m_changed = false;
};

enum class Outcome { found, missing, stop };

struct Finder {
  Search search;
  VersionMemory versions;

  void note(std::string what, std::string result) {
    search.attempts.push_back({std::move(what), std::move(result)});
  }

  std::optional<Tool> usable(const fs::path& path, const std::string& origin) {
    const std::optional<fs::path> program = process::find_program(path.string());
    if (!program || path.string().find('/') == std::string::npos) {
      note(origin, fmt::format("{} is no program", path.string()));
      return std::nullopt;
    }
    const Result<std::string> version = versions.of(*program);
    if (!version) {
      note(origin, version.error().message);
      return std::nullopt;
    }
    return Tool{*program, *version, origin};
  }

  std::optional<Tool> usable_buildkit(const fs::path& path, const std::string& origin) {
    std::optional<Tool> tool = usable(path, origin);
    if (tool && version_numbers(tool->version) < version_numbers(k_oldest_buildkit)) {
      note(origin,
           fmt::format("{} is {}, {} or newer is needed", path.string(), tool->version, k_oldest_buildkit));
      return std::nullopt;
    }
    return tool;
  }

  Outcome pair(const fs::path& daemon_path, const fs::path& client_path, const std::string& daemon_origin,
               const std::string& client_origin, Toolchain& toolchain) {
    const std::optional<Tool> daemon = usable_buildkit(daemon_path, daemon_origin);
    if (!daemon) return Outcome::missing;
    const std::optional<Tool> client = usable_buildkit(client_path, client_origin);
    if (!client) return Outcome::missing;
    toolchain.buildkitd = *daemon;
    toolchain.buildctl = *client;
    note(daemon_origin, fmt::format("buildkitd {} at {}", daemon->version, daemon->path.string()));
    return Outcome::found;
  }

  bool find_buildkit(Toolchain& toolchain) {
    const char* daemon = std::getenv("BUILDLAB_BUILDKITD");
    const char* client = std::getenv("BUILDLAB_BUILDCTL");
    if (daemon != nullptr && *daemon != '\0') {
      const bool given = client != nullptr && *client != '\0';
      return pair(daemon, given ? fs::path(client) : fs::path(daemon).parent_path() / "buildctl",
                  "BUILDLAB_BUILDKITD", given ? "BUILDLAB_BUILDCTL" : "beside BUILDLAB_BUILDKITD",
                  toolchain) == Outcome::found;
    }
    note("BUILDLAB_BUILDKITD", "not set");
    const auto daemon_in_path = process::find_program("buildkitd");
    auto client_in_path = process::find_program("buildctl");
    if (client != nullptr && *client != '\0') client_in_path = fs::path(client);
    if (!daemon_in_path) {
      note("PATH", "no buildkitd");
    } else if (!client_in_path) {
      note("PATH", "buildkitd, but no buildctl");
    } else if (pair(*daemon_in_path, *client_in_path, "PATH", "PATH", toolchain) == Outcome::found) {
      return true;
    }
    const fs::path pinned = cache_folder() / "engine" / fmt::format("buildkit-{}", k_pinned_buildkit);
    if (!fs::exists(pinned / "buildkitd")) {
      note("pinned copy", fmt::format("nothing at {}", pinned.string()));
      return false;
    }
    return pair(pinned / "buildkitd", pinned / "buildctl", "pinned copy", "pinned copy", toolchain) ==
           Outcome::found;
  }

  bool find_runc(Toolchain& toolchain) {
    for (const char* name : {"runc", "buildkit-runc"}) {
      const auto path = process::find_program(name);
      if (!path) continue;
      if (const auto tool = usable(*path, "PATH")) {
        toolchain.runc = *tool;
        return true;
      }
    }
    note("PATH", "no runc");
    return false;
  }

  void find_registry(Toolchain& toolchain) {
    if (const char* given = std::getenv("BUILDLAB_REGISTRY"); given != nullptr && *given != '\0') {
      toolchain.registry = usable(given, "BUILDLAB_REGISTRY");
      return;
    }
    for (const char* name : {"docker-registry", "registry"}) {
      const auto path = process::find_program(name);
      if (!path) continue;
      toolchain.registry = usable(*path, "PATH");
      if (toolchain.registry) return;
    }
    const fs::path pinned =
        cache_folder() / "engine" / fmt::format("registry-{}", k_pinned_registry) / "registry";
    if (fs::exists(pinned)) {
      toolchain.registry = usable(pinned, "pinned copy");
    } else {
      note("registry server", "no docker-registry or registry on PATH, and no pinned copy");
    }
  }
};

Result<process::Termination> run_installer(std::vector<std::string> argv,
                                           const std::function<void(std::string_view)>& report) {
  const std::function<void(std::string_view)> pass_on = [&report](std::string_view line) {
    if (report) return report(line);
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fputc('\n', stderr);
  };
  // Its compilers' compilers end with us too.
  if (::geteuid() == 0 && process::find_program("unshare")) argv = contained(std::move(argv));
  BUILDLAB_ASSIGN(process::Finished finished, process::run({.argv = std::move(argv),
                                                            .on_stdout_line = pass_on,
                                                            .on_stderr_line = pass_on,
                                                            .keep_stdout = false}));
  if (std::holds_alternative<process::Interrupted>(finished.termination)) {
    return fail(ErrorKind::interrupted, "interrupted while the engine was installed");
  }
  return finished.termination;
}

}  // namespace

Search find_toolchain() {
  Finder finder;
  Toolchain toolchain;
  const bool buildkit = finder.find_buildkit(toolchain);
  const bool runc = finder.find_runc(toolchain);
  finder.find_registry(toolchain);
  Search search = std::move(finder.search);
  if (!buildkit) {
    search.remedies.push_back(fmt::format(
        "put buildkitd and buildctl ({} or newer) on PATH, or set BUILDLAB_BUILDKITD to the file; "
        "https://github.com/moby/buildkit/releases has them",
        k_oldest_buildkit));
  }
  if (!runc)
    search.remedies.emplace_back("install runc with the system's package manager (apt-get install runc)");
  if (!toolchain.registry) {
    search.remedies.emplace_back(
        "for local bases and cache_mode registry: install docker-registry (apt-get install docker-registry), "
        "or set "
        "BUILDLAB_REGISTRY to a registry server's file");
  }
  if (buildkit && runc) search.found = std::move(toolchain);
  return search;
}

Result<Toolchain> require_toolchain(const fs::path& installer,
                                    const std::function<void(std::string_view)>& report) {
  Search search = find_toolchain();
  std::string installed;
  if (!search.found && !installer.empty() && fs::exists(installer)) {
    BUILDLAB_ASSIGN(const process::Termination ended, run_installer({installer.string()}, report));
    installed = fmt::format("{}: {}", installer.string(), process::to_string(ended));
    search = find_toolchain();
  }
  if (search.found) return std::move(*search.found);
  std::vector<std::string> details;
  for (const Attempt& attempt : search.attempts)
    details.push_back(fmt::format("{}: {}", attempt.what, attempt.result));
  if (!installed.empty()) details.push_back(installed);
  for (const std::string& remedy : search.remedies) details.push_back("to do: " + remedy);
  return fail(ErrorKind::infrastructure, "no usable BuildKit was found", std::move(details));
}

Status require_registry(Toolchain& toolchain, const fs::path& installer,
                        const std::function<void(std::string_view)>& report) {
  if (toolchain.registry || installer.empty() || !fs::exists(installer)) return {};
  BUILDLAB_TRY(run_installer({installer.string(), "--registry"}, report).map([](const auto&) {}));
  if (Search search = find_toolchain(); search.found) toolchain.registry = std::move(search.found->registry);
  return {};
}

}  // namespace buildlab::engine
