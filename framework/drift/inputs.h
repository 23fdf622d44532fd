// Inputs from outside that two builds were given differently: root causes of class VERS. Provenance names
// every URL with the digest of what it gave where RUN steps had the proxy network; without it base images and
// ADD.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/drift/difference.h"
#include "framework/drift/package_url.h"
#include "framework/metrics/readers.h"

namespace buildlab::drift {

// One build's side.
struct Inputs {
  const metrics::Provenance& provenance;
  metrics::Readers readers;  // of the same build
};

// What moved, those that name a package's versions first, then other URLs, then indexes. URLs of one package
// are one entry: "left-pad 1.3.0 → 1.3.1". What both builds were given under different URLs (a mirror, a
// signed address) has not moved. `dockerfile` names the file in steps; without it the provenance's own name
// is taken.
std::vector<MovedInput> moved_inputs(const Inputs& a, const Inputs& b,
                                     const std::optional<std::string>& dockerfile = std::nullopt);

// Ties differences to the inputs that they provably follow from: a file that has just the bytes which a URL
// gave, in A and in B; what a package database says of a package that was fetched in just these two versions;
// and all that follows from either.
void tie_to_inputs(Comparison& comparison);

// One line: "VERS: left-pad 1.3.0 → 1.3.1 (npm), read by Dockerfile:4 RUN npm install".
std::string headline(const MovedInput& input);
// Its URLs with their digests, one a line: "A https://… sha256:…".
std::vector<std::string> url_lines(const MovedInput& input);

}  // namespace buildlab::drift
