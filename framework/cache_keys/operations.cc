// Names are those of BuildKit's solver/pb/ops.proto as Go writes them.
#include "framework/cache_keys/operations.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/base64.h"

namespace buildlab::cache_keys {
namespace {

const Json& part_of(const Json& object, const char* name) {
  static const Json k_none;
  if (!object.is_object()) return k_none;
  const auto found = object.find(name);
  return found == object.end() ? k_none : *found;
}

int index_of(const Json& object, const char* name) {
  const Json& found = part_of(object, name);
  return found.is_number_integer() ? static_cast<int>(found.get<std::int64_t>()) : 0;
}

// The same value whatever the order of its members.
Json in_order(const Json& value) {
  if (value.is_array()) {
    Json result = Json::array();
    for (const Json& each : value) result.push_back(in_order(each));
    return result;
  }
  if (!value.is_object()) return value;
  std::map<std::string, Json> members;
  for (const auto& [name, each] : value.items()) members.emplace(name, in_order(each));
  Json result = Json::object();
  for (auto& [name, each] : members) result[name] = std::move(each);
  return result;
}

Json without(Json object, std::initializer_list<const char*> names) {
  if (!object.is_object()) return object;
  for (const char* name : names) object.erase(name);
  return object;
}

Json comparable_exec(const Json& exec) {
  Json hosts = Json::array();
  for (const Json& host : part_of(part_of(exec, "meta"), "extraHosts"))
    hosts.push_back(part_of(host, "Host"));
  // The one mount of a plain RUN is left out of its preimage.
  Json mounts = Json::array();
  for (const Json& mount : part_of(exec, "mounts")) {
    if (part_of(mount, "dest") != "/") mounts.push_back(part_of(mount, "dest"));
  }
  return in_order(Json::object({{"exec", without(exec, {"meta", "mounts"})},
                                {"meta", without(part_of(exec, "meta"), {"proxy_env", "extraHosts"})},
                                {"hosts", std::move(hosts)},
                                {"mounts", std::move(mounts)}}));
}

std::string last_name(const std::string& path) {
  const std::size_t end = path.find_last_not_of('/');
  if (end == std::string::npos) return path.empty() ? "." : "/";
  const std::size_t slash = path.rfind('/', end);
  const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
  return path.substr(begin, end + 1 - begin);
}

// Of provenance: {"Action": {"copy": {…}}, "input": 0, "secondaryInput": 1, "output": 0}.
Json comparable_action(const Json& action) {
  const Json& kinds = part_of(action, "Action");
  if (!kinds.is_object() || kinds.size() != 1) return {};
  Json what = kinds.front();
  const Json& second = part_of(action, "secondaryInput");
  const bool reads = !second.is_number_integer() || second.get<std::int64_t>() != -1;
  if (kinds.contains("copy") && what.is_object() && reads) what["src"] = last_name(text_member(what, "src"));
  return in_order(what);
}

Json comparable_file(const Json& file) {
  Json actions = Json::array();
  for (const Json& action : part_of(file, "actions")) actions.push_back(comparable_action(action));
  return Json::object({{"actions", std::move(actions)}});
}

// Of a preimage: each action is its JSON in Base64.
Json readable_actions(const Json& actions) {
  Json result = Json::array();
  for (const Json& action : actions) {
    const auto text = action.is_string() ? base64_decode(action.get<std::string>()) : std::nullopt;
    auto json = text ? parse_json(*text, "action") : Result<Json>(Json());
    result.push_back(json ? in_order(*json) : Json());
  }
  return result;
}

void add_path(StepInput& input, std::string path) {
  const auto at = std::lower_bound(input.paths.begin(), input.paths.end(), path);
  if (at == input.paths.end() || *at != path) input.paths.insert(at, std::move(path));
}

std::map<int, StepInput> inputs_of(const Json& op) {
  std::map<int, StepInput> inputs;
  for (const Json& action : part_of(part_of(op, "file"), "actions")) {
    const Json& copy = part_of(part_of(action, "Action"), "copy");
    if (const int second = index_of(action, "secondaryInput"); copy.is_object() && second >= 0)
      add_path(inputs[second], text_member(copy, "src"));
  }
  for (const Json& mount : part_of(part_of(op, "exec"), "mounts")) {
    if (const int input = index_of(mount, "input"); input >= 0)
      add_path(inputs[input], text_member(mount, "selector"));
  }
  return inputs;
}

// "step3:0" -> "step3".
std::string step_of(const Json& input) {
  const std::string text = input.is_string() ? input.get<std::string>() : "";
  return text.substr(0, text.find(':'));
}

Origin origin_of(std::string_view source) {
  if (source.starts_with("local://")) return Origin::context;
  return source.starts_with("docker-image://") || source.starts_with("oci-layout://") ? Origin::image
                                                                                      : Origin::address;
}

class Reader {
 public:
  explicit Reader(const Json& predicate)
      : m_definition(part_of(
            part_of(part_of(part_of(predicate, "buildDefinition"), "internalParameters"), "buildConfig"),
            "llbDefinition")),
        m_source(part_of(part_of(part_of(part_of(predicate, "runDetails"), "metadata"), "buildkit_metadata"),
                         "source")) {}

