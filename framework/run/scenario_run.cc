#include "framework/run/scenario_run.h"

#include <fmt/format.h>
#include <algorithm>
#include <mutex>
#include <utility>

#include "framework/base/file.h"
#include "framework/base/redact.h"
#include "framework/base/text.h"
#include "framework/engine/toolchain.h"
#include "framework/record/record_json.h"
#include "framework/run/circumstances.h"
#include "framework/run/fetch_server.h"
#include "framework/run/imported_image.h"
#include "framework/run/key_evidence.h"
#include "framework/scenario/cache_attributes.h"

namespace buildlab::run {
namespace {

// The kernel's word (tar, Go and the C library) and its spellings in tools; a build's failure details hold
// the end of the failed step's log and the client's last lines.
bool tells_of_full_disk(std::string_view text) {
  const std::string lower = to_lower(text);
  return lower.find("no space left on device") != std::string::npos ||
         lower.find("enospc") != std::string::npos || lower.find("disk quota exceeded") != std::string::npos;
}

bool push_was_refused(const record::Build& build) {
  return build.numbers.error && build.numbers.error->starts_with("failed to push");
}

// CMake's build folders inside the context, two levels deep (build, out/release): they change with every
// build.
std::vector<std::filesystem::path> cmake_build_folders(const std::filesystem::path& context) {
  std::vector<std::filesystem::path> found;
  std::error_code code;
  const auto options = std::filesystem::directory_options::skip_permission_denied;
  for (auto it = std::filesystem::recursive_directory_iterator(context, options, code);
       !code && it != std::filesystem::recursive_directory_iterator(); it.increment(code)) {
    if (!it->is_directory(code) || it->is_symlink(code)) continue;
    const bool is_build = std::filesystem::exists(it->path() / "CMakeCache.txt", code);
    if (is_build) found.push_back(it->path());
    if (is_build || it.depth() >= 1) it.disable_recursion_pending();
  }
  return found;
}

std::string_view prefix_of(Role role) {
  switch (role) {
    case Role::priming:
      return "priming-";
    case Role::reference:
      return "reference-";
    case Role::measured:
      return "";
  }
  return "";
}

void announce(ScenarioRun& run, const Order& order) {
  if (order.role == Role::reference) {
    run.observer.message(fmt::format(
        "{}: requests to the cache{} met trouble; the same build undisturbed, to compare the images",
        run.scenario.name, order.builder.empty() ? "" : fmt::format(" ({})", order.builder)));
    return;
  }
  record::Build announced;
  announced.iteration = order.iteration;
  announced.builder = order.builder;
  announced.mutation = redact_url_credentials(order.mutation);
  run.observer.build_started(run.record, announced, order.role == Role::priming);
}

record::Build entry_of(const ScenarioRun& run, const Finished& finished, double provenance_sec) {
  const Order& order = finished.order;
  const BuildContext context{
      order.edited ? *order.edited : run.state, order.build_args, order.declared,   order.hint,
      run.store.run_folder(run.record.run_id),  run.cold_steps,   finished.observed};
  record::Build entry = to_record(finished.artifacts, context);
  entry.iteration = order.iteration;
  entry.builder = order.builder;
  entry.mutation = redact_url_credentials(order.mutation);
  entry.overhead.context_sec = order.context_sec;
  entry.overhead.provenance_sec = process::succeeded(finished.artifacts.termination) ? provenance_sec : 0;
  entry.transfer = finished.transfer;
  entry.builder_start_sec = finished.builder_start_sec;
  return entry;
}

void make_no_sample(record::Build& entry, const std::optional<std::string>& reason) {
  if (!reason) return;
  entry.valid = false;
  entry.invalid_reason = *reason;
}

// Whether a build that is a sample so far gave the image that it should have. An error is an interrupt.
Status look_at_image(const ScenarioRun& run, const Finished& finished, record::Build& entry) {
  if (entry.valid) make_no_sample(entry, wrong_image_reason(run.record, entry));
  if (!entry.valid || !finished.doubt) return {};
  auto doubt = finished.doubt(entry);
  if (doubt) {
    make_no_sample(entry, *doubt);
    return {};
  }
  make_no_sample(entry,
                 fmt::format("requests to the cache met trouble, and the same build with an undisturbed "
                             "cache, which its image was to be compared with, was not to be had: {}",
                             doubt.error().message));
  if (doubt.error().kind == ErrorKind::interrupted) return tl::unexpected(std::move(doubt).error());
  return {};
}

// The one place where an entry joins the record.
Status take_entry(ScenarioRun& run, Role role, const record::Build& entry) {
  if (role == Role::reference) {
    run.record.references.push_back(entry);
    return {};
  }
  const bool priming = role == Role::priming;
  (priming ? run.record.priming : run.record.builds).push_back(entry);
  if (!run.further) {
    BUILDLAB_TRY(run.store.append_event(run.record.run_id, record::build_event(run.record, entry, priming)));
  }
  run.observer.build_finished(run.record, entry, priming);
  return {};
}

}  // namespace

bool export_was_refused(const record::Build& build) {
  return build.numbers.cache_export_error.has_value() || push_was_refused(build);
}

Status failure_of(const scenario::Scenario& scenario, const record::Build& build,
                  const engine::BuildArtifacts& artifacts) {
  if (process::succeeded(artifacts.termination)) return {};
  if (std::holds_alternative<process::Interrupted>(artifacts.termination)) {
    return fail(ErrorKind::interrupted, "interrupted");
  }
  if (build.numbers.cache_export_error) {
    return fail(ErrorKind::infrastructure,
                fmt::format("the cache export{} was refused: {}",
                            scenario.cache_ref ? " to " + redact_url_credentials(*scenario.cache_ref) : "",
                            *build.numbers.cache_export_error),
                {scenario::has_reference(scenario.cache_mode)
                     ? "check that the registry answers and that you may write to it"
                     : "check that the service answers, and that its attributes and credentials are right"});
  }
  if (push_was_refused(build)) {
    return fail(ErrorKind::infrastructure,
                fmt::format("the image that carries the inline cache could not be pushed: {}",
                            redact_url_credentials(*build.numbers.error)),
                {"check that the registry answers and that you may write to it"});
  }
  if (tells_of_full_disk(build.failure.value_or("")) ||
      std::any_of(build.failure_details.begin(), build.failure_details.end(), tells_of_full_disk)) {
    return fail(
        ErrorKind::infrastructure,
        fmt::format("the disk is full: {}", build.failure.value_or("the build failed")),
        {"free some space, or move the store (--store) and the cache (BUILDLAB_CACHE) to a larger disk",
         "build-lab clean removes what Build Lab made"});
  }
  if (std::holds_alternative<process::Signalled>(artifacts.termination)) {
    return fail(
        ErrorKind::infrastructure,
        fmt::format("the build's client buildctl was killed: {}", process::to_string(artifacts.termination)),
        {"somebody killed it, or the kernel for want of memory (dmesg tells): run it again"});
  }
  return fail(ErrorKind::build_failed, build.failure.value_or("the build failed"), build.failure_details);
}

Result<context::ContextCopy> copy_context(ScenarioRun& run, const std::filesystem::path& destination) {
  context::CopyOptions options{run.subject.context, run.subject.dockerfile, run.options.exclude};
  for (const std::filesystem::path& folder : cmake_build_folders(run.subject.context)) {
    options.exclude.push_back(folder);
  }
  options.exclude.push_back(run.store.folder());
  options.exclude.push_back(engine::cache_folder());
  return context::refresh_copy(options, destination);
}

Result<context::Applied> mutate(const ScenarioRun& run, const std::filesystem::path& copy, int iteration) {
  return context::apply_mutations(run.scenario.input_mutation, copy, run.subject.context,
                                  run.options.file.path.parent_path(),
                                  fmt::format("{}-{}", run.token, iteration));
}

std::vector<engine::SecretSource> secrets_of(const scenario::Subject& subject) {
  std::vector<engine::SecretSource> secrets;
  for (const scenario::Secret& secret : subject.secrets) {
    engine::SecretSource source;
    source.id = secret.id;
    if (const auto* file = std::get_if<std::filesystem::path>(&secret.source)) source.file = *file;
    if (const auto* name = std::get_if<std::string>(&secret.source)) source.environment_variable = *name;
    secrets.push_back(std::move(source));
  }
  return secrets;
}

engine::BuildRequest make_request(const ScenarioRun& run, const std::filesystem::path& copy,
                                  const std::map<std::string, std::string>& build_args,
                                  const std::vector<engine::ResolvedBase>& bases) {
  engine::BuildRequest request;
  request.context = copy;
  request.dockerfile = run.subject.dockerfile;
  request.target = run.subject.target;
  request.build_args = build_args;
  request.platform = run.subject.platform;
  request.secrets = secrets_of(run.subject);
  if (run.subject.rewrite_timestamp) request.export_attributes["rewrite-timestamp"] = "true";
  request.source_date_epoch = run.state.source_date_epoch;
  for (const engine::ResolvedBase& base : bases) request.pins.insert_or_assign(base.canonical, base.digest);
  request.timeout =
      std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(run.scenario.timeout_sec));
  request.proxy_network = uses_proxy(run.scenario.network);
  request.id = run.subject.name;
  return request;
}

