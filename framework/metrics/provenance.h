// The SLSA v1 provenance that BuildKit's history keeps for every build, as far as numbers need it.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/digest.h"
#include "framework/base/result.h"
#include "framework/base/time.h"
#include "framework/dockerfile/dockerfile.h"

namespace buildlab::metrics {

struct ProvenanceStep {
  std::string id;                   // "step3"
  std::vector<std::string> inputs;  // "step1:0"
  std::vector<dockerfile::LineRange> lines;
  std::string source = {};  // of a step that fetches something itself: "https://…", "docker-image://…"
  bool networked = false;   // it runs a program that may use the network
};

struct Material {
  std::string uri;     // "pkg:docker/debian@bookworm-slim?digest=…&platform=linux%2Famd64"
  std::string digest;  // "sha256:…"
};

struct ProvenanceLayer {
  std::string
      digest;  // "sha256:…", before rewrite-timestamp; of a base's layer, which is never rewritten, as it is
  std::string media_type;
};

// What the Dockerfile's frontend was asked for.
struct ProvenanceRequest {
  std::optional<std::string> target;
  std::map<std::string, std::string> build_args;
  std::set<std::string>
      contexts;  // the names that stand for other contexts: stages of the name are not built
};

struct Provenance {
  std::map<std::string, std::string> step_of_vertex;  // vertex digest -> step id
  std::map<std::string, ProvenanceStep> steps;
  std::vector<Material> materials;
  bool proxy_network = false;  // the materials hold what RUN steps fetched
  bool complete = true;  // false: some of that could not be noted (another method than GET, a part of a file)
  // By position in the image: the id of the step that wrote the layer ("step0"), the base's layers by the
  // step that pulled it. Positions and not digests, because BuildKit notes the layers before
  // rewrite-timestamp writes them anew.
  std::vector<std::string> step_of_layer;
  std::vector<ProvenanceLayer> layers;  // as many
  bool one_base = false;                // all that it knows of was built on the same lowest layer
  std::string dockerfile_name;          // "Dockerfile"; "" for a build from LLB
  std::string dockerfile_text;
  ProvenanceRequest request;
  std::optional<WallTime> started;
  std::optional<WallTime> finished;
};

// The Dockerfile's lines that wrote each of an image's layers; nullopt where provenance does not know it, all
// of them where it knows of another number of layers. What the image tells beside it: drift/layer_lines.h.
std::vector<std::optional<dockerfile::LineRange>> lines_of_layers(const Provenance& provenance,
                                                                  std::size_t layers);

// What steps fetched from web addresses themselves (ADD): URL without credentials -> "sha256:…". Not those of
// which nothing, or more than one thing, is told.
std::map<std::string, std::string> fetched_sources(const Provenance& provenance);

// The predicate itself, or a statement around it, as attestations and `docker buildx` store it. Errors are
// infrastructure errors that name the missing or wrong field.
Result<Provenance> parse_provenance(std::string_view text, std::string_view name);

}  // namespace buildlab::metrics
