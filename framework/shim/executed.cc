#include "framework/shim/executed.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace buildlab::shim {
namespace {

tl::unexpected<Error> system_failure(const char* call) {
  return fail(ErrorKind::infrastructure, fmt::format("{}: {}", call, std::strerror(errno)));
}

std::string head_of(const Fd& file) {
  std::string head(k_program_head, '\0');
  std::size_t have = 0;
  while (have < head.size()) {
    const ssize_t got = ::pread(file.get(), head.data() + have, head.size() - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  head.resize(have);
  return head;
}

}  // namespace

Result<ExecutedPrograms> ExecutedPrograms::watch(const std::filesystem::path& folder, const Root& root) {
  Fd events(
      ::fanotify_init(FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!events.valid()) return system_failure("fanotify_init");
  if (::fanotify_mark(events.get(), FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN_EXEC, AT_FDCWD,
                      folder.c_str()) != 0)
    return system_failure("fanotify_mark");
  struct statfs info {};
  if (::statfs(folder.c_str(), &info) != 0) return system_failure("statfs");
  return ExecutedPrograms(std::move(events), root, info.f_type != OVERLAYFS_SUPER_MAGIC);
}

void ExecutedPrograms::note(const Fd& file) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return;
  const FileIdentity identity{info.st_dev, info.st_ino};
  if (m_programs.contains(identity)) return;
  std::error_code code;
  const std::string path =
      std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", file.get()), code).string();
  if (code || (m_shared && m_root.identity(path) != identity)) return;
  Program program = describe_program(head_of(file));
  if (!program.loader.empty() && program.linkage != Linkage::script) {
    if (const auto loader = m_root.identity(program.loader)) m_loaders.insert(*loader);
  }
  m_programs.emplace(identity, std::pair{path, std::move(program)});
}

Status ExecutedPrograms::take() {
  alignas(fanotify_event_metadata) std::array<char, 64U << 10U> buffer{};
  while (true) {
    const ssize_t got = ::read(m_events.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return {};
    if (got < 0) return system_failure("reading fanotify's events");
    std::size_t at = 0;
    while (at + sizeof(fanotify_event_metadata) <= static_cast<std::size_t>(got)) {
      fanotify_event_metadata event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const Fd file(event.fd);
      if (file.valid()) note(file);
      if (event.event_len < sizeof event) break;
      at += event.event_len;
    }
  }
}

std::optional<std::string> ExecutedPrograms::unreached() const {
  for (const auto& [identity, found] : m_programs) {
    const auto& [path, program] = found;
    if (program.linkage == Linkage::script || m_loaders.contains(identity)) continue;
    if (std::string obstacle = preload_obstacle(program, path); !obstacle.empty()) return obstacle;
  }
  return std::nullopt;
}

}  // namespace buildlab::shim
