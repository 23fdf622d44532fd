// The files of an OCI layout, whether it is a folder or a tar archive: which there are, how large, and the
// content of small ones. Knows nothing of what they mean. Private to this room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "framework/base/bytes.h"
#include "framework/base/digest.h"
#include "framework/base/result.h"
#include "framework/image/source.h"

namespace buildlab::image {

inline constexpr const char* k_index_name = "index.json";
std::string blob_name(const Digest& digest);  // "blobs/sha256/<hex>"

// Brings a blob of a layout folder that is not there yet, so that only layers that are read are copied.
using FetchBlob = std::function<Status(const Digest& digest, Bytes size)>;

class Blobs {
 public:
  // Reads an archive's headers once, seeking over the content, so that its cost grows with the number of
  // entries and not with their size. Errors name the path: no such file, compressed or no tar, cut, an entry
  // twice, a link in place of a file, a name that leaves the layout, more than 100,000 entries.
  static Result<Blobs> open(const std::filesystem::path& path, FetchBlob fetch = {});

  // nullopt when there is no such file.
  Result<std::optional<Bytes>> size_of(const std::string& name) const;
  // The whole file; larger than `limit` is an error, decided before anything is read.
  Result<std::string> read(const std::string& name, Bytes limit) const;
  // Of the whole file, read in pieces, however large.
  Result<Digest> digest_of(const std::string& name) const;
  // The file's bytes from the first to the last.
  Result<Source> stream(const std::string& name) const;
  // Whether blobs may come later, and the one that is wanted now; nothing to do where it is there.
  bool fetches() const { return static_cast<bool>(m_fetch); }
  Status fetch(const Digest& digest, Bytes size) const;
  // The name behind a symbolic link of an archive, as docker's archives have them between layers; else
  // `name`.
  std::string resolve(const std::string& name) const;

  const std::filesystem::path& path() const { return m_path; }

 private:
  enum class Form { folder, archive };

  Blobs(std::filesystem::path path, Form form) : m_path(std::move(path)), m_form(form) {}

  std::filesystem::path m_path;
  Form m_form;
  FetchBlob m_fetch;
  struct Member {
    Bytes size;
    std::uint64_t offset = 0;  // of its content in the archive
  };
  Status scan(std::uint64_t file_size);

  std::map<std::string, Member> m_members;     // of an archive
  std::map<std::string, std::string> m_links;  // of an archive: name -> name, both from its top
};

}  // namespace buildlab::image