engine::BuilderOptions builder_options(const ScenarioRun& run, const std::vector<engine::Mirror>& mirrors) {
  engine::BuilderOptions options;
  options.toolchain = run.toolchain;
  options.mirrors = mirrors;
  if (uses_proxy(run.scenario.network))
    options.proxy_shim = engine::find_variation_tools(run.options.installer).shim;
  options.keeps_preimages = run.scenario.cache_preimages;
  return options;
}

Result<Finished> build(ScenarioRun& run, engine::Builder& builder, const engine::BuildRequest& request,
                       Order order) {
  announce(run, order);
  const std::string name =
      fmt::format("{}{}{}", run.further ? run.further->prefix : "", prefix_of(order.role),
                  order.artifacts.empty() ? fmt::format("{}", order.iteration) : order.artifacts);
  const auto on_progress = [&](std::string_view line) {
    if (order.role != Role::reference) run.observer.progress(run.scenario.name, order.builder, line);
  };
  std::unique_ptr<network::Proxy> fetch_server;
  engine::BuildRequest complete = request;
  if (run.scenario.network == scenario::Network::observed) {
    const auto measured = order.role == Role::measured ? std::optional<int>(order.iteration) : std::nullopt;
    BUILDLAB_ASSIGN(fetch_server, start_fetch_server(run.scenario, measured));
    complete.fetch_server = address_of(*fetch_server);
  }
  BUILDLAB_ASSIGN(engine::BuildArtifacts artifacts,
                  builder.build(complete, run.folder() / "builds" / name, on_progress));
  Finished finished{std::move(order), std::move(artifacts)};
  if (fetch_server) finished.observed = observed_by(fetch_server->transfers());
  finished.keys = keys_after(run, builder, finished.order, finished.artifacts);
  return finished;
}

