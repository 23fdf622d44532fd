// The default engine: a private buildkitd that this process starts, owns and ends.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>

#include "framework/base/text.h"
#include "framework/engine/arguments.h"
#include "framework/engine/build_output.h"
#include "framework/engine/builder.h"
#include "framework/engine/cache_records.h"
#include "framework/engine/cache_secrets.h"
#include "framework/engine/daemon.h"
#include "framework/engine/debug_address.h"
#include "framework/engine/history.h"
#include "framework/engine/ownership.h"
#include "framework/engine/places.h"
#include "framework/engine/policy_file.h"
#include "framework/engine/redact.h"
#include "framework/process/interrupt.h"
#include "framework/shim/report.h"

namespace buildlab::engine {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr Nanoseconds k_daemon_start_limit = 30s;
constexpr Nanoseconds k_stop_limit = 5s;
constexpr Nanoseconds k_question_limit = 30s;  // for the client's short commands

// The first child of a process with one thread; nullopt when it has none.
std::optional<pid_t> child_of(pid_t pid) {
  const auto children = read_file(fmt::format("/proc/{}/task/{}/children", pid, pid));
  if (!children) return std::nullopt;
  const int child = std::atoi(children->c_str());
  return child > 0 ? std::optional<pid_t>(child) : std::nullopt;
}

Status write_plain(const fs::path& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  if (file) return {};
  return fail(ErrorKind::infrastructure, fmt::format("writing {}: {}", path.string(), std::strerror(errno)));
}

bool disk_was_full(const std::string& messages) {
  for (const std::string_view line : split(messages, '\n')) {
    if (line.starts_with("error:") && line.find("no space left on device") != std::string_view::npos &&
        line.find("did not complete successfully") == std::string_view::npos) {
      return true;
    }
  }
  return false;
}

bool lost_the_daemon(const std::string& messages) {
  return messages.find("code = Unavailable") != std::string::npos ||
         messages.find("error reading from server") != std::string::npos ||
         messages.find("listing workers for Build") != std::string::npos;
}

class ManagedBuilder final : public Builder {
 public:
  explicit ManagedBuilder(const BuilderOptions& options) : m_options(options) {}
  ManagedBuilder(const ManagedBuilder&) = delete;
  ManagedBuilder& operator=(const ManagedBuilder&) = delete;
  ManagedBuilder(ManagedBuilder&&) = delete;
  ManagedBuilder& operator=(ManagedBuilder&&) = delete;
  ~ManagedBuilder() override { (void)end(); }

  Status begin();
  const Started& started() const override { return m_started; }
  Result<BuildArtifacts> build(const BuildRequest& request, const fs::path& folder,
                               const ProgressLine& on_progress) override;
  Status read_provenance(std::vector<BuildArtifacts*> builds) override;
  Result<std::set<std::string>> cache_records() override;
  Result<std::string> cache_keys() override;
  Status remove_cache_records(const std::set<std::string>& ids) override;
  Result<Bytes> disk_usage() override;
  Status forget_steps() override;
  Status stop() override { return end(); }

 private:
  Status end();
  Status wait_until_ready(SteadyClock::time_point spawned);
  Result<std::string> question(std::vector<std::string> arguments);
  Result<std::string> blob(const Digest& digest);
  tl::unexpected<Error> daemon_error(std::string message) const;
  std::vector<std::string> client(std::vector<std::string> arguments) const;

