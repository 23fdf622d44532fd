#include "framework/engine/base_image.h"

#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <set>

#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/engine/local_base.h"
#include "framework/engine/places.h"
#include "framework/engine/reference.h"

namespace buildlab::engine {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr Nanoseconds k_resolve_limit = 60s;

// "amd64" of "linux/amd64" or, where no platform is named, of this machine.
std::string architecture_of(const std::string& platform) {
  if (platform.empty()) {
#if defined(__aarch64__)
    return "arm64";
#else
    return "amd64";
#endif
  }
  const std::vector<std::string_view> parts = split(platform, '/');
  return std::string(parts.size() > 1 ? parts[1] : parts[0]);
}

std::string host_architecture() {
  return architecture_of("");
}

// The client's last "error: …" line.
std::string cause_in(const fs::path& messages) {
  const std::string text = read_file(messages).value_or("");
  std::string cause = one_line(text, 300);
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with("error:")) cause = one_line(line.substr(6), 400);
  }
  return cause;
}

// Asks a private builder, which knows the user's credentials, proxies and the registry's protocol. Nothing is
// pulled: a build without an output resolves its base and no more.
class Resolver {
 public:
  Resolver(const Toolchain& toolchain, std::string platform)
      : m_toolchain(toolchain), m_platform(std::move(platform)) {}

  Result<Digest> resolve(const ImageReference& reference) {
    if (reference.digest) return *reference.digest;
    if (!m_builder) BUILDLAB_TRY(begin());
    const fs::path context = m_folder->path() / "context";
    BUILDLAB_TRY(write_file_atomic(context / "Dockerfile", fmt::format("FROM {}\n", reference.canonical())));
    BuildRequest request;
    request.context = context;
    request.dockerfile = "Dockerfile";
    request.platform = m_platform;
    request.export_oci = false;
    request.timeout = k_resolve_limit;
    BUILDLAB_ASSIGN(const BuildArtifacts build,
                    m_builder->build(request, m_folder->path() / "build", nullptr));
    if (!process::succeeded(build.termination)) {
      return fail(ErrorKind::infrastructure,
                  fmt::format("resolving base image {}: {}", reference.canonical(),
                              std::holds_alternative<process::TimedOut>(build.termination)
                                  ? fmt::format("no answer within {:.0f} s", to_seconds(k_resolve_limit))
                                  : cause_in(build.messages)),
                  {"check the name, the network and `docker login` (~/.docker/config.json)"});
    }
    BUILDLAB_ASSIGN(const std::string progress, read_file(build.progress));
    if (auto digest = resolved_digest(progress, reference.canonical())) return *digest;
    return fail(ErrorKind::infrastructure,
                fmt::format("resolving base image {}: the builder named no digest", reference.canonical()));
  }

 private:
  Status begin() {
    BUILDLAB_ASSIGN(TempDir folder,
                    TempDir::create(scratch_folder(), fmt::format("resolve-{}-", ::getpid())));
    m_folder = std::move(folder);
    BUILDLAB_ASSIGN(m_builder,
                    Builder::start({.toolchain = m_toolchain, .root = m_folder->path() / "builder"}));
    return {};
  }

  const Toolchain& m_toolchain;
  std::string m_platform;
  std::optional<TempDir> m_folder;
  std::unique_ptr<Builder> m_builder;  // ends before its folder goes
};

Result<std::string> local_suite(const ImageReference& reference, const std::string& platform, bool allowed) {
  const std::optional<std::string> suite = debian_suite(reference);
  if (allowed && suite && architecture_of(platform) == host_architecture()) return *suite;
  std::vector<std::string> details{
      "let docker.io be reachable (HTTPS_PROXY, a mirror), or name an image of a registry that is"};
  if (!allowed) {
    details.emplace_back(
        "debian:SUITE and debian:SUITE-slim can be made locally where that is allowed: \"local_base\": true "
        "of the subject, LOCAL_BASE in CMake, BUILDLAB_LOCAL_BASE=1");
  } else if (!suite) {
    details.emplace_back(
        "only debian:SUITE and debian:SUITE-slim can be made locally (a suite's name, as bookworm)");
  } else {
    details.push_back(
        fmt::format("a local base can be made for {} only, not for {}", host_architecture(), platform));
  }
  return fail(ErrorKind::infrastructure,
              fmt::format("docker.io does not answer, so base image {} cannot be had", reference.canonical()),
              std::move(details));
}

const ResolvedBase* pinned_to(const std::vector<ResolvedBase>& pinned, const std::string& canonical) {
  const auto found = std::find_if(pinned.begin(), pinned.end(),
                                  [&](const ResolvedBase& base) { return base.canonical == canonical; });
  return found == pinned.end() ? nullptr : &*found;
}

