// buildlab-runtime: what a varied builder's daemon takes for runc. It changes the configuration of a
// container that is to be started, notes what it could apply, and becomes the real runtime.
#include <fmt/format.h>
#include <sched.h>
#include <sys/personality.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/environment.h"
#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/base/text.h"
#include "framework/shim/arguments.h"
#include "framework/shim/authorities.h"
#include "framework/shim/edit.h"
#include "framework/shim/report.h"
#include "framework/shim/restore.h"
#include "framework/shim/runtime.h"
#include "framework/shim/settings.h"

namespace {

using namespace buildlab;
namespace fs = std::filesystem;

constexpr Bytes k_config_limit{16U << 20U};

int complain(const Error& error) {
  const std::string text = fmt::format("buildlab-runtime: {}\n", error.message);
  std::fputs(text.c_str(), stderr);
  return 125;
}

std::vector<int> own_processors() {
  std::vector<int> processors;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return processors;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &set)) processors.push_back(i);
  }
  return processors;
}

Status bind_to(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  if (::sched_setaffinity(0, sizeof set, &set) == 0) return {};
  return fail(ErrorKind::infrastructure, fmt::format("sched_setaffinity: {}", std::strerror(errno)));
}

Status set_personality(const shim::Edit& edit) {
  unsigned long flags = 0;
  if (edit.old_kernel) flags |= UNAME26;
  if (edit.no_randomisation) flags |= ADDR_NO_RANDOMIZE;
  if (flags == 0) return {};
  const int before = ::personality(0xffffffff);
  if (before >= 0 && ::personality(static_cast<unsigned long>(before) | flags) >= 0) return {};
  return fail(ErrorKind::infrastructure, fmt::format("personality: {}", std::strerror(errno)));
}

// A host name that nothing resolves makes programs wait or fail for a reason that is no drift.
Status name_host(Json& config, const fs::path& bundle, const std::string& name) {
  const std::string source = shim::hosts_source(config);
  if (source.empty()) return {};
  BUILDLAB_ASSIGN(std::string text, read_file(source, Bytes{1U << 20U}));
  text += fmt::format("127.0.0.1\t{}\n", name);
  const fs::path own = bundle / "buildlab-hosts";
  BUILDLAB_TRY(write_file_atomic(own, text));
  shim::replace_hosts(config, own.string());
  return {};
}

Result<fs::path> root_of(const Json& config, const fs::path& bundle) {
  const std::string path = config.contains("root") ? text_member(config.at("root"), "path") : "";
  if (path.empty()) return fail(ErrorKind::infrastructure, "the container's config.json: no root");
  return (bundle / path).lexically_normal();
}

struct Varied {
  fs::path root;  // of the container
  variation::StepReport report;
  std::optional<shim::Changed> changed;  // to be put back once it has ended
};

// An image without a bundle does not show the authority; then the one that another container of this daemon
// showed serves, for a daemon has one. What is to be put back once the container has ended is noted.
Status make_authority_known(Json& config, const fs::path& bundle, const shim::Settings& settings,
                            Varied& varied) {
  if (!shim::is_proxied(config)) return {};
  BUILDLAB_ASSIGN(const shim::Root root, shim::Root::open(varied.root));
  const fs::path remembered = settings.report.parent_path() / "proxy-authority.pem";
  std::string text;
  if (const auto found = shim::proxied_bundle(root)) {
    text = found->text;
    std::error_code code;
    if (!fs::exists(remembered, code))
      BUILDLAB_TRY(write_file_atomic(remembered, shim::proxy_authority(text)));
    BUILDLAB_ASSIGN(const std::string mounts, read_file("/proc/self/mountinfo"));
    varied.changed =
        shim::find_changed(varied.root, root.on_host(found->path), shim::lower_folders(mounts, varied.root));
  } else {
    text = read_file(remembered, Bytes{1U << 20U}).value_or("");
  }
  if (text.empty()) return {};
  const fs::path own = bundle / "buildlab-authorities.pem";
  BUILDLAB_TRY(write_file_atomic(own, text));
  std::error_code code;
  fs::permissions(own, fs::perms(0444), code);  // whoever the step runs as
  shim::trust(config, own.string());
  return {};
}

