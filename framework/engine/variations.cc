#include "framework/engine/variations.h"

#include <fmt/format.h>
#include <sched.h>
#include <algorithm>

#include "framework/base/environment.h"
#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/variation/canary.h"

namespace buildlab::engine {
namespace {

namespace fs = std::filesystem;
using variation::Kind;
using variation::Place;
using variation::Variation;

constexpr const char* k_shim_name = "buildlab-runtime";

fs::path first_file(const std::vector<fs::path>& candidates) {
  std::error_code code;
  const auto found = std::find_if(candidates.begin(), candidates.end(), [&](const fs::path& candidate) {
    return !candidate.empty() && fs::is_regular_file(candidate, code);
  });
  return found == candidates.end() ? fs::path() : *found;
}

fs::path find_shim(const fs::path& installer) {
  if (const std::string given = environment("BUILDLAB_RUNTIME"); !given.empty()) return first_file({given});
  std::error_code code;
  const fs::path here = fs::read_symlink("/proc/self/exe", code).parent_path();
  const fs::path inside_prefix = fs::path("libexec") / "buildlab" / k_shim_name;
  // The installer is PREFIX/share/buildlab/engine/install.sh in an installed tree.
  const fs::path prefix = installer.parent_path().parent_path().parent_path().parent_path();
  return first_file({here / k_shim_name, here.parent_path() / inside_prefix,
                     installer.empty() ? fs::path() : prefix / inside_prefix, BUILDLAB_RUNTIME_BUILT});
}

fs::path find_faketime() {
  if (const std::string given = environment("BUILDLAB_FAKETIME"); !given.empty()) return first_file({given});
  std::vector<fs::path> candidates;
  // The second is for programs with one thread; the first serves both.
  for (const char* name : {"libfaketimeMT.so.1", "libfaketime.so.1"}) {
    for (const char* folder : {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64",
                               "/usr/lib", "/usr/local/lib"}) {
      candidates.push_back(fs::path(folder) / "faketime" / name);
    }
  }
  return first_file(candidates);
}

bool find_cpu_sets() {
  std::error_code code;
  if (fs::is_directory("/sys/fs/cgroup/cpuset", code)) return true;
  const auto controllers = read_file("/sys/fs/cgroup/cgroup.controllers");
  if (!controllers) return false;
  const auto names = split(trim(*controllers), ' ');
  return std::find(names.begin(), names.end(), "cpuset") != names.end();
}

Bytes free_memory() {
  const auto text = read_file("/proc/meminfo");
  if (!text) return {};
  for (const std::string_view line : split(*text, '\n')) {
    constexpr std::string_view label = "MemAvailable:";
    if (line.starts_with(label))
      return Bytes{std::strtoull(std::string(line.substr(label.size())).c_str(), nullptr, 10) * 1024};
  }
  return {};
}

}  // namespace

VariationTools find_variation_tools(const fs::path& installer) {
  VariationTools tools;
  tools.shim = find_shim(installer);
  tools.faketime = find_faketime();
  tools.cpu_sets = find_cpu_sets();
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0) tools.processors = CPU_COUNT(&set);
  tools.memory_free = free_memory();
  return tools;
}

std::optional<std::string> obstacle(const VariationTools& tools, const Variation& variation) {
  if (variation::describe(variation.kind).place == Place::container && tools.shim.empty()) {
    return fmt::format("{} is not beside this program; set BUILDLAB_RUNTIME to it", k_shim_name);
  }
  if (variation.kind == Kind::clock && tools.faketime.empty())
    return "libfaketime is not installed (apt-get install libfaketime)";
  if (variation.kind == Kind::cpus && tools.processors < 2) return "this machine has one processor only";
  return std::nullopt;
}

bool needs_shim(const std::vector<Variation>& variations) {
  return std::any_of(variations.begin(), variations.end(), [](const Variation& variation) {
    return variation::describe(variation.kind).place == Place::container;
  });
}

bool includes(const std::vector<Variation>& variations, Kind kind) {
  return std::any_of(variations.begin(), variations.end(),
                     [kind](const Variation& variation) { return variation.kind == kind; });
}

void vary_request(BuildRequest& request, const std::vector<Variation>& variations) {
  if (includes(variations, Kind::network)) request.frontend_options["force-network-mode"] = "none";
  if (includes(variations, Kind::builder_options)) {
    // What administrators of builders choose, and what no image may depend on. Compression and media types
    // are left alone: they change the digest by their nature. So is shm-size, with which BuildKit removes a
    // /dev that the image did not have.
    request.frontend_options["add-hosts"] = fmt::format("{}.invalid=192.0.2.1", variation::k_canary_hosts);
    request.frontend_options["ulimit"] = "nofile=8192:16384";
    request.frontend_options["attest:provenance"] = "mode=max";
  }
}

}  // namespace buildlab::engine
