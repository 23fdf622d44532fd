// Private to the room: the daemon's settings and command line, and what its log tells.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/engine/builder.h"
#include "framework/shim/settings.h"

namespace buildlab::engine {

struct DaemonPaths {
  std::filesystem::path root;
  std::filesystem::path socket;
  std::filesystem::path telemetry_socket;
  std::filesystem::path config;
  std::filesystem::path log;
  std::filesystem::path shim_settings = {};
  std::filesystem::path shim_report = {};
  std::filesystem::path resolver = {};  // the daemon's /etc/resolv.conf, where it has names of its own
  // Where it keeps preimages of cache keys: its debug socket, and a folder which is in memory to it.
  std::filesystem::path debug_socket = {};
  std::filesystem::path preimages = {};
};

// buildkitd.toml: no garbage collection (a measured builder must not lose its cache by itself), a long
// history, mirrors and registries of plain HTTP, `cgroup` as the parent of its containers' groups. Where the
// daemon has names of its own, the machine's servers for RUN steps.
std::string daemon_config(const BuilderOptions& options, const std::string& cgroup);

// The daemon in a PID and a mount namespace of its own: their end takes its containers and mounts along.
// A varied one takes the shim for its runtime, and may have its root in memory; one with names of its own has
// its resolv.conf there.
std::vector<std::string> daemon_command(const BuilderOptions& options, const DaemonPaths& paths);

// resolv.conf of a daemon with names of its own: the machine's, but for the server.
std::string daemon_resolver(const OwnNames& names);

// Whether containers are started through the shim: variations of containers, or the proxy network.
bool is_shimmed(const BuilderOptions& options);

// The shim's settings; asked for only where there is one.
shim::Settings shim_settings(const BuilderOptions& options, const DaemonPaths& paths);

// "overlayfs", from the line that the daemon writes about its worker; nullopt when there is none (yet).
std::optional<std::string> snapshotter_in(std::string_view log);

// The last `lines` lines, for an error.
std::vector<std::string> last_lines(std::string_view text, std::size_t lines);
// The same of the daemon's log, without the stack trace that it adds to a fatal error.
std::vector<std::string> last_log_lines(std::string_view log, std::size_t lines);

}  // namespace buildlab::engine