// What a base is made locally of, and for whom.
struct LocalRequest {
  const Toolchain& toolchain;
  const std::string& platform;
  bool allowed = false;
  const ResolvedBase* pin = nullptr;  // as which it was made for this run
};

// Makes the base where it is not there yet; `storage` becomes the folder from which it can be served.
Result<ResolvedBase> make_locally(const ImageReference& reference, const LocalRequest& request,
                                  fs::path& storage, const std::function<void(std::string_view)>& report) {
  BUILDLAB_ASSIGN(const std::string suite, local_suite(reference, request.platform, request.allowed));
  if (!request.toolchain.registry) {
    return fail(ErrorKind::infrastructure, "serving a local base image: no registry server was found",
                {"install docker-registry (apt-get install docker-registry), or set BUILDLAB_REGISTRY"});
  }
  const LocalBase base{
      .suite = suite, .architecture = architecture_of(request.platform), .authorities = host_authorities()};
  BUILDLAB_ASSIGN(storage, local_base_storage(base.architecture, base.authorities));
  BUILDLAB_ASSIGN(Digest digest, ensure_local_base(base, storage, report));
  if (request.pin != nullptr && request.pin->digest != digest) {
    return fail(
        ErrorKind::infrastructure,
        fmt::format("the base image {} that this run began with ({}) was made locally again since, as {}",
                    reference.canonical(), request.pin->digest.text(), digest.text()),
        {"start a new run"});
  }
  return ResolvedBase{.reference = {},
                      .canonical = reference.canonical(),
                      .digest = std::move(digest),
                      .made_locally = true,
                      .trusts_host_authorities = !base.authorities.empty()};
}

}  // namespace

std::vector<fs::path> host_authorities() {
  std::vector<fs::path> files;
  // Debian and Ubuntu, Fedora and RHEL, Arch, SUSE.
  for (const char* folder : {"/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors",
                             "/etc/ca-certificates/trust-source/anchors", "/etc/pki/trust/anchors"}) {
    std::error_code code;
    for (const auto& entry : fs::recursive_directory_iterator(folder, code)) {
      const std::string extension = entry.path().extension();
      if (!entry.is_regular_file(code) || (extension != ".crt" && extension != ".pem" && extension != ".cer"))
        continue;
      const auto content = read_file(entry.path(), Bytes{16ULL << 20U});
      if (content && content->find("-----BEGIN CERTIFICATE-----") != std::string::npos)
        files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<BaseImages> resolve_bases(const Toolchain& toolchain, const std::vector<std::string>& references,
                                 const std::string& platform, bool allow_local,
                                 const std::function<void(std::string_view)>& report,
                                 const std::vector<ResolvedBase>& pinned) {
  BaseImages images;
  Resolver resolver(toolchain, platform);
  std::optional<bool> hub;
  fs::path storage;
  std::set<std::string> seen;
  for (const std::string& text : references) {
    if (text == "scratch" || !seen.insert(text).second) continue;
    const std::optional<ImageReference> reference = parse_reference(text);
    if (!reference)
      return fail(ErrorKind::usage, fmt::format("base image \"{}\" is no valid reference", text));
    const ResolvedBase* pin = pinned_to(pinned, reference->canonical());
    if (pin != nullptr && !pin->made_locally) {
      images.resolved.push_back({.reference = text, .canonical = pin->canonical, .digest = pin->digest});
      continue;
    }
    const bool of_hub = reference->registry == "docker.io" && !reference->digest;
    if (of_hub && pin == nullptr && !hub) hub = docker_hub_answers();
    if (pin == nullptr && (!of_hub || *hub)) {
      BUILDLAB_ASSIGN(Digest digest, resolver.resolve(*reference));
      images.resolved.push_back(
          {.reference = text, .canonical = reference->canonical(), .digest = std::move(digest)});
      continue;
    }
    BUILDLAB_ASSIGN(ResolvedBase base,
                    make_locally(*reference, {toolchain, platform, allow_local, pin}, storage, report));
    base.reference = text;
    images.resolved.push_back(std::move(base));
  }
  if (!storage.empty()) {
    BUILDLAB_ASSIGN(std::unique_ptr<RegistryServer> server,
                    RegistryServer::start(*toolchain.registry, storage));
    images.local_registry = std::move(server);
    images.mirrors.push_back({.registry = "docker.io", .endpoint = images.local_registry->endpoint()});
  }
  return images;
}

}  // namespace buildlab::engine
