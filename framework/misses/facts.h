// What decides the cache keys of one build's steps, as far as the Dockerfile, its arguments, its base images
// and its context tell. Values only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace buildlab::misses {

// One entry of a context. Times are not part of any key.
struct FileFacts {
  char type = 'f';           // 'f' file, 'd' folder, 'l' link, 's' pipe, socket, device
  std::uint32_t mode = 0;    // permission bits; 0 for links, whose mode says nothing
  std::string content = {};  // digest (hex) of a file's content or a link's target
  std::map<std::string, std::string> attributes = {};  // user.* name -> digest (hex) of its value

  friend bool operator==(const FileFacts&, const FileFacts&) = default;
};

// By path relative to the context; without what .dockerignore leaves out.
using Files = std::map<std::string, FileFacts, std::less<>>;

struct BuildFacts {
  std::string dockerfile_text;
  std::optional<std::string> target = {};
  std::map<std::string, std::string> build_args = {};
  std::string platform = {};  // "" is the host's
  std::optional<std::int64_t> source_date_epoch = {};
  std::map<std::string, std::string> bases = {};  // reference as written -> digest
  Files files = {};
  std::map<std::string, std::string> sources = {};  // what ADD was given: URL without credentials -> digest

  friend bool operator==(const BuildFacts&, const BuildFacts&) = default;
};

}  // namespace buildlab::misses
