// Layers and images made entry by entry, right and wrong ones. The writers are this file's own, so that they
// can lie and can differ in one bit only.
#pragma once

#include <fmt/format.h>
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/digest.h"
#include "framework/base/file.h"
#include "framework/base/json.h"

namespace buildlab::synthetic {

struct Entry {
  std::string path;
  std::string content = {};
  char type = '0';  // ustar: '0' file, '1' hard link, '2' symbolic link, '3' character device, '5' folder
  std::string link = {};  // target of a link
  unsigned mode = 0644;
  unsigned uid = 0;
  unsigned gid = 0;
  std::string uname = {};
  std::string gname = {};
  std::int64_t mtime = 1000;
  std::map<std::string, std::string> pax = {};
  unsigned device_major = 0;
  unsigned device_minor = 0;
  bool gnu = false;  // the format's magic
  std::string pax_name = "PaxHeaders/x";
  std::optional<std::uint64_t> claimed_size = std::nullopt;  // in place of the content's
};

inline std::string tar_block(const Entry& entry, char type, const std::string& name, std::uint64_t size) {
  std::array<char, 512> block{};
  const auto put = [&block](std::size_t at, const std::string& text) {
    text.copy(block.data() + at, text.size());
  };
  put(0, name.substr(0, 100));
  put(100, fmt::format("{:07o}", entry.mode));
  put(108, fmt::format("{:07o}", entry.uid));
  put(116, fmt::format("{:07o}", entry.gid));
  put(124, fmt::format("{:011o}", size));
  put(136, fmt::format("{:011o}", entry.mtime));
  put(148, "        ");
  block[156] = type;
  put(157, entry.link.substr(0, 100));
  put(257, entry.gnu ? std::string("ustar  \0", 8)
                     : std::string("ustar\0"
                                   "00",
                                   8));
  put(265, entry.uname);
  put(297, entry.gname);
  put(329, fmt::format("{:07o}", entry.device_major));
  put(337, fmt::format("{:07o}", entry.device_minor));
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  put(148, fmt::format("{:06o}", sum));
  block[154] = '\0';
  return {block.data(), block.size()};
}

inline std::string padded(std::string text) {
  text.append((512 - text.size() % 512) % 512, '\0');
  return text;
}

inline std::string pax_text(const std::map<std::string, std::string>& records) {
  std::string text;
  for (const auto& [key, value] : records) {
    const std::size_t rest = key.size() + value.size() + 3;
    std::size_t length = rest + 1;
    while (std::to_string(length).size() + rest != length) ++length;
    text += fmt::format("{} {}={}\n", length, key, value);
  }
  return text;
}

inline std::string tar_entry(const Entry& entry) {
  std::string text;
  if (!entry.pax.empty()) {
    const std::string records = pax_text(entry.pax);
    text += tar_block(entry, 'x', entry.pax_name, records.size()) + padded(records);
  }
  return text + tar_block(entry, entry.type, entry.path, entry.claimed_size.value_or(entry.content.size())) +
         padded(entry.content);
}

inline std::string tar_of(const std::vector<Entry>& entries) {
  std::string text;
  for (const Entry& entry : entries) text += tar_entry(entry);
  return text + std::string(1024, '\0');
}

// A gzip member of stored blocks (RFC 1951, 3.2.4; RFC 1952); `mtime` is its header's.
inline std::string gzip_of(const std::string& bytes, std::uint32_t mtime = 0) {
  const auto little = [](std::uint32_t value, int size) {
    std::string text;
    for (int i = 0; i < size; ++i) text += static_cast<char>(value >> (8U * static_cast<unsigned>(i)));
    return text;
  };
  std::string text("\x1f\x8b\x08\x00", 4);
  text += little(mtime, 4) + std::string("\x00\xff", 2);
  std::size_t at = 0;
  do {
    const std::size_t size = std::min<std::size_t>(65535, bytes.size() - at);
    text += at + size == bytes.size() ? '\1' : '\0';
    text += little(static_cast<std::uint32_t>(size), 2) + little(~static_cast<std::uint32_t>(size), 2);
    text += bytes.substr(at, size);
    at += size;
  } while (at < bytes.size());
  std::uint32_t crc = ~0U;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return text + little(~crc, 4) + little(static_cast<std::uint32_t>(bytes.size()), 4);
}

// An image in parts. Blobs can be replaced after writing, to be wrong.
struct ImageSpec {
  std::vector<std::string> tars;                  // uncompressed layers, the lowest first
  Json config = {{"Env", Json::array({"A=1"})}};  // the member "config"
  Json more = Json::object();                     // further members of the configuration
  std::string more_text = {};                     // the same as text: what no value can hold
  Json annotations = nullptr;                     // of the manifest
  bool gzip = true;
  std::uint32_t gzip_mtime = 0;
  std::string layer_type = {};                               // "" is the one that fits
  std::vector<std::optional<std::string>> diff_ids = {};     // in place of the true ones
  Json layer_annotations = nullptr;                          // of each layer
  std::function<std::string(const std::string&)> pack = {};  // in place of gzip_of; layer_type names it
};

using Files = std::map<std::string, std::string>;  // name -> bytes

inline Json config_of(const ImageSpec& spec) {
  Json diff_ids = Json::array();
  for (std::size_t i = 0; i < spec.tars.size(); ++i) {
    const bool claimed = i < spec.diff_ids.size() && spec.diff_ids[i];
    diff_ids.push_back(claimed ? *spec.diff_ids[i] : sha256(spec.tars[i]).text());
  }
  Json config{{"architecture", "amd64"},
              {"os", "linux"},
              {"config", spec.config},
              {"rootfs", {{"type", "layers"}, {"diff_ids", diff_ids}}}};
  for (const auto& [key, value] : spec.more.items()) config[key] = value;
  return config;
}

inline std::string config_text_of(const ImageSpec& spec) {
  std::string text = to_line(config_of(spec));
  if (!spec.more_text.empty()) text.insert(text.size() - 1, "," + spec.more_text);
  return text;
}

// The files of an OCI layout.
inline Files layout_of(const ImageSpec& spec) {
  Files files;
  const auto add = [&](const std::string& bytes, const std::string& type) {
    const Digest digest = sha256(bytes);
    files["blobs/sha256/" + digest.hex()] = bytes;
    return Json{{"mediaType", type}, {"digest", digest.text()}, {"size", bytes.size()}};
  };
  Json layers = Json::array();
  for (const std::string& tar : spec.tars) {
    const std::string type = spec.layer_type.empty() ? std::string("application/vnd.oci.image.layer.v1.tar") +
                                                           (spec.gzip ? "+gzip" : "")
                                                     : spec.layer_type;
    std::string packed = tar;
    if (spec.pack) {
      packed = spec.pack(tar);
    } else if (spec.gzip) {
      packed = gzip_of(tar, spec.gzip_mtime);
    }
    layers.push_back(add(packed, type));
    if (!spec.layer_annotations.is_null()) layers.back()["annotations"] = spec.layer_annotations;
  }
  Json manifest{{"schemaVersion", 2},
                {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                {"config", add(config_text_of(spec), "application/vnd.oci.image.config.v1+json")},
                {"layers", layers}};
  if (!spec.annotations.is_null()) manifest["annotations"] = spec.annotations;
  const Json index{
      {"schemaVersion", 2},
      {"manifests", Json::array({add(to_line(manifest), "application/vnd.oci.image.manifest.v1+json")})}};
  files["index.json"] = to_line(index);
  files["oci-layout"] = R"({"imageLayoutVersion":"1.0.0"})";
  return files;
}

// The files of an archive of `docker save` before it wrote OCI layouts.
inline Files docker_files_of(const ImageSpec& spec) {
  Files files;
  Json names = Json::array();
  for (const std::string& tar : spec.tars) {
    const std::string name = sha256(tar).hex() + "/layer.tar";
    files[name] = tar;
    names.push_back(name);
  }
  const std::string config = config_text_of(spec);
  const std::string config_name = sha256(config).hex() + ".json";
  files[config_name] = config;
  files["manifest.json"] = to_line(
      Json::array({{{"Config", config_name}, {"RepoTags", Json::array({"app:1"})}, {"Layers", names}}}));
  return files;
}

inline std::string archive_of(const Files& files) {
  std::vector<Entry> entries;
  for (const auto& [name, bytes] : files) entries.push_back({name, bytes});
  return tar_of(entries);
}

inline void write_image(const std::filesystem::path& folder, const ImageSpec& spec) {
  std::filesystem::create_directories(folder / "blobs" / "sha256");
  for (const auto& [name, bytes] : layout_of(spec)) (void)write_file_atomic(folder / name, bytes);
}

}  // namespace buildlab::synthetic
