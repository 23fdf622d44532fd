#include "framework/engine/local_base.h"

#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <fstream>

#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/base/text.h"
#include "framework/engine/contained.h"
#include "framework/engine/daemon.h"
#include "framework/engine/toolchain.h"
#include "framework/process/command.h"
#include "framework/process/interrupt.h"

namespace buildlab::engine {
namespace {

namespace fs = std::filesystem;

// Part of the storage's name: raised whenever what is made below changes.
constexpr int k_recipe = 1;
// 2020-01-01: every time stamp of the base. Not 0, which zip files (Python wheels) cannot hold.
constexpr const char* k_epoch = "1577836800";
constexpr const char* k_created = "2020-01-01T00:00:00Z";
constexpr const char* k_bundle = "/etc/ssl/certs/ca-certificates.crt";

// Called by mmdebstrap with the new system's folder as its last act there. The settings of apt and dpkg are
// those of the official images (github.com/debuerreotype/debuerreotype,
// scripts/debuerreotype-minimizing-config).
constexpr const char* k_hook = R"(#!/bin/sh
set -eu
root=$1
cat >"$root/etc/apt/apt.conf.d/docker-clean" <<'END'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
END
echo 'Acquire::GzipIndexes "true";' >"$root/etc/apt/apt.conf.d/docker-gzip-indexes"
echo 'Acquire::Languages "none";' >"$root/etc/apt/apt.conf.d/docker-no-languages"
echo 'Apt::AutoRemove::SuggestsImportant "false";' >"$root/etc/apt/apt.conf.d/docker-autoremove-suggests"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
if [ -d "$BUILDLAB_AUTHORITIES" ]; then
  mkdir -p "$root/usr/local/share/ca-certificates"
  cp "$BUILDLAB_AUTHORITIES"/*.crt "$root/usr/local/share/ca-certificates/"
  chroot "$root" update-ca-certificates >/dev/null 2>&1
fi
rm -f "$root/etc/resolv.conf" "$root/etc/hostname"
)";

Result<process::Finished> run_step(const process::Command& command, const std::string& what) {
  BUILDLAB_ASSIGN(process::Finished finished, process::run(command));
  if (std::holds_alternative<process::Interrupted>(finished.termination)) {
    return fail(ErrorKind::interrupted, "interrupted while a local base image was made");
  }
  if (process::succeeded(finished.termination)) return finished;
  std::vector<std::string> details = last_lines(finished.standard_error, 8);
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: {}", what, process::to_string(finished.termination)), std::move(details));
}

Status write_script(const fs::path& path) {
  BUILDLAB_TRY(write_file_atomic(path, k_hook));
  std::error_code code;
  fs::permissions(path, fs::perms::owner_all, code);
  return {};
}

// Authorities under names that depend on their order alone, so that the same set gives the same image.
Status copy_authorities(const std::vector<fs::path>& authorities, const fs::path& folder) {
  for (std::size_t i = 0; i < authorities.size(); ++i) {
    BUILDLAB_ASSIGN(const std::string content, read_file(authorities[i], Bytes{16ULL << 20U}));
    BUILDLAB_TRY(write_file_atomic(folder / fmt::format("host-{:02}.crt", i), content));
  }
  return {};
}

Result<fs::path> bootstrap(const LocalBase& base, const fs::path& work) {
  const fs::path tar = work / "rootfs.tar";
  const fs::path hook = work / "hook";
  BUILDLAB_TRY(write_script(hook));
  if (!base.authorities.empty()) BUILDLAB_TRY(copy_authorities(base.authorities, work / "authorities"));
  process::Command command{
      .argv = contained(
          {"mmdebstrap", "--mode=root", "--variant=minbase", "--include=ca-certificates",
           "--architectures=" + base.architecture, "--dpkgopt=force-unsafe-io",
           "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-include=/usr/share/doc/*/copyright",
           "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/info/*",
           "--dpkgopt=path-exclude=/usr/share/locale/*", "--dpkgopt=path-exclude=/usr/share/lintian/*",
           "--aptopt=Acquire::Languages \"none\"", "--customize-hook=" + hook.string(), base.suite,
           tar.string()}),
      .environment = {{"SOURCE_DATE_EPOCH", k_epoch},
                      {"TMPDIR", work.string()},
                      {"BUILDLAB_AUTHORITIES", (work / "authorities").string()},
                      {"LC_ALL", "C.UTF-8"}}};
  const auto finished = run_step(command, fmt::format("mmdebstrap {}", base.suite));
  if (!finished) {
    Error error = finished.error();
    if (error.kind == ErrorKind::infrastructure) {
      error.details.emplace_back(
          "to do: install mmdebstrap, check that apt-get update works here, and that the suite exists");
    }
    return tl::unexpected(std::move(error));
  }
  return tar;
}

