#include "framework/cache_keys/key_store_json.h"

#include <utility>

#include "framework/base/base64.h"
#include "framework/base/redact.h"

namespace buildlab::cache_keys {
namespace {

constexpr int k_version = 1;

// Names and attributes need not be UTF-8, and must come back byte for byte.
std::string decoded(const Json& text) {
  return base64_decode(text.get<std::string>()).value_or("");
}

Json tree_json(const Tree& tree) {
  Json json = Json::array();
  for (const auto& [path, file] : tree) {
    Json header = Json::array();
    for (const std::string& field : file.header) header.push_back(base64_encode(field));
    json.push_back(Json::array({base64_encode(path), file.digest, std::move(header)}));
  }
  return json;
}

Tree tree_from(const Json& json) {
  Tree tree;
  for (const Json& entry : json) {
    FileKey file{.digest = entry.at(1).get<std::string>()};
    for (const Json& field : entry.at(2)) file.header.push_back(decoded(field));
    tree.emplace(decoded(entry.at(0)), std::move(file));
  }
  return tree;
}

Json operation_json(const Operation& operation) {
  Json inputs = Json::array();
  for (const auto& [number, contents] : operation.inputs) {
    for (const auto& [digest, content] : contents) {
      Json trees = Json::array();
      for (const Tree& tree : content) trees.push_back(tree_json(tree));
      inputs.push_back({{"input", number}, {"files", digest}, {"trees", std::move(trees)}});
    }
  }
  return {{"preimage", base64_encode(redact_url_credentials(operation.preimage))},
          {"inputs", std::move(inputs)}};
}

Operation operation_from(const Json& json) {
  Operation operation{.preimage = decoded(json.at("preimage"))};
  for (const Json& input : json.at("inputs")) {
    Content content;
    for (const Json& tree : input.at("trees")) content.push_back(tree_from(tree));
    operation.inputs[input.at("input").get<int>()][input.at("files").get<std::string>()] = std::move(content);
  }
  return operation;
}

}  // namespace

Json to_json(const KeyStore& store) {
  Json operations = Json::object();
  for (const auto& [digest, operation] : store.operations) operations[digest] = operation_json(operation);
  return {{"schema_version", k_version},
          {"of_one_build", store.of_one_build},
          {"operations", std::move(operations)}};
}

std::optional<KeyStore> from_json(const Json& json) {
  try {
    if (json.at("schema_version").get<int>() != k_version) return std::nullopt;
    KeyStore store;
    store.of_one_build = json.at("of_one_build").get<bool>();
    for (const auto& [digest, operation] : json.at("operations").items())
      store.operations.emplace(digest, operation_from(operation));
    return store;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace buildlab::cache_keys
