#include "framework/drift/documents.h"

#include <fmt/format.h>
#include <set>

#include "framework/base/json.h"

namespace buildlab::drift {
namespace {

constexpr const char* k_absent = "(absent)";

std::string value_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : to_line(value);
}

std::string member_text(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  return found == object.end() ? k_absent : value_text(*found);
}

std::set<std::string> keys_of(const Json& a, const Json& b) {
  std::set<std::string> keys;
  for (const auto& [key, value] : a.items()) keys.insert(key);
  for (const auto& [key, value] : b.items()) keys.insert(key);
  return keys;
}

Json object_member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? *found : Json::object();
}

Json list_member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : Json::array();
}

class Documents {
 public:
  void add(Attribute attribute, std::string key, std::string a, std::string b, bool representation,
           std::size_t layer = 0) {
    if (a == b) return;
    Difference found;
    found.layer = layer;
    found.layer_b = layer;
    found.attribute = attribute;
    found.key = std::move(key);
    found.a = std::move(a);
    found.b = std::move(b);
    found.representation = representation;
    m_found.push_back(std::move(found));
  }

  void add_annotations(const Json& a, const Json& b, std::size_t layer) {
    const Json in_a = object_member(a, "annotations");
    const Json in_b = object_member(b, "annotations");
    for (const std::string& key : keys_of(in_a, in_b)) {
      add(Attribute::annotation, key, member_text(in_a, key), member_text(in_b, key), true, layer);
    }
  }

  void add_manifests(const Json& a, const Json& b) {
    add_annotations(a, b, 0);
    for (const std::string& key : keys_of(a, b)) {
      if (key == "config" || key == "layers" || key == "annotations" || key == "schemaVersion") continue;
      const bool type = key == "mediaType";
      add(type ? Attribute::mediatype : Attribute::annotation, type ? "manifest" : key, member_text(a, key),
          member_text(b, key), true);
    }
    add(Attribute::mediatype, "config", text_member(object_member(a, "config"), "mediaType"),
        text_member(object_member(b, "config"), "mediaType"), true);
    const Json layers_a = list_member(a, "layers");
    const Json layers_b = list_member(b, "layers");
    for (std::size_t i = 0; i < layers_a.size() && i < layers_b.size(); ++i) {
      if (!layers_a[i].is_object() || !layers_b[i].is_object()) continue;
      if (layers_a.size() == layers_b.size()) {
        add(Attribute::mediatype, "layer", text_member(layers_a[i], "mediaType"),
            text_member(layers_b[i], "mediaType"), true, i + 1);
        add_annotations(layers_a[i], layers_b[i], i + 1);
      }
    }
  }

  void add_configs(const Json& a, const Json& b, bool same_layers) {
    for (const std::string& key : keys_of(a, b)) {
      if (key == "rootfs") {
        add(Attribute::config, "rootfs.type", text_member(object_member(a, "rootfs"), "type"),
            text_member(object_member(b, "rootfs"), "type"), true);
      } else if (key == "history") {
        add_history(list_member(a, "history"), list_member(b, "history"), same_layers);
      } else if (key == "config") {
        add_members(object_member(a, "config"), object_member(b, "config"));
      } else {
        add(Attribute::config, key, member_text(a, key), member_text(b, key), false);
      }
    }
  }

  std::vector<Difference> take() && { return std::move(m_found); }

 private:
  void add_members(const Json& a, const Json& b) {
    for (const std::string& key : keys_of(a, b)) {
      if (key != "Labels") {
        add(Attribute::config, key, member_text(a, key), member_text(b, key), false);
        continue;
      }
      const Json labels_a = object_member(a, "Labels");
      const Json labels_b = object_member(b, "Labels");
      for (const std::string& label : keys_of(labels_a, labels_b)) {
        add(Attribute::config, "Labels." + label, member_text(labels_a, label), member_text(labels_b, label),
            false);
      }
    }
  }

  void add_history(const Json& a, const Json& b, bool same_layers) {
    if (a.size() != b.size()) {
      add(Attribute::history, "", fmt::format("{} entries", a.size()), fmt::format("{} entries", b.size()),
          !same_layers);
      return;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!a[i].is_object() || !b[i].is_object()) {
        add(Attribute::history, fmt::format("{}", i + 1), value_text(a[i]), value_text(b[i]), !same_layers);
        continue;
      }
      for (const std::string& key : keys_of(a[i], b[i])) {
        add(Attribute::history, fmt::format("{}.{}", i + 1, key), member_text(a[i], key),
            member_text(b[i], key), !same_layers);
      }
    }
  }

  std::vector<Difference> m_found;
};

}  // namespace

std::vector<Difference> differences_of_documents(const image::ImageFile& a, const image::ImageFile& b,
                                                 bool same_layers) {
  Documents documents;
  if (a.has_manifest() && b.has_manifest()) {
    documents.add_manifests(a.manifest(), b.manifest());
  } else if (a.has_manifest() != b.has_manifest()) {
    documents.add(Attribute::mediatype, "archive", a.has_manifest() ? "OCI" : "docker save",
                  b.has_manifest() ? "OCI" : "docker save", true);
  }
  documents.add_configs(a.config(), b.config(), same_layers);
  return std::move(documents).take();
}

}  // namespace buildlab::drift
