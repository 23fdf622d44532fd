// RUN's network through BuildKit's own proxy (`buildctl build --proxy-network`), which notes every URL that
// was fetched in the provenance, with the digest of what it gave. What it blocks and what the runtime shim
// adds is told in docs/proxy-network.md.
#pragma once

#include "framework/base/result.h"
#include "framework/engine/toolchain.h"
#include "framework/engine/variations.h"

namespace buildlab::engine {

inline constexpr const char* k_oldest_with_proxy = "v0.32";

// An infrastructure error that says what to do where these programs cannot.
Status may_use_proxy_network(const Toolchain& toolchain, const VariationTools& tools);

}  // namespace buildlab::engine
