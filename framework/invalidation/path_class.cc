#include "framework/invalidation/path_class.h"

#include <fmt/format.h>

namespace buildlab::invalidation {

std::string path_class(std::string_view path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return std::string(path);
  const std::string_view folder = path.substr(0, slash);
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  // ".gitignore" has no extension, and neither has "name.".
  const bool has_extension = dot != std::string_view::npos && dot > 0 && dot + 1 < name.size();
  return has_extension ? fmt::format("{}/**/*{}", folder, name.substr(dot))
                       : fmt::format("{}/** without extension", folder);
}

}  // namespace buildlab::invalidation
