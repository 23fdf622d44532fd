// The daemon's build history as `buildctl debug histories --format '{{json .}}'` prints it: one record a
// line. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "framework/base/digest.h"
#include "framework/base/result.h"

namespace buildlab::engine {

// Build reference -> the blob of its SLSA v1 provenance. A build that failed, and one that still runs, has
// none. Of a build for several platforms it is the first platform's.
Result<std::map<std::string, Digest>> provenance_blobs(std::string_view histories);

// The attestation blob is an in-toto statement or a bare predicate, by BuildKit's version; the predicate is
// what is kept.
Result<std::string> provenance_predicate(std::string_view blob);

}  // namespace buildlab::engine
