// The layout on disk is that of the distribution project's registry, 2.8 and 3.x alike. What a manifest is
// made of is known to the program alone: it marks and sweeps. It knows no command that removes a tag, and
// leaves the links of swept blobs and the uploads that were cut off.
#include "framework/engine/registry_storage.h"

#include <fmt/format.h>
#include <vector>

#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/process/command.h"

namespace buildlab::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes k_sweep_limit{10};

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code code;
  for (fs::directory_iterator it(folder, code); !code && it != fs::directory_iterator(); it.increment(code))
    entries.push_back(it->path());
  return entries;
}

Status sweep(const Tool& registry, const fs::path& storage) {
  const fs::path config = storage / "buildlab-registry.json";
  BUILDLAB_ASSIGN(
      const process::Finished finished,
      process::run(
          {.argv = {registry.path.string(), "garbage-collect", "--delete-untagged=true", config.string()},
           .environment = {{"REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", storage.string()},
                           {"OTEL_TRACES_EXPORTER", "none"}},
           .timeout = k_sweep_limit,
           .keep_stdout = false}));
  if (process::succeeded(finished.termination)) return {};
  const bool interrupted = std::holds_alternative<process::Interrupted>(finished.termination);
  return fail(interrupted ? ErrorKind::interrupted : ErrorKind::infrastructure,
              fmt::format("{} garbage-collect of {}: {}: {}", registry.path.string(), storage.string(),
                          process::to_string(finished.termination), one_line(finished.standard_error, 300)),
              {"the cache of earlier commits could not be removed, and would fill the disk; cache_mode local "
               "needs no registry"});
}

// BuildKit asks by them whether a blob is there; the registry looks on, and takes it again.
Status remove_dangling_links(const fs::path& top, const fs::path& repository) {
  for (const fs::path& link : entries_of(repository / "_layers" / "sha256")) {
    const std::string digest = link.filename().string();
    std::error_code code;
    if (!fs::exists(top / "blobs" / "sha256" / digest.substr(0, 2) / digest / "data", code) && !code)
      BUILDLAB_TRY(remove_tree(link).map([](bool) {}));
  }
  return {};
}

}  // namespace

Status keep_only_tag(const Tool& registry, const fs::path& storage, const std::string& repository,
                     const std::string& tag) {
  std::error_code code;
  const fs::path root = fs::absolute(storage, code);
  const fs::path top = root / "docker" / "registry" / "v2";
  const fs::path folder = top / "repositories" / repository;
  const fs::path tags = folder / "_manifests" / "tags";
  if (tag.empty() || !fs::exists(tags / tag, code)) return {};
  std::vector<fs::path> gone = entries_of(folder / "_uploads");
  for (const fs::path& other : entries_of(tags)) {
    if (other.filename() != tag) gone.push_back(other);
  }
  if (gone.empty()) return {};
  for (const fs::path& path : gone) BUILDLAB_TRY(remove_tree(path).map([](bool) {}));
  BUILDLAB_TRY(sweep(registry, root));
  return remove_dangling_links(top, folder);
}

}  // namespace buildlab::engine
