#include "framework/causes/paths.h"

#include <algorithm>

#include "framework/base/text.h"

namespace buildlab::causes {

bool matches_path(std::string_view patterns, std::string_view path) {
  std::string rooted = "/" + std::string(path);
  // A member of an archive: "app.jar!META-INF/MANIFEST.MF".
  std::replace(rooted.begin(), rooted.end(), '!', '/');
  std::size_t at = 0;
  while (at < patterns.size()) {
    const std::size_t end = std::min(patterns.find(' ', at), patterns.size());
    const std::string_view pattern = patterns.substr(at, end - at);
    if (!pattern.empty() && matches_glob(pattern, rooted)) return true;
    at = end + 1;
  }
  return false;
}

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view parent_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

bool is_log(std::string_view path) {
  return matches_path("*.log *.log.? */var/log/* */_logs/* *.out */history", path);
}

}  // namespace buildlab::causes