Result<shim::Surroundings> look_around(const Json& config, const shim::Root& root,
                                       const shim::Settings& settings) {
  shim::Surroundings surroundings;
  surroundings.cpu_sets = settings.cpu_sets;
  surroundings.processors = own_processors();
  const int here = ::sched_getcpu();
  surroundings.processor =
      here >= 0 ? here : (surroundings.processors.empty() ? 0 : surroundings.processors[0]);
  surroundings.faketime = settings.faketime.string();
  if (!settings.faketime.empty()) {
    BUILDLAB_ASSIGN(const std::string library, read_file(settings.faketime, Bytes{16U << 20U}));
    surroundings.faketime_needs = shim::newest_glibc(library);
  }
  surroundings.facts =
      shim::look_at(root, shim::process_texts(config, "args"), shim::process_texts(config, "env"),
                    text_member(config.at("process"), "cwd"));
  return surroundings;
}

Result<Varied> vary(const fs::path& bundle, const shim::Settings& settings) {
  const fs::path path = bundle / "config.json";
  BUILDLAB_ASSIGN(const std::string text, read_file(path, k_config_limit));
  BUILDLAB_ASSIGN(const Json config, parse_json(text, path.string()));
  if (!config.is_object() || !config.contains("process") || !config.at("process").is_object())
    return fail(ErrorKind::infrastructure, fmt::format("{}: no process", path.string()));
  Varied varied;
  BUILDLAB_ASSIGN(varied.root, root_of(config, bundle));
  BUILDLAB_ASSIGN(const shim::Root root, shim::Root::open(varied.root));
  BUILDLAB_ASSIGN(const shim::Surroundings surroundings, look_around(config, root, settings));
  BUILDLAB_ASSIGN(shim::Edit edit, shim::edit(config, settings.variations, surroundings));
  if (settings.proxied) BUILDLAB_TRY(make_authority_known(edit.config, bundle, settings, varied));
  if (edit.host_name) BUILDLAB_TRY(name_host(edit.config, bundle, *edit.host_name));
  if (edit.one_processor) BUILDLAB_TRY(bind_to(surroundings.processor));
  BUILDLAB_TRY(set_personality(edit));
  BUILDLAB_TRY(write_file_atomic(path, to_line(edit.config)));
  for (const std::string& argument : shim::process_texts(config, "args"))
    varied.report.command += (varied.report.command.empty() ? "" : " ") + argument;
  varied.report.applications = std::move(edit.applications);
  return varied;
}

Result<shim::Settings> load_settings() {
  const std::string path = environment(shim::k_settings_variable);
  if (path.empty()) {
    return fail(ErrorKind::infrastructure,
                fmt::format("{} is not set; this program is started by a varied builder's daemon only",
                            shim::k_settings_variable));
  }
  BUILDLAB_ASSIGN(const Json json, load_json(path));
  return shim::settings_from_json(json, path);
}

variation::Application* applied_clock(variation::StepReport& report) {
  for (variation::Application& application : report.applications) {
    if (application.variation.kind == variation::Kind::clock && application.how == variation::How::applied)
      return &application;
  }
  return nullptr;
}

// Last, so that what is told was done.
Status tell(const shim::Settings& settings, const variation::StepReport& report) {
  return settings.variations.empty() ? Status() : shim::append(settings.report, report);
}

int start(const fs::path& bundle, const shim::Settings& settings, const std::vector<std::string>& command) {
  auto varied = vary(bundle, settings);
  if (!varied) return complain(varied.error());
  variation::Application* const clock = applied_clock(varied->report);
  if (clock == nullptr && !varied->changed) {
    if (const Status told = tell(settings, varied->report); !told) return complain(told.error());
    return complain(shim::become(command));
  }
  // What the first program is says nothing of those that it starts.
  auto ended = shim::run(command, clock == nullptr ? fs::path() : varied->root);
  if (!ended) return complain(ended.error());
  if (varied->changed) {
    if (const Status put_back = shim::put_back(*varied->changed); !put_back)
      return complain(put_back.error());
  }
  if (clock != nullptr && ended->unreached) {
    clock->how = variation::How::refused;
    clock->reason = std::move(*ended->unreached);
  }
  if (const Status told = tell(settings, varied->report); !told) return complain(told.error());
  return ended->exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  const auto settings = load_settings();
  if (!settings) return complain(settings.error());
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  std::vector<std::string> command{settings->runtime.string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  if (const auto bundle = shim::bundle_to_start(arguments)) return start(*bundle, *settings, command);
  return complain(shim::become(command));
}
