// Credentials of external caches: attributes whose values come from environment variables. BuildKit's client
// takes attributes on its command line only, so there they stand while a build runs, and nowhere else.
#pragma once

#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/engine/request.h"

namespace buildlab::engine {

// The same request with their values as plain attributes; an error names a variable that is not set.
Result<BuildRequest> with_cache_secrets(BuildRequest request);

// What must appear in nothing that is written: the values above, and those that BuildKit's client or daemon
// takes from the environment for the caches of this request; and the word before the paths of the server that
// it fetches through.
std::vector<std::string> cache_secret_values(const BuildRequest& request);

}  // namespace buildlab::engine