Result<Layer> compress(const fs::path& tar, const fs::path& blob) {
  // Level 1 takes a third of the time of level 6 and 9 % more room; builders read the layer from loopback.
  process::Command command{
      .argv = {"sh", "-c", "exec gzip -1 -n -c -- \"$1\" >\"$2\"", "gzip", tar.string(), blob.string()}};
  BUILDLAB_TRY(run_step(command, "gzip of the base's layer"));
  BUILDLAB_ASSIGN(Digest content, sha256_file(tar));
  BUILDLAB_ASSIGN(Digest compressed, sha256_file(blob));
  std::error_code code;
  const std::uint64_t size = fs::file_size(blob, code);
  if (code)
    return fail(ErrorKind::infrastructure, fmt::format("size of {}: {}", blob.string(), code.message()));
  return Layer{.blob = std::move(compressed), .content = std::move(content), .size = size};
}

// Paths in a registry's file storage (github.com/distribution/distribution, registry/storage/paths.go).
struct RegistryPaths {
  fs::path root;

  fs::path blob(const Digest& digest) const {
    return root / "docker/registry/v2/blobs/sha256" / digest.hex().substr(0, 2) / digest.hex() / "data";
  }
  fs::path repository() const { return root / "docker/registry/v2/repositories/library/debian"; }
  fs::path layer_link(const Digest& digest) const {
    return repository() / "_layers/sha256" / digest.hex() / "link";
  }
  fs::path revision_link(const Digest& digest) const {
    return repository() / "_manifests/revisions/sha256" / digest.hex() / "link";
  }
  fs::path tag(const std::string& name) const { return repository() / "_manifests/tags" / name; }
};

Status store_image(const LocalBase& base, const fs::path& storage, const fs::path& layer_file,
                   const Layer& layer) {
  const RegistryPaths paths{storage};
  const std::string config = image_config(base, layer);
  const std::string manifest = image_manifest(config, layer);
  std::error_code code;
  BUILDLAB_TRY(make_directories(paths.blob(layer.blob).parent_path()));
  fs::rename(layer_file, paths.blob(layer.blob), code);
  if (code) {
    return fail(ErrorKind::infrastructure, fmt::format("moving {}: {}", layer_file.string(), code.message()));
  }
  const Digest revision = sha256(manifest);
  BUILDLAB_TRY(write_file_atomic(paths.blob(sha256(config)), config));
  BUILDLAB_TRY(write_file_atomic(paths.blob(revision), manifest));
  for (const Digest& digest : {layer.blob, sha256(config)}) {
    BUILDLAB_TRY(write_file_atomic(paths.layer_link(digest), digest.text()));
  }
  BUILDLAB_TRY(write_file_atomic(paths.revision_link(revision), revision.text()));
  // The tags come last: what they lead to is whole.
  for (const std::string& tag : {base.suite + "-slim", base.suite}) {
    BUILDLAB_TRY(
        write_file_atomic(paths.tag(tag) / "index/sha256" / revision.hex() / "link", revision.text()));
    BUILDLAB_TRY(write_file_atomic(paths.tag(tag) / "current/link", revision.text()));
  }
  return {};
}

// The digest behind the plain suite's tag, which is written last, when its blobs are there too.
std::optional<Digest> stored(const fs::path& storage, const std::string& suite) {
  const RegistryPaths paths{storage};
  const auto link = read_file(paths.tag(suite) / "current/link");
  if (!link) return std::nullopt;
  const auto digest = Digest::parse(*link);
  if (!digest) return std::nullopt;
  const auto manifest = read_file(paths.blob(*digest));
  if (!manifest || sha256(*manifest) != *digest) return std::nullopt;
  const auto json = parse_json(*manifest, "manifest");
  if (!json) return std::nullopt;
  try {
    for (const Json& part : {json->at("config"), json->at("layers").at(0)}) {
      const auto blob = Digest::parse(part.at("digest").get<std::string>());
      std::error_code code;
      if (!blob || fs::file_size(paths.blob(*blob), code) != part.at("size").get<std::uint64_t>())
        return std::nullopt;
    }
  } catch (const Json::exception&) {
    return std::nullopt;
  }
  return *digest;
}

}  // namespace

