// Whether a registry answers at all: asked once before a run, so that "no network" is a sentence and not a
// failed build.
#pragma once

#include <optional>

#include "framework/base/time.h"
#include "framework/base/web_proxy.h"

namespace buildlab::engine {

// True when `GET /v2/` over TLS gets any HTTP answer within `limit`, through `proxy` where one is given.
// Names, connection, handshake and answer share the limit; a name that does not resolve is a "no" at once.
// Certificates are not checked: a wrong one is the builder's to report.
bool answers_https(const Endpoint& server, const std::optional<Endpoint>& proxy, Nanoseconds limit);

}  // namespace buildlab::engine