  bool has_definition() const { return m_definition.is_array(); }
  std::vector<StepOperation> read() const;

 private:
  std::vector<dockerfile::LineRange> lines_of(const std::string& id) const;

  const Json& m_definition;
  const Json& m_source;
};

std::vector<dockerfile::LineRange> Reader::lines_of(const std::string& id) const {
  std::vector<dockerfile::LineRange> lines;
  for (const Json& location : part_of(part_of(part_of(m_source, "locations"), id.c_str()), "locations")) {
    dockerfile::LineRange whole{0, 0};
    for (const Json& range : part_of(location, "ranges")) {
      const int first = index_of(part_of(range, "start"), "line");
      const int last = index_of(part_of(range, "end"), "line");
      if (first < 1 || last < first) continue;
      whole.first = whole.first == 0 ? first : std::min(whole.first, first);
      whole.last = std::max(whole.last, last);
    }
    if (whole.first > 0) lines.push_back(whole);
  }
  return lines;
}

std::vector<StepOperation> Reader::read() const {
  std::map<std::string, Origin> origins;
  for (const Json& entry : m_definition) {
    const Json& source = part_of(part_of(part_of(entry, "op"), "Op"), "source");
    if (source.is_object()) origins[text_member(entry, "id")] = origin_of(text_member(source, "identifier"));
  }
  std::vector<StepOperation> operations;
  for (const Json& entry : m_definition) {
    const Json& op = part_of(part_of(entry, "op"), "Op");
    StepOperation step{.lines = lines_of(text_member(entry, "id")), .operation = {}};
    if (const Json& exec = part_of(op, "exec"); exec.is_object()) step.operation = comparable_exec(exec);
    if (const Json& file = part_of(op, "file"); file.is_object()) step.operation = comparable_file(file);
    if (step.operation.is_null() || step.lines.empty()) continue;
    step.inputs = inputs_of(op);
    const Json& parents = part_of(entry, "inputs");
    for (auto& [number, input] : step.inputs) {
      const auto at = static_cast<std::size_t>(number);
      if (!parents.is_array() || at >= parents.size()) continue;
      const auto source = origins.find(step_of(parents[at]));
      if (source != origins.end()) input.origin = source->second;
    }
    operations.push_back(std::move(step));
  }
  return operations;
}

}  // namespace

Result<std::vector<StepOperation>> operations_of(std::string_view provenance, std::string_view name) {
  BUILDLAB_ASSIGN(const Json root, parse_json(provenance, name));
  const Json& wrapped = part_of(root, "predicate");
  const Reader reader(wrapped.is_object() ? wrapped : root);
  if (!reader.has_definition())
    return fail(ErrorKind::infrastructure, fmt::format("{}: has no definition of the build's steps", name));
  return reader.read();
}

Json readable(std::string_view preimage) {
  auto json = parse_json(preimage, "preimage");
  if (!json || !json->is_object()) return {};
  if (part_of(*json, "Actions").is_array()) (*json)["Actions"] = readable_actions((*json)["Actions"]);
  return in_order(*json);
}

Json comparable_of(const Json& readable_preimage) {
  if (const Json& exec = part_of(readable_preimage, "Exec"); exec.is_object()) return comparable_exec(exec);
  if (const Json& actions = part_of(readable_preimage, "Actions"); actions.is_array())
    return Json::object({{"actions", actions}});
  return {};
}

Json comparable(std::string_view preimage) {
  return comparable_of(readable(preimage));
}

}  // namespace buildlab::cache_keys
