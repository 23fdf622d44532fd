// What was found here, from where, what can and cannot work, and what to do about each.
#include <fmt/format.h>
#include <string>
#include <vector>

#include "framework/base/json.h"
#include "framework/base/web_proxy.h"
#include "framework/cli/commands.h"
#include "framework/cli/console.h"
#include "framework/cli/installer.h"
#include "framework/engine/host.h"
#include "framework/engine/toolchain.h"

namespace buildlab::cli {
namespace {

// `needed` stops builders here; `limited` leaves something out; `fine` needs nothing.
enum class State { fine, limited, needed };

struct Finding {
  std::string subject;
  State state = State::fine;
  std::string found;
  std::string remedy;  // empty when there is nothing to do
};

std::string_view to_string(State state) {
  switch (state) {
    case State::fine:
      return "ok";
    case State::limited:
      return "limited";
    case State::needed:
      return "missing";
  }
  return "";
}

void look_at_engine(const engine::Search& search, std::vector<Finding>& findings) {
  if (!search.found) {
    std::string tried;
    for (const engine::Attempt& attempt : search.attempts) {
      tried += fmt::format("{}{}: {}", tried.empty() ? "" : "; ", attempt.what, attempt.result);
    }
    std::string remedy = installer_path().empty() ? "" : fmt::format("run {}", installer_path().string());
    for (const std::string& what : search.remedies) remedy += (remedy.empty() ? "" : "; or ") + what;
    findings.push_back({"engine", State::needed, fmt::format("no usable BuildKit ({})", tried), remedy});
    return;
  }
  const engine::Toolchain& tools = *search.found;
  const auto describe = [](const engine::Tool& tool) {
    return fmt::format("{} at {} ({})", tool.version, tool.path.string(), tool.origin);
  };
  findings.push_back({"buildkitd", State::fine, describe(tools.buildkitd), ""});
  findings.push_back({"buildctl", State::fine, describe(tools.buildctl), ""});
  findings.push_back({"runc", State::fine, describe(tools.runc), ""});
  if (tools.registry) {
    findings.push_back({"registry", State::fine, describe(*tools.registry), ""});
  } else {
    findings.push_back({"registry", State::limited,
                        "none: no local base images, no cache_mode registry without a cache_ref",
                        "install the package docker-registry, or set BUILDLAB_REGISTRY"});
  }
}

void look_at_rights(const engine::HostFacts& host, std::vector<Finding>& findings) {
  findings.push_back(host.root
                         ? Finding{"rights", State::fine, "root: private builders can run", ""}
                         : Finding{"rights", State::needed, "not root: private builders run as root only",
                                   "run as root (sudo ./build-lab …)"});
  const engine::RootlessFacts& rootless = host.rootless;
  std::string missing;
  const auto lacks = [&](bool there, std::string_view what) {
    if (!there) missing += fmt::format("{}{}", missing.empty() ? "" : ", ", what);
  };
  lacks(rootless.rootlesskit.has_value(), "rootlesskit");
  lacks(rootless.newuidmap.has_value() && rootless.newgidmap.has_value(),
        "newuidmap and newgidmap (package uidmap)");
  lacks(rootless.subordinate_users && rootless.subordinate_groups,
        "a range for this user in /etc/subuid and /etc/subgid");
  findings.push_back(
      {"rootless", State::limited,
       missing.empty()
           ? "what rootless builders will need is here; this version does not start them yet"
           : fmt::format("this version does not start rootless builders; they will need {}", missing),
       ""});
  findings.push_back(
      {"docker buildx", State::limited,
       fmt::format("{}; this version does not use it", host.docker_buildx ? "found" : "not found"), ""});
}

void look_at_machine(const engine::HostFacts& host, std::vector<Finding>& findings) {
  findings.push_back({"kernel", State::fine, host.kernel, ""});
  if (host.overlay_failure) {
    findings.push_back(
        {"overlayfs", State::limited,
         fmt::format("cannot be mounted below {}: {}", host.cache.string(), *host.overlay_failure),
         "builders copy layers instead (slow); put BUILDLAB_CACHE and the store on ext4, xfs or btrfs"});
  } else {
    findings.push_back({"overlayfs", State::fine, fmt::format("works below {}", host.cache.string()), ""});
  }
  findings.push_back({"cores", host.cores > 1 ? State::fine : State::limited, fmt::format("{}", host.cores),
                      host.cores > 1 ? "" : "reproducibility builds run one after another here"});
  constexpr std::uint64_t k_enough = 5ULL << 30U;
  if (host.disk_free) {
    const bool enough = host.disk_free->count >= k_enough;
    findings.push_back(
        {"disk", enough ? State::fine : State::limited,
         fmt::format("{} free at {}", to_string(*host.disk_free), host.cache.string()),
         enough ? "" : "builders need a few GiB: build-lab clean, or BUILDLAB_CACHE on a larger disk"});
  } else {
    findings.push_back({"disk", State::limited, fmt::format("{} cannot be looked at", host.cache.string()),
                        "set BUILDLAB_CACHE to a folder that you may write"});
  }
  findings.push_back(host.clock_plausible ? Finding{"clock", State::fine, "plausible", ""}
                                          : Finding{"clock", State::limited, "before 2025",
                                                    "set it: certificates and records depend on it"});
  findings.push_back(
      {"decompression", State::fine,
       host.decompressor ? fmt::format("{} speeds up the extraction of layers", host.decompressor->string())
                         : "built into BuildKit",
       host.decompressor ? "" : "optional: the package isal (igzip) extracts cached layers faster"});
}

void look_at_network(const engine::HostFacts& host, const engine::NetworkFacts& network,
                     std::vector<Finding>& findings) {
  if (const auto proxy = proxy_for(true, "registry-1.docker.io", "443"); !proxy) {
    findings.push_back({"docker.io", State::limited, proxy.error().message, proxy.error().details.front()});
  } else if (network.hub_answers) {
    findings.push_back({"docker.io", State::fine, "answers", ""});
  } else if (host.mmdebstrap) {
    findings.push_back({"docker.io", State::limited,
                        "does not answer within 3 s: only debian:SUITE bases, made locally",
                        "allow it where it is not: \"local_base\": true, or BUILDLAB_LOCAL_BASE=1"});
  } else {
    findings.push_back({"docker.io", State::limited, "does not answer within 3 s, and mmdebstrap is not here",
                        "install the package mmdebstrap for local debian:SUITE bases"});
  }
  if (!network.host_authorities.empty()) {
    findings.push_back(
        {"TLS", State::limited,
         fmt::format("this host trusts {} certificate authorities of its own: the network may open HTTPS",
                     network.host_authorities.size()),
         "bases made locally trust them too; in other bases, RUN steps may fail with \"self-signed "
         "certificate in certificate chain\""});
  }
}

std::string to_text(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += fmt::format("{:<8} {:<14} {}\n", to_string(finding.state), finding.subject, finding.found);
    if (!finding.remedy.empty()) text += fmt::format("{:<8} {:<14} → {}\n", "", "", finding.remedy);
  }
  return text;
}

std::string to_json_text(const std::vector<Finding>& findings) {
  Json rows = Json::array();
  for (const Finding& finding : findings) {
    Json row;
    row["subject"] = finding.subject;
    row["state"] = to_string(finding.state);
    row["found"] = finding.found;
    row["remedy"] = finding.remedy.empty() ? Json() : Json(finding.remedy);
    rows.push_back(std::move(row));
  }
  Json json;
  json["schema_version"] = 1;
  json["findings"] = std::move(rows);
  return to_pretty_text(json);
}

}  // namespace

Result<verdict::Outcome> diagnose(const Doctor& options) {
  std::vector<Finding> findings;
  look_at_engine(engine::find_toolchain(), findings);
  const engine::HostFacts host = engine::look_at_host();
  look_at_rights(host, findings);
  look_at_machine(host, findings);
  look_at_network(host, engine::look_at_network(), findings);
  BUILDLAB_TRY(write_stdout(options.common.json ? to_json_text(findings) : to_text(findings)));
  for (const Finding& finding : findings) {
    if (finding.state == State::needed) return verdict::Outcome::infrastructure;
  }
  return verdict::Outcome::passed;
}

}  // namespace buildlab::cli
