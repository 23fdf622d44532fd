#include "framework/drift/documents.h"

#include <fmt/format.h>
#include <set>

#include "framework/base/exact_json.h"
#include "framework/base/moment.h"

namespace buildlab::drift {
namespace {

constexpr const char* k_absent = "(absent)";

std::string value_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : to_exact_line(value);
}

std::string member_text(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  return found == object.end() ? k_absent : value_text(*found);
}

// With quotes, so that no text is taken for another value or for none.
std::string exact_member(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  return found == object.end() ? k_absent : to_exact_line(*found);
}

// A member that another of its name follows is one of its own.
std::string shown_key(const std::string& key) {
  const std::size_t again = key.find(k_named_again);
  if (again == std::string::npos) return key;
  return fmt::format("{} (named again, {})", plain_key(key), key.substr(again + 1));
}

bool is_named_again(const std::string& key) {
  return key.find(k_named_again) != std::string::npos;
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

// Whether what is compared member by member has members in both; absent and null have none.
bool is_plain(const Json& a, const Json& b, const std::string& key) {
  const auto fits = [&](const Json& object) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) return true;
    return key == "history" ? found->is_array() : found->is_object();
  };
  return (key != "rootfs" && key != "history" && key != "config" && key != "Labels") || (fits(a) && fits(b));
}

class Documents {
 public:
  void add(Attribute attribute, const std::string& key, std::string a, std::string b, bool representation,
           std::size_t layer = 0) {
    if (a == b) return;
    Difference found;
    found.layer = layer;
    found.layer_b = layer;
    found.attribute = attribute;
    found.key = shown_key(key);
    found.a = std::move(a);
    found.b = std::move(b);
    found.representation = representation;
    m_found.push_back(std::move(found));
  }

  // The member of both objects; `name` shows it under another name.
  void add_member(Attribute attribute, const std::string& key, const Json& a, const Json& b,
                  bool representation, std::size_t layer = 0, const std::string& name = "") {
    const std::string exact_a = exact_member(a, key);
    const std::string exact_b = exact_member(b, key);
    if (exact_a == exact_b) return;
    const std::string text_a = member_text(a, key);
    const std::string text_b = member_text(b, key);
    const bool shown_alike = text_a == text_b;  // 1 and "1"
    add(attribute, name.empty() ? key : name, shown_alike ? exact_a : text_a, shown_alike ? exact_b : text_b,
        representation, layer);
  }

  void add_annotations(const Json& a, const Json& b, std::size_t layer) {
    const Json in_a = object_member(a, "annotations");
    const Json in_b = object_member(b, "annotations");
    for (const std::string& key : keys_of(in_a, in_b)) {
      add_member(Attribute::annotation, key, in_a, in_b, !is_named_again(key), layer);
    }
  }

  void add_manifests(const Json& a, const Json& b) {
    add_annotations(a, b, 0);
    for (const std::string& key : keys_of(a, b)) {
      if (key == "config" || key == "layers" || key == "annotations" || key == "schemaVersion") continue;
      const bool type = key == "mediaType";
      add_member(type ? Attribute::mediatype : Attribute::annotation, key, a, b, !is_named_again(key), 0,
                 type ? "manifest" : "");
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
      // As a whole where either is of another kind than it should be.
      if (!is_plain(a, b, key)) {
        add_member(Attribute::config, key, a, b, false);
      } else if (key == "rootfs") {
        add_rootfs(object_member(a, "rootfs"), object_member(b, "rootfs"));
      } else if (key == "history") {
        add_history(list_member(a, "history"), list_member(b, "history"), same_layers);
      } else if (key == "config") {
        add_members(object_member(a, "config"), object_member(b, "config"));
      } else {
        const bool moved =
            key != "created" || !is_same_moment(text_member(a, "created"), text_member(b, "created"));
        add_member(Attribute::config, key, a, b, !moved);
      }
    }
  }

  std::vector<Difference> take() && { return std::move(m_found); }

 private:
  // The DiffIDs themselves are compared with the layers.
  void add_rootfs(const Json& a, const Json& b) {
    for (const std::string& key : keys_of(a, b)) {
      if (key == "diff_ids") continue;
      add_member(Attribute::config, key, a, b, key == "type", 0, "rootfs." + key);
    }
  }

  void add_members(const Json& a, const Json& b) {
    for (const std::string& key : keys_of(a, b)) {
      if (key != "Labels" || !is_plain(a, b, key)) {
        add_member(Attribute::config, key, a, b, false);
        continue;
      }
      const Json labels_a = object_member(a, "Labels");
      const Json labels_b = object_member(b, "Labels");
      for (const std::string& label : keys_of(labels_a, labels_b)) {
        add_member(Attribute::config, label, labels_a, labels_b, false, 0, "Labels." + label);
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
        add_member(Attribute::history, key, a[i], b[i], !same_layers, 0, fmt::format("{}.{}", i + 1, key));
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