std::string image_config(const LocalBase& base, const Layer& layer) {
  Json environment = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
  if (!base.authorities.empty()) {
    // Programs that bring their own authorities look at these instead of the system's bundle.
    for (const char* name :
         {"SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CARGO_HTTP_CAINFO"}) {
      environment.push_back(fmt::format("{}={}", name, k_bundle));
    }
  }
  return to_line(
      Json{{"architecture", base.architecture},
           {"os", "linux"},
           {"created", k_created},
           {"config", {{"Env", std::move(environment)}, {"Cmd", {"bash"}}}},
           {"rootfs", {{"type", "layers"}, {"diff_ids", Json::array({layer.content.text()})}}},
           {"history",
            Json::array({Json{{"created", k_created},
                              {"created_by", fmt::format("mmdebstrap --variant=minbase {}", base.suite)},
                              {"comment", "made by Build Lab in place of the official image"}}})}});
}

std::string image_manifest(const std::string& config, const Layer& layer) {
  return to_line(
      Json{{"schemaVersion", 2},
           {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
           {"config",
            {{"mediaType", "application/vnd.oci.image.config.v1+json"},
             {"digest", sha256(config).text()},
             {"size", config.size()}}},
           {"layers", Json::array({Json{{"mediaType", "application/vnd.oci.image.layer.v1.tar+gzip"},
                                        {"digest", layer.blob.text()},
                                        {"size", layer.size}}})}});
}

Result<fs::path> local_base_storage(const std::string& architecture,
                                    const std::vector<fs::path>& authorities) {
  std::string trust;
  for (const fs::path& authority : authorities) {
    BUILDLAB_ASSIGN(const Digest digest, sha256_file(authority));
    trust += digest.text() + "\n";
  }
  return cache_folder() / "bases" /
         fmt::format("{}-recipe{}-{}", architecture, k_recipe,
                     trust.empty() ? "public" : sha256(trust).hex().substr(0, 12));
}

Result<Digest> ensure_local_base(const LocalBase& base, const fs::path& storage,
                                 const std::function<void(std::string_view)>& report) {
  if (auto digest = stored(storage, base.suite)) return *digest;
  if (::geteuid() != 0) {
    return fail(ErrorKind::infrastructure, "making a local base image needs root", {"run as root (sudo)"});
  }
  if (!process::find_program("mmdebstrap")) {
    return fail(ErrorKind::infrastructure, "making a local base image: no mmdebstrap on PATH",
                {"install it (apt-get install mmdebstrap), or let docker.io be reachable"});
  }
  const LockWait wait{process::interrupted, [&] {
                        if (report) report("waiting for another run that makes a local base image");
                      }};
  BUILDLAB_ASSIGN(const FileLock lock, FileLock::lock(storage.string() + ".lock", wait));
  if (auto digest = stored(storage, base.suite)) return *digest;  // made while we waited
  const auto begun = SteadyClock::now();
  if (report) {
    report(fmt::format(
        "docker.io does not answer: making a base for debian:{} with mmdebstrap (once, about 30 s)",
        base.suite));
  }
  // The lock is ours, so work folders that lie here are of makers that were killed.
  const fs::path work_parent = storage.string() + ".work";
  BUILDLAB_TRY(remove_tree(work_parent));
  BUILDLAB_ASSIGN(const TempDir work, TempDir::create(work_parent, "make-"));
  // apt's sandbox user has to reach its files below.
  std::error_code code;
  fs::permissions(work.path(), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec, code);
  BUILDLAB_ASSIGN(const fs::path tar, bootstrap(base, work.path()));
  const fs::path layer_file = work.path() / "layer.tar.gz";
  BUILDLAB_ASSIGN(const Layer layer, compress(tar, layer_file));
  BUILDLAB_TRY(store_image(base, storage, layer_file, layer));
  if (report) {
    report(fmt::format("base for debian:{} made in {}", base.suite,
                       to_short_text(to_seconds(SteadyClock::now() - begun))));
  }
  auto digest = stored(storage, base.suite);
  if (digest) return *digest;
  return fail(ErrorKind::infrastructure,
              fmt::format("{} does not hold what was just put there", storage.string()));
}

}  // namespace buildlab::engine
