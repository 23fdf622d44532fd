#include "framework/engine/build_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

namespace buildlab::engine {
namespace {

constexpr std::size_t k_tail = 64ULL << 10U;

Result<Fd> create_file(const std::filesystem::path& path) {
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
  if (fd.valid()) return fd;
  return fail(ErrorKind::infrastructure, fmt::format("making {}: {}", path.string(), std::strerror(errno)));
}

}  // namespace

Result<BuildOutput> BuildOutput::create(const std::filesystem::path& progress,
                                        const std::filesystem::path& messages, Redactor redactor) {
  BUILDLAB_ASSIGN(Fd progress_file, create_file(progress));
  BUILDLAB_ASSIGN(Fd messages_file, create_file(messages));
  return BuildOutput(std::move(progress_file), std::move(messages_file), std::move(redactor));
}

std::string_view BuildOutput::take(std::string_view line) {
  const bool progress = line.starts_with('{');
  m_line = progress ? m_redactor.line(line) : m_redactor.redactor().text(line);
  m_line += '\n';
  write(progress ? m_progress : m_messages, progress ? "the progress stream" : "the client's messages");
  if (progress) return std::string_view(m_line).substr(0, m_line.size() - 1);
  m_tail += m_line;
  if (m_tail.size() > k_tail) m_tail.erase(0, m_tail.size() - k_tail);
  return {};
}

std::string_view BuildOutput::finish() {
  m_line = m_redactor.rest();
  if (m_line.empty()) return {};
  m_line += '\n';
  write(m_progress, "the progress stream");
  return std::string_view(m_line).substr(0, m_line.size() - 1);
}

void BuildOutput::write(const Fd& fd, std::string_view what) {
  std::string_view rest = m_line;
  while (!rest.empty() && m_status) {
    const ssize_t written = ::write(fd.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      m_status = fail(ErrorKind::infrastructure, fmt::format("writing {}: {}", what, std::strerror(errno)),
                      {"make room on the disk that holds the store"});
      return;
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace buildlab::engine