Status conclude(ScenarioRun& run, engine::Builder& builder, std::vector<Finished> builds) {
  const auto begin = SteadyClock::now();
  std::vector<engine::BuildArtifacts*> succeeded;
  for (Finished& finished : builds) {
    if (process::succeeded(finished.artifacts.termination)) succeeded.push_back(&finished.artifacts);
  }
  const Status provenance = succeeded.empty() ? Status() : builder.read_provenance(succeeded);
  const double provenance_sec =
      succeeded.empty() ? 0 : to_seconds(SteadyClock::now() - begin) / static_cast<double>(succeeded.size());

  std::unique_lock guard(run.concluding);
  run.record.circumstances.buildkit_version = builder.started().version;
  run.record.circumstances.snapshotter = builder.started().snapshotter;
  Status failed;
  bool any_steps = false;
  for (const Finished& finished : builds) {
    record::Build entry = entry_of(run, finished, provenance_sec);
    any_steps = any_steps || !entry.numbers.steps.empty();
    if (finished.keys) run.keys[entry.artifacts] = finished.keys;
    // The build that it may be compared with concludes meanwhile.
    guard.unlock();
    Status looked = look_at_image(run, finished, entry);
    guard.lock();
    BUILDLAB_TRY(take_entry(run, finished.order.role, entry));
    if (failed) failed = failure_of(run.scenario, entry, finished.artifacts);
    if (failed) failed = std::move(looked);
  }
  // BuildKit keeps none of a build without steps, where nothing is missed either.
  if (!provenance && any_steps) {
    run.record.notes.push_back(
        fmt::format("provenance could not be read, so steps were joined to lines by name: {}",
                    provenance.error().message));
  }
  return failed;
}

}  // namespace buildlab::run
