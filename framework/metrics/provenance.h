// The SLSA v1 provenance that BuildKit's history keeps for every build, as far as numbers need it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/digest.h"
#include "framework/base/result.h"
#include "framework/dockerfile/dockerfile.h"

namespace buildlab::metrics {

struct ProvenanceStep {
  std::string id;                   // "step3"
  std::vector<std::string> inputs;  // "step1:0"
  std::vector<dockerfile::LineRange> lines;
};

struct Material {
  std::string uri;     // "pkg:docker/debian@bookworm-slim?digest=…&platform=linux%2Famd64"
  std::string digest;  // "sha256:…"
};

struct Provenance {
  std::map<std::string, std::string> step_of_vertex;  // vertex digest -> step id
  std::map<std::string, ProvenanceStep> steps;
  std::vector<Material> materials;
};

// Errors are infrastructure errors that name the missing or wrong field.
Result<Provenance> parse_provenance(std::string_view text, std::string_view name);

}  // namespace buildlab::metrics