  BuilderOptions m_options;
  DaemonPaths m_paths;
  Started m_started;
  std::optional<Ownership> m_ownership;
  std::unique_ptr<process::Child> m_wrapper;  // unshare; the daemon is its only child
  pid_t m_daemon = 0;
  std::size_t m_shim_report_read = 0;
  std::map<std::string, Redactor> m_redactors;  // of builds whose provenance was not read yet, by reference
};

tl::unexpected<Error> ManagedBuilder::daemon_error(std::string message) const {
  const auto log = read_file(m_paths.log);
  std::vector<std::string> details{"the end of the daemon's log:"};
  for (const std::string& line : last_log_lines(Redactor().text(log.value_or("(no log)")), 12))
    details.push_back("  " + line);
  return fail(ErrorKind::infrastructure, std::move(message), std::move(details));
}

std::vector<std::string> ManagedBuilder::client(std::vector<std::string> arguments) const {
  std::vector<std::string> argv{m_options.toolchain.buildctl.path.string(), "--addr",
                                "unix://" + m_paths.socket.string()};
  argv.insert(argv.end(), std::make_move_iterator(arguments.begin()),
              std::make_move_iterator(arguments.end()));
  return argv;
}

Status ManagedBuilder::begin() {
  BUILDLAB_TRY(may_start_builders());
  if (process::interrupted()) return fail(ErrorKind::interrupted, "interrupted before a builder was started");
  const std::string id = random_name();
  BUILDLAB_ASSIGN(const fs::path runtime, runtime_folder());
  const fs::path sockets = runtime / id;
  std::error_code code;
  const fs::path root = fs::absolute(m_options.root, code).lexically_normal();
  Belongings belongings{
      .id = id, .sockets = sockets, .scratch = std::nullopt, .cgroup = "buildlab-" + id, .daemon = {}};
  if (!m_options.kept) belongings.scratch = root / id;
  m_paths = DaemonPaths{.root = belongings.scratch.value_or(root),
                        .socket = sockets / "buildkitd.sock",
                        .telemetry_socket = sockets / "otel.sock",
                        .config = sockets / "buildkitd.toml",
                        .log = sockets / "buildkitd.log",
                        .shim_settings = sockets / "runtime.json",
                        .shim_report = sockets / "runtime.jsonl",
                        .resolver = sockets / "resolv.conf",
                        .debug_socket = sockets / "debug.sock",
                        .preimages = sockets / "preimages"};
  BUILDLAB_ASSIGN(m_ownership, Ownership::take(belongings));
  BUILDLAB_TRY(make_directories(m_paths.root));
  BUILDLAB_TRY(make_directories(sockets));
  fs::permissions(sockets, fs::perms::owner_all, code);
  if (m_options.keeps_preimages) BUILDLAB_TRY(make_directories(m_paths.preimages));
  BUILDLAB_TRY(write_plain(m_paths.config, daemon_config(m_options, belongings.cgroup)));
  process::ChildCommand command{.argv = daemon_command(m_options, m_paths), .log = m_paths.log};
  if (is_shimmed(m_options)) {
    BUILDLAB_TRY(write_plain(m_paths.shim_settings, to_line(to_json(shim_settings(m_options, m_paths)))));
    command.environment[shim::k_settings_variable] = m_paths.shim_settings.string();
  }
  if (m_options.names) {
    BUILDLAB_TRY(write_plain(m_paths.resolver, daemon_resolver(*m_options.names)));
    command.environment["NO_PROXY"] = m_options.names->no_proxy;
  }
  const auto spawned = SteadyClock::now();
  BUILDLAB_ASSIGN(m_wrapper, process::Child::start(command));
  if (auto wrapper = identify(m_wrapper->pid())) BUILDLAB_TRY(m_ownership->set_daemon(*wrapper));
  BUILDLAB_TRY(wait_until_ready(spawned));
  if (const auto daemon = child_of(m_wrapper->pid())) {
    m_daemon = *daemon;
    if (auto identity = identify(m_daemon)) BUILDLAB_TRY(m_ownership->set_daemon(*identity));
  }
  m_started.version = m_options.toolchain.buildkitd.version;
  return {};
}

Status ManagedBuilder::wait_until_ready(SteadyClock::time_point spawned) {
  // The socket takes connections a little before the worker behind it is there.
  std::optional<std::string> snapshotter;
  while (!connect_local(m_paths.socket).valid() ||
         !(snapshotter = snapshotter_in(read_file(m_paths.log).value_or("")))) {
    if (m_wrapper->wait(2ms)) {
      return daemon_error(fmt::format("starting {}: it ended with {}",
                                      m_options.toolchain.buildkitd.path.string(),
                                      process::to_string(*m_wrapper->ended())));
    }
    if (process::interrupted())
      return fail(ErrorKind::interrupted, "interrupted while a builder was started");
    if (SteadyClock::now() - spawned > k_daemon_start_limit) {
      return daemon_error(fmt::format("starting {}: no answer on {} within {:.0f} s",
                                      m_options.toolchain.buildkitd.path.string(), m_paths.socket.string(),
                                      to_seconds(k_daemon_start_limit)));
    }
  }
  m_started.ready_after = SteadyClock::now() - spawned;
  m_started.snapshotter = *snapshotter;
  return {};
}

Result<BuildArtifacts> ManagedBuilder::build(const BuildRequest& request, const fs::path& folder,
                                             const ProgressLine& on_progress) {
  const auto begun = SteadyClock::now();
  if (!m_wrapper || m_wrapper->ended()) return daemon_error("the builder's daemon has ended");
  BUILDLAB_TRY(make_directories(folder));
  const ClientFiles files = client_files(folder);
  BuildArtifacts artifacts{.folder = folder,
                           .progress = folder / "progress.rawjson",
                           .messages = folder / "messages.txt",
                           .metadata = {},
                           .image = {},
                           .provenance = {},
                           .termination = {},
                           .proxy_network = request.proxy_network,
                           .started = {}};
  std::error_code ignored;
  for (const fs::path& stale : {files.metadata, files.reference, files.image, files.policy})
    fs::remove(stale, ignored);
  BUILDLAB_ASSIGN(std::vector<std::string> secrets, secret_values(request.secrets));
  for (std::string& value : cache_secret_values(request)) secrets.push_back(std::move(value));
  const Redactor redactor(secrets);
  BUILDLAB_ASSIGN(BuildOutput output, BuildOutput::create(artifacts.progress, artifacts.messages, redactor));
  BUILDLAB_TRY(write_policy(request, files.policy));

  BUILDLAB_ASSIGN(BuildRequest varied, with_cache_secrets(request));
  vary_request(varied, m_options.varied.variations);
  process::Command command{.argv = client(build_arguments(varied, files)), .timeout = request.timeout};
  command.keep_stdout = false;
  command.keep_stderr = false;
  command.on_stderr_line = [&output, &on_progress](std::string_view line) {
    const std::string_view progress = output.take(line);
    if (!progress.empty() && on_progress) on_progress(progress);
  };
  const WallTime asked = wall_now();
  const auto asked_steady = SteadyClock::now();
  BUILDLAB_ASSIGN(const process::Finished finished, process::run(command));
  if (request.fetch_server) fs::remove(files.policy, ignored);
  artifacts.clock_step = (wall_now() - asked) - (SteadyClock::now() - asked_steady);
  const std::string_view held = output.finish();
  if (!held.empty() && on_progress) on_progress(held);
  artifacts.termination = finished.termination;
  artifacts.started = finished.started;
  artifacts.duration = finished.duration;

  const bool succeeded = process::succeeded(finished.termination);
  if (!succeeded) fs::remove(files.image, ignored);
  if (std::holds_alternative<process::Interrupted>(finished.termination)) {
    return fail(ErrorKind::interrupted, "interrupted during a build");
  }
  BUILDLAB_TRY(output.status());
  if (!succeeded) {
    const std::string& messages = output.message_tail();
    if (m_wrapper->wait(lost_the_daemon(messages) ? Nanoseconds(1s) : Nanoseconds(0))) {
      return daemon_error(fmt::format("the builder's daemon ended during the build ({})",
                                      process::to_string(*m_wrapper->ended())));
    }
    if (messages.find("error: listing workers for Build") != std::string::npos) {
      return daemon_error("the builder's daemon does not answer: " + one_line(messages, 300));
    }
    if (disk_was_full(messages)) {
      return fail(ErrorKind::infrastructure, "the disk is full: " + one_line(messages, 400),
                  {fmt::format("make room on the disks that hold {} and {}", m_paths.root.string(),
                               folder.string())});
    }
  }
  BUILDLAB_ASSIGN(artifacts.varied_steps, shim::read_new(m_paths.shim_report, m_shim_report_read));
  artifacts.ref = std::string(trim(read_file(files.reference).value_or("")));
  if (const auto metadata = read_file(files.metadata)) {
    artifacts.metadata = files.metadata;
    const std::string safe = redactor.json(*metadata);
    if (safe != *metadata) BUILDLAB_TRY(write_plain(files.metadata, safe));
  }
  if (fs::exists(files.image, ignored)) artifacts.image = files.image;
  if (succeeded && !artifacts.ref.empty()) m_redactors.insert_or_assign(artifacts.ref, redactor);
  artifacts.overhead = SteadyClock::now() - begun - finished.duration;
  return artifacts;
}

Result<std::string> ManagedBuilder::question(std::vector<std::string> arguments) {
  const std::string what = fmt::format("buildctl {}", fmt::join(arguments, " "));
  process::Command command{.argv = client(std::move(arguments)), .timeout = k_question_limit};
  BUILDLAB_ASSIGN(process::Finished finished, process::run(command));
  if (std::holds_alternative<process::Interrupted>(finished.termination)) {
    return fail(ErrorKind::interrupted, "interrupted during " + what);
  }
  if (process::succeeded(finished.termination)) return std::move(finished.standard_output);
  return daemon_error(fmt::format("{}: {}: {}", what, process::to_string(finished.termination),
                                  one_line(Redactor().text(finished.standard_error), 300)));
}

// The content store's files are named by their digests, so reading one is as good as asking the daemon, and
// saves the 20 ms that a client costs.
Result<std::string> ManagedBuilder::blob(const Digest& digest) {
  const fs::path path = m_paths.root / fmt::format("runc-{}", m_started.snapshotter) / "content" / "blobs" /
                        "sha256" / digest.hex();
  auto content = read_file(path);
  if (content && sha256(*content) == digest) return std::move(*content);
  return question({"debug", "get", digest.text()});
}

Status ManagedBuilder::read_provenance(std::vector<BuildArtifacts*> builds) {
  std::erase_if(builds, [](const BuildArtifacts* build) {
    return build->ref.empty() || !process::succeeded(build->termination);
  });
  // The daemon finishes a record shortly after its client was answered.
  for (int attempt = 0; !builds.empty(); ++attempt) {
    BUILDLAB_ASSIGN(const std::string histories, question({"debug", "histories", "--format", "{{json .}}"}));
    BUILDLAB_ASSIGN(const auto blobs, provenance_blobs(histories));
    std::vector<BuildArtifacts*> missing;
    for (BuildArtifacts* build : builds) {
      const auto found = blobs.find(build->ref);
      if (found == blobs.end()) {
        missing.push_back(build);
        continue;
      }
      BUILDLAB_ASSIGN(const std::string statement, blob(found->second));
      BUILDLAB_ASSIGN(const std::string predicate, provenance_predicate(statement));
      const auto redactor = m_redactors.find(build->ref);
      const fs::path path = build->folder / "provenance.json";
      BUILDLAB_TRY(
          write_plain(path, (redactor == m_redactors.end() ? Redactor() : redactor->second).json(predicate)));
      build->provenance = path;
      if (redactor != m_redactors.end()) m_redactors.erase(redactor);
    }
    builds = std::move(missing);
    if (builds.empty() || attempt == 10) break;
    (void)m_wrapper->wait(20ms);
  }
  if (builds.empty()) return {};
  return fail(ErrorKind::infrastructure,
              fmt::format("the builder's history has no provenance of build {}", builds.front()->ref));
}

Result<std::set<std::string>> ManagedBuilder::cache_records() {
  BUILDLAB_ASSIGN(const std::string listing, question({"du", "--format", "{{json .}}"}));
  return cache_record_ids(listing);
}

Result<std::string> ManagedBuilder::cache_keys() {
  return ask_debug_address({.socket = m_paths.debug_socket, .path = "/debug/cache/store"});
}

Status ManagedBuilder::remove_cache_records(const std::set<std::string>& ids) {
  for (std::vector<std::string>& command : prune_commands(ids)) {
    BUILDLAB_TRY(question(std::move(command)).map([](const std::string&) {}));
  }
  return {};
}

Status ManagedBuilder::forget_steps() {
  return question({"prune", "--all", "--filter", "type==regular"}).map([](const std::string&) {});
}

Result<Bytes> ManagedBuilder::disk_usage() {
  Bytes usage{};
  std::error_code code;
  const auto options = fs::directory_options::skip_permission_denied;
  for (auto it = fs::recursive_directory_iterator(m_paths.root, options, code);
       !code && it != fs::recursive_directory_iterator(); it.increment(code)) {
    struct stat info {};
    // What the daemon removes meanwhile counts nothing.
    if (::lstat(it->path().c_str(), &info) == 0)
      usage.count += static_cast<std::uint64_t>(info.st_blocks) * 512;
  }
  if (!code) return usage;
  return fail(ErrorKind::infrastructure,
              fmt::format("reading {}: {}", m_paths.root.string(), code.message()));
}

Status ManagedBuilder::end() {
  if (m_wrapper) {
    // A kept root is left in good order by a soft end; a fresh one is thrown away. Signals go to the daemon,
    // whose parent waits until everything in its namespace has ended.
    if (!m_wrapper->ended() && m_daemon > 0) {
      if (m_options.kept) {
        ::kill(m_daemon, SIGTERM);
        (void)m_wrapper->wait(k_stop_limit);
      }
      if (!m_wrapper->ended()) ::kill(m_daemon, SIGKILL);
      (void)m_wrapper->wait(k_stop_limit);
    }
    m_wrapper.reset();
  }
  if (!m_ownership) return {};
  Status released = m_ownership->release();
  m_ownership.reset();
  return released;
}

}  // namespace

Status may_start_builders() {
  if (::geteuid() == 0) return {};
  return fail(ErrorKind::infrastructure,
              "starting a builder: a private builder needs root for its namespaces",
              {"run as root (sudo), or in a container that is allowed to"});
}

Result<std::unique_ptr<Builder>> Builder::start(const BuilderOptions& options) {
  auto builder = std::make_unique<ManagedBuilder>(options);
  BUILDLAB_TRY(builder->begin());
  return builder;
}

}  // namespace buildlab::engine
