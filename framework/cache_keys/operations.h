// The steps of one build as operations, which are what their keys hold of themselves.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/json.h"
#include "framework/base/result.h"
#include "framework/dockerfile/dockerfile.h"

namespace buildlab::cache_keys {

// What an input of a step is.
enum class Origin { step, context, address, image };

// What a step reads of one of its inputs.
struct StepInput {
  Origin origin = Origin::step;
  std::vector<std::string> paths = {};  // in the order of their names; one of it all is ""
};

struct StepOperation {
  std::vector<dockerfile::LineRange> lines;
  Json operation;  // comparable()
  std::map<int, StepInput> inputs = {};
};

// RUN's and the file operations of a build, in its order, from the provenance (mode=max) that BuildKit keeps.
Result<std::vector<StepOperation>> operations_of(std::string_view provenance, std::string_view name);

// A key's preimage in the form that those have: what no key holds (proxies, addresses of hosts, the folder of
// a source, options of mounts) is left out. null for one of another kind.
Json comparable(std::string_view preimage);

// The same of what readable() gave.
Json comparable_of(const Json& readable_preimage);

// The preimage itself, with the actions of file operations readable; null when it is no JSON.
Json readable(std::string_view preimage);

}  // namespace buildlab::cache_keys
