#include "framework/engine/proxy_network.h"

#include <fmt/format.h>

#include "framework/engine/pins.h"
#include "framework/engine/version.h"

namespace buildlab::engine {

Status may_use_proxy_network(const Toolchain& toolchain, const VariationTools& tools) {
  for (const Tool* tool : {&toolchain.buildkitd, &toolchain.buildctl}) {
    if (version_numbers(tool->version) >= version_numbers(k_oldest_with_proxy)) continue;
    return fail(ErrorKind::infrastructure,
                fmt::format("\"network\": \"proxy\" needs BuildKit {} or newer; {} ({}) is {}",
                            k_oldest_with_proxy, tool->path.string(), tool->origin, tool->version),
                {fmt::format("install a newer BuildKit, or unset what names this one: then {} is installed",
                             k_pinned_buildkit),
                 "or take \"network\" out of the scenario: inputs that moved are not named then"});
  }
  if (!tools.shim.empty()) return {};
  return fail(
      ErrorKind::infrastructure,
      "\"network\": \"proxy\" needs the runtime shim buildlab-runtime, which is not beside this program",
      {"set BUILDLAB_RUNTIME to it"});
}

}  // namespace buildlab::engine
