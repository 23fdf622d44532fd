// Field paths as BuildKit v0.30 to v0.34 write them (solver/llbsolver/provenance/types).
#include "framework/metrics/provenance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "framework/base/base64.h"
#include "framework/base/json.h"
#include "framework/base/redact.h"
#include "framework/base/through_url.h"

namespace buildlab::metrics {
namespace {

// nullptr when a part of the path is absent or not an object.
const Json* find(const Json& root, std::initializer_list<const char*> path) {
  const Json* at = &root;
  for (const char* name : path) {
    if (!at->is_object()) return nullptr;
    const auto found = at->find(name);
    if (found == at->end()) return nullptr;
    at = &*found;
  }
  return at;
}

tl::unexpected<Error> wrong(std::string_view name, std::string_view field, std::string_view wanted) {
  return fail(ErrorKind::infrastructure, fmt::format("{}: '{}' is {}", name, field, wanted),
              {"expected is the SLSA v1 predicate of mode=max that BuildKit keeps in its history"});
}

// The index in source.infos of the Dockerfile: the first in that language, else 0.
std::int64_t dockerfile_source(const Json& root) {
  const Json* infos = find(root, {"runDetails", "metadata", "buildkit_metadata", "source", "infos"});
  if (infos == nullptr || !infos->is_array()) return 0;
  for (std::size_t i = 0; i < infos->size(); ++i) {
    const Json* language = find((*infos)[i], {"language"});
    if (language != nullptr && *language == "Dockerfile") return static_cast<std::int64_t>(i);
  }
  return 0;
}

std::int64_t integer(const Json& object, const char* name) {
  const Json* found = find(object, {name});
  return found != nullptr && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

// One instruction may have several ranges (each line of a heredoc is one): the whole from first to last.
std::optional<dockerfile::LineRange> whole_range(const Json& location) {
  const Json* ranges = find(location, {"ranges"});
  if (ranges == nullptr || !ranges->is_array()) return std::nullopt;
  std::optional<dockerfile::LineRange> whole;
  for (const Json& range : *ranges) {
    const Json* start = find(range, {"start"});
    const Json* end = find(range, {"end"});
    if (start == nullptr || end == nullptr) continue;
    constexpr std::int64_t limit = 1'000'000'000;
    const auto first = integer(*start, "line");
    const auto last = integer(*end, "line");
    if (first < 1 || last < first || last > limit) continue;
    const dockerfile::LineRange lines{static_cast<int>(first), static_cast<int>(last)};
    if (!whole) whole = lines;
    whole->first = std::min(whole->first, lines.first);
    whole->last = std::max(whole->last, lines.last);
  }
  return whole;
}

void read_locations(const Json& root, Provenance& provenance) {
  const Json* locations = find(root, {"runDetails", "metadata", "buildkit_metadata", "source", "locations"});
  if (locations == nullptr || !locations->is_object()) return;  // a build from LLB has none
  const std::int64_t source = dockerfile_source(root);
  for (const auto& [id, of_step] : locations->items()) {
    const auto step = provenance.steps.find(id);
    const Json* list = find(of_step, {"locations"});
    if (step == provenance.steps.end() || list == nullptr || !list->is_array()) continue;
    for (const Json& location : *list) {
      if (integer(location, "sourceIndex") != source) continue;
      if (const auto lines = whole_range(location)) step->second.lines.push_back(*lines);
    }
  }
}

void read_materials(const Json& root, Provenance& provenance) {
  const Json* dependencies = find(root, {"buildDefinition", "resolvedDependencies"});
  if (dependencies == nullptr || !dependencies->is_array()) return;
  for (const Json& dependency : *dependencies) {
    const Json* uri = find(dependency, {"uri"});
    if (uri == nullptr || !uri->is_string()) continue;
    const Json* digest = find(dependency, {"digest", "sha256"});
    Material material{.uri = original_url(uri->get<std::string>()), .digest = {}};
    if (digest != nullptr && digest->is_string()) material.digest = "sha256:" + digest->get<std::string>();
    provenance.materials.push_back(std::move(material));
  }
}

void read_network(const Json& root, Provenance& provenance) {
  const Json* network = find(root, {"runDetails", "metadata", "buildkit_metadata", "network"});
  provenance.proxy_network = network != nullptr && text_member(*network, "mode") == "proxy";
  const Json* incomplete = network == nullptr ? nullptr : find(*network, {"proxy", "incomplete"});
  provenance.complete = incomplete == nullptr || !incomplete->is_array() || incomplete->empty();
}

// What a step does, as far as inputs from outside need it.
void read_operation(const Json& entry, ProvenanceStep& step) {
  if (const Json* source = find(entry, {"op", "Op", "source"}))
    step.source = original_url(text_member(*source, "identifier"));
  if (const Json* exec = find(entry, {"op", "Op", "exec"})) {
    constexpr std::int64_t k_no_network = 2;  // solver/pb/ops.proto, NetMode
    step.networked = integer(*exec, "network") != k_no_network;
  }
}

using Chain = std::vector<ProvenanceLayer>;  // the lowest first

// The first result's layers of a step; empty where they are not written as BuildKit writes them.
Chain chain_of(const Json& results) {
  Chain chain;
  if (!results.is_array() || results.empty() || !results.front().is_array()) return chain;
  for (const Json& descriptor : results.front()) {
    const Json* digest = find(descriptor, {"digest"});
    if (digest == nullptr || !digest->is_string()) return {};
    chain.push_back({digest->get<std::string>(), text_member(descriptor, "mediaType")});
  }
  return chain;
}

// Each step of the image's chain is noted with all layers below its own: a layer is of the step with the
// shortest beginning of the whole that holds it. What begins otherwise (a linked COPY before its merge) is
// not of the chain.
void read_layers(const Json& root, Provenance& provenance) {
  const Json* layers = find(root, {"runDetails", "metadata", "buildkit_metadata", "layers"});
  if (layers == nullptr || !layers->is_object()) return;
  std::vector<std::pair<Chain, std::string>> chains;
  for (const auto& [result, lists] : layers->items())
    chains.emplace_back(chain_of(lists), result.substr(0, result.find(':')));
  std::stable_sort(chains.begin(), chains.end(),
                   [](const auto& a, const auto& b) { return a.first.size() < b.first.size(); });
  if (chains.empty()) return;
  const Chain& whole = chains.back().first;
  provenance.layers.assign(whole.begin(), whole.end());
  provenance.one_base = std::all_of(chains.begin(), chains.end(), [&](const auto& one) {
    return !one.first.empty() && one.first.front().digest == whole.front().digest;
  });
  for (const auto& [chain, step] : chains) {
    if (std::equal(chain.begin(), chain.end(), whole.begin(),
                   whole.begin() + static_cast<std::ptrdiff_t>(chain.size()),
                   [](const auto& a, const auto& b) { return a.digest == b.digest; }))
      provenance.step_of_layer.resize(std::max(chain.size(), provenance.step_of_layer.size()), step);
  }
}

void read_source(const Json& root, Provenance& provenance) {
  const Json* infos = find(root, {"runDetails", "metadata", "buildkit_metadata", "source", "infos"});
  const auto at = static_cast<std::size_t>(dockerfile_source(root));
  if (infos == nullptr || !infos->is_array() || at >= infos->size()) return;
  provenance.dockerfile_name = text_member((*infos)[at], "filename");
  provenance.dockerfile_text = base64_decode(text_member((*infos)[at], "data")).value_or("");
}

// Arguments of the frontend: "target", "build-arg:NAME", "context:NAME" or "context:NAME::PLATFORM".
void read_request(const Json& root, ProvenanceRequest& request) {
  const Json* arguments = find(root, {"buildDefinition", "externalParameters", "request", "args"});
  if (arguments == nullptr || !arguments->is_object()) return;
  constexpr std::string_view k_build_arg = "build-arg:";
  constexpr std::string_view k_context = "context:";
  for (const auto& [name, value] : arguments->items()) {
    if (!value.is_string()) continue;
    auto text = value.get<std::string>();
    if (name == "target" && !text.empty()) {
      request.target = std::move(text);
    } else if (name.starts_with(k_build_arg)) {
      request.build_args.emplace(name.substr(k_build_arg.size()), std::move(text));
    } else if (name.starts_with(k_context)) {
      const std::string context = name.substr(k_context.size());
      request.contexts.insert(context.substr(0, context.find("::")));
    }
  }
}

std::optional<WallTime> read_time(const Json& root, const char* name) {
  const Json* found = find(root, {"runDetails", "metadata", name});
  if (found == nullptr || !found->is_string()) return std::nullopt;
  const Result<WallTime> time = parse_rfc3339(found->get<std::string>());
  return time ? std::optional(*time) : std::nullopt;
}

}  // namespace

std::vector<std::optional<dockerfile::LineRange>> lines_of_layers(const Provenance& provenance,
                                                                  std::size_t layers) {
  std::vector<std::optional<dockerfile::LineRange>> lines(layers);
  if (provenance.step_of_layer.size() != layers) return lines;
  for (std::size_t i = 0; i < layers; ++i) {
    const auto step = provenance.steps.find(provenance.step_of_layer[i]);
    if (step != provenance.steps.end() && !step->second.lines.empty()) lines[i] = step->second.lines.front();
  }
  return lines;
}

std::map<std::string, std::string> fetched_sources(const Provenance& provenance) {
  std::map<std::string, std::string> found;
  for (const auto& [id, step] : provenance.steps) {
    if (step.source.starts_with("http://") || step.source.starts_with("https://"))
      found[redact_url_credentials(step.source)] = "";
  }
  std::set<std::string> unclear;
  for (const Material& material : provenance.materials) {
    const auto source = found.find(redact_url_credentials(material.uri));
    if (source == found.end() || source->second == material.digest) continue;
    if (!source->second.empty()) unclear.insert(source->first);
    source->second = material.digest;
  }
  for (const std::string& url : unclear) found[url].clear();
  std::erase_if(found, [](const auto& source) { return source.second.empty(); });
  return found;
}

Result<Provenance> parse_provenance(std::string_view text, std::string_view name) {
  BUILDLAB_ASSIGN(Json root, parse_json(text, name));
  if (const Json* predicate = find(root, {"predicate"})) root = Json(*predicate);
  const Json* config = find(root, {"buildDefinition", "internalParameters", "buildConfig"});
  if (config == nullptr) return wrong(name, "buildDefinition.internalParameters.buildConfig", "missing");
  const Json* mapping = find(*config, {"digestMapping"});
  if (mapping == nullptr || !mapping->is_object())
    return wrong(name, "buildConfig.digestMapping", "not an object");
  const Json* definition = find(*config, {"llbDefinition"});
  if (definition == nullptr || !definition->is_array())
    return wrong(name, "buildConfig.llbDefinition", "not an array");

  Provenance provenance;
  for (const Json& entry : *definition) {
    const Json* id = find(entry, {"id"});
    if (id == nullptr || !id->is_string())
      return wrong(name, "buildConfig.llbDefinition[].id", "not a string");
    ProvenanceStep step{.id = id->get<std::string>(), .inputs = {}, .lines = {}};
    if (const Json* inputs = find(entry, {"inputs"}); inputs != nullptr && inputs->is_array()) {
      for (const Json& input : *inputs) {
        if (input.is_string()) step.inputs.push_back(input.get<std::string>());
      }
    }
    read_operation(entry, step);
    provenance.steps.emplace(step.id, std::move(step));
  }
  for (const auto& [digest, step] : mapping->items()) {
    if (!step.is_string()) return wrong(name, "buildConfig.digestMapping[]", "not a string");
    provenance.step_of_vertex.emplace(digest, step.get<std::string>());
  }
  read_locations(root, provenance);
  read_materials(root, provenance);
  read_network(root, provenance);
  read_layers(root, provenance);
  read_source(root, provenance);
  read_request(root, provenance.request);
  provenance.started = read_time(root, "startedOn");
  provenance.finished = read_time(root, "finishedOn");
  return provenance;
}

}  // namespace buildlab::metrics
