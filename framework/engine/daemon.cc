#include "framework/engine/daemon.h"

#include <fmt/format.h>
#include <set>

#include "framework/base/json.h"
#include "framework/base/text.h"
#include "framework/engine/contained.h"

namespace buildlab::engine {
namespace {

constexpr std::uint64_t k_preimages_in_memory = 256ULL << 20U;

const std::filesystem::path& shim_of(const BuilderOptions& options) {
  return options.proxy_shim.empty() ? options.varied.tools.shim : options.proxy_shim;
}

// A basic string of TOML is written like one of JSON.
std::string toml_text(const std::string& text) {
  return to_line(Json(text));
}

// What RUN steps have in resolv.conf: the daemon would hand its own on.
std::string dns_of_steps(const ResolverSettings& machine) {
  const auto line = [](const char* key, const std::vector<std::string>& values) {
    return values.empty() ? std::string() : fmt::format("  {} = {}\n", key, to_line(Json(values)));
  };
  const std::string lines = line("nameservers", machine.servers) + line("searchDomains", machine.search) +
                            line("options", machine.options);
  return lines.empty() ? lines : "[dns]\n" + lines;
}

}  // namespace

std::string daemon_config(const BuilderOptions& options, const std::string& cgroup) {
  std::string toml = fmt::format(
      "[history]\n"
      "  maxAge = \"8760h\"\n"
      "  maxEntries = 500\n"
      "[cdi]\n"
      "  disabled = true\n"
      "[worker.containerd]\n"
      "  enabled = false\n"
      "[worker.oci]\n"
      "  enabled = true\n"
      "  gc = false\n"
      "  defaultCgroupParent = {}\n",
      toml_text(cgroup));
  if (options.names) toml = dns_of_steps(options.names->machine) + toml;
  if (includes(options.varied.variations, variation::Kind::parallelism)) toml += "  max-parallelism = 1\n";
  std::set<std::string> plain(options.plain_http_registries.begin(), options.plain_http_registries.end());
  std::map<std::string, std::vector<std::string>> mirrors;
  for (const Mirror& mirror : options.mirrors) {
    mirrors[mirror.registry].push_back(mirror.endpoint);
    plain.insert(mirror.endpoint);
  }
  for (const auto& [registry, endpoints] : mirrors) {
    toml += fmt::format("[registry.{}]\n  mirrors = {}\n", toml_text(registry), to_line(Json(endpoints)));
    if (plain.erase(registry) > 0) toml += "  http = true\n";
  }
  for (const std::string& registry : plain) {
    toml += fmt::format("[registry.{}]\n  http = true\n", toml_text(registry));
  }
  return toml;
}

std::vector<std::string> daemon_command(const BuilderOptions& options, const DaemonPaths& paths) {
  const Toolchain& toolchain = options.toolchain;
  const Varied& varied = options.varied;
  const bool other_files = includes(varied.variations, variation::Kind::file_order);
  std::vector<std::string> argv;
  if (options.names) {
    argv = {"/bin/sh", "-c", "mount --bind \"$1\" /etc/resolv.conf && shift && exec \"$@\"",
            "buildlab-daemon", paths.resolver.string()};
  }
  if (other_files && varied.memory_root) {
    // In the daemon's own mount namespace, so that it goes with the daemon. tmpfs lists files in the order of
    // their making, other file systems by a hash of their names.
    argv.insert(
        argv.end(),
        {"/bin/sh", "-c", "mount -t tmpfs -o \"size=$1,mode=0700\" buildlab \"$2\" && shift 2 && exec \"$@\"",
         "buildlab-daemon", fmt::format("{}", varied.memory_root->count), paths.root.string()});
  }
  if (options.keeps_preimages) {
    // One write to the disk for each key would be felt by the builds. Where memory cannot be had the daemon
    // takes the folder as it is.
    argv.insert(argv.end(), {"/bin/sh", "-c",
                             "mount -t tmpfs -o \"size=$1,mode=0700\" buildlab \"$2\"; "
                             "ln -sfn \"$2/cache-debug.db\" \"$3/cache-debug.db\"; shift 3; exec \"$@\"",
                             "buildlab-daemon", fmt::format("{}", k_preimages_in_memory),
                             paths.preimages.string(), paths.root.string()});
  }
  for (const std::string& argument :
       {toolchain.buildkitd.path.string(), std::string("--config"), paths.config.string(),
        std::string("--root"), paths.root.string(), std::string("--addr"), "unix://" + paths.socket.string(),
        std::string("--otel-socket-path"), paths.telemetry_socket.string(), std::string("--log-level"),
        std::string("info"), std::string("--containerd-worker=false"), std::string("--oci-worker-binary"),
        is_shimmed(options) ? shim_of(options).string() : toolchain.runc.path.string()}) {
    argv.push_back(argument);
  }
  if (options.keeps_preimages)
    argv.insert(argv.end(), {"--save-cache-debug", "--debugaddr", "unix://" + paths.debug_socket.string()});
  if (other_files && !varied.memory_root) argv.insert(argv.end(), {"--oci-worker-snapshotter", "native"});
  return contained(std::move(argv));
}

std::string daemon_resolver(const OwnNames& names) {
  ResolverSettings resolver = names.machine;
  resolver.servers = {names.server};
  // As C libraries and Go write it: to ask over TCP, which that server does not speak.
  for (const char* over_tcp : {"use-vc", "usevc", "tcp"}) std::erase(resolver.options, over_tcp);
  return resolver_text(resolver);
}

bool is_shimmed(const BuilderOptions& options) {
  return needs_shim(options.varied.variations) || !options.proxy_shim.empty();
}

shim::Settings shim_settings(const BuilderOptions& options, const DaemonPaths& paths) {
  return {.runtime = options.toolchain.runc.path,
          .report = paths.shim_report,
          .faketime = options.varied.tools.faketime,
          .variations = options.varied.variations,
          .cpu_sets = options.varied.tools.cpu_sets,
          .proxied = !options.proxy_shim.empty()};
}

std::optional<std::string> snapshotter_in(std::string_view log) {
  constexpr std::string_view label = "org.mobyproject.buildkit.worker.snapshotter:";
  const std::size_t at = log.find(label);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = log.substr(at + label.size());
  const std::size_t end = rest.find_first_of(" ],\"\n");
  if (end == 0 || end == std::string_view::npos) return std::nullopt;
  return std::string(rest.substr(0, end));
}

std::vector<std::string> last_lines(std::string_view text, std::size_t lines) {
  std::vector<std::string> result;
  for (const std::string_view line : split(trim(text), '\n')) result.emplace_back(one_line(line, 400));
  if (result.size() > lines) result.erase(result.begin(), result.end() - static_cast<std::ptrdiff_t>(lines));
  return result;
}

std::vector<std::string> last_log_lines(std::string_view log, std::size_t lines) {
  std::string telling;
  for (const std::string_view line : split(log, '\n')) {
    // A Go trace is made of names without blanks, each followed by an indented place.
    if (line.empty() || line.front() == '\t' || line.find(' ') == std::string_view::npos) continue;
    telling.append(line).append("\n");
  }
  return last_lines(telling.empty() ? log : std::string_view(telling), lines);
}

}  // namespace buildlab::engine
