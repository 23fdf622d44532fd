// OCI layouts and archives made of text, right and wrong ones. The tar writer is this file's own, so that it
// can lie.
#pragma once

#include <fmt/format.h>
#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "framework/base/digest.h"
#include "framework/base/file.h"
#include "framework/base/json.h"

namespace buildlab::image {

struct Member {
  std::string name;
  std::string content;
  char type = '0';        // ustar: '0' file, '1' hard link, '2' symbolic link, '5' folder
  std::string link = {};  // target of a link
  std::optional<std::size_t> declared_size = std::nullopt;  // in place of the content's
};

inline std::string tar_header(const Member& member) {
  std::array<char, 512> block{};
  const auto put = [&block](std::size_t at, const std::string& text) {
    text.copy(block.data() + at, text.size());
  };
  put(0, member.name.substr(0, 100));
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, fmt::format("{:011o}", member.declared_size.value_or(member.content.size())));
  put(136, "00000000000");
  put(148, "        ");
  block[156] = member.type;
  put(157, member.link);
  put(257, std::string("ustar\0"
                       "00",
                       8));
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  put(148, fmt::format("{:06o}", sum));
  block[154] = '\0';
  return {block.data(), block.size()};
}

inline std::string tar(const std::vector<Member>& members) {
  std::string text;
  for (const Member& member : members) {
    text += tar_header(member) + member.content;
    text.append((512 - member.content.size() % 512) % 512, '\0');
  }
  return text + std::string(1024, '\0');
}

// Blobs by their content; `descriptor` names the last one added.
class Layout {
 public:
  Json add(const std::string& content, const std::string& media_type) {
    const Digest digest = sha256(content);
    m_members.push_back({"blobs/sha256/" + digest.hex(), content});
    return {{"mediaType", media_type}, {"digest", digest.text()}, {"size", content.size()}};
  }

  // A manifest whose layers have these contents; returns its descriptor with the platform ("" leaves it out).
  Json add_image(const std::vector<std::string>& layers, const std::string& architecture = "amd64",
                 const std::string& declared_platform = "") {
    Json diff_ids = Json::array();
    Json descriptors = Json::array();
    for (const std::string& layer : layers) {
      diff_ids.push_back(sha256("uncompressed " + layer).text());
      descriptors.push_back(add(layer, "application/vnd.oci.image.layer.v1.tar+gzip"));
    }
    const Json config{{"os", "linux"},
                      {"architecture", architecture},
                      {"rootfs", {{"type", "layers"}, {"diff_ids", diff_ids}}}};
    return add_manifest(config, descriptors, declared_platform);
  }

  Json add_manifest(const Json& config, const Json& layers, const std::string& declared_platform) {
    const Json manifest{{"schemaVersion", 2},
                        {"config", add(to_line(config), "application/vnd.oci.image.config.v1+json")},
                        {"layers", layers}};
    Json descriptor = add(to_line(manifest), "application/vnd.oci.image.manifest.v1+json");
    if (!declared_platform.empty()) {
      const auto slash = declared_platform.find('/');
      descriptor["platform"] = {{"os", declared_platform.substr(0, slash)},
                                {"architecture", declared_platform.substr(slash + 1)}};
    }
    return descriptor;
  }

  Json add_index(const std::vector<Json>& manifests) {
    return add(to_line(index(manifests)), "application/vnd.oci.image.index.v1+json");
  }

  static Json index(const std::vector<Json>& manifests) {
    Json index{{"schemaVersion", 2}, {"manifests", Json::array()}};
    for (const Json& manifest : manifests) index["manifests"].push_back(manifest);
    return index;
  }

  // Everything in BuildKit's order: blobs first, then index.json and oci-layout.
  std::vector<Member> members(const std::vector<Json>& manifests) const {
    std::vector<Member> all{{"blobs/", "", '5'}, {"blobs/sha256/", "", '5'}};
    for (const Member& member : m_members) {
      bool known = false;
      for (const Member& other : all) known = known || other.name == member.name;
      if (!known) all.push_back(member);
    }
    all.push_back({"index.json", to_line(index(manifests))});
    all.push_back({"oci-layout", R"({"imageLayoutVersion":"1.0.0"})"});
    return all;
  }

 private:
  std::vector<Member> m_members;
};

}  // namespace buildlab::image
