#include "framework/engine/policy_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "framework/base/file.h"
#include "framework/engine/arguments.h"

namespace buildlab::engine {

Status write_policy(const BuildRequest& request, const std::filesystem::path& path) {
  if (!needs_policy(request)) return {};
  const std::string text = source_policy(request.pins, request.fetch_server);
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  for (std::string_view left = text; fd.valid() && !left.empty();) {
    const ssize_t written = ::write(fd.get(), left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    left.remove_prefix(static_cast<std::size_t>(written));
    if (left.empty()) return {};
  }
  return fail(ErrorKind::infrastructure, fmt::format("writing {}: {}", path.string(), std::strerror(errno)));
}

}  // namespace buildlab::engine
