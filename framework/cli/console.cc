#include "framework/cli/console.h"

#include <fmt/format.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <string>

#include "framework/base/environment.h"
#include "framework/report/characters.h"

namespace buildlab::cli {
namespace {

bool set_and_not(const char* name, std::string_view off) {
  const std::string value = environment(name);
  return !value.empty() && value != off;
}

bool colour_on(int fd, bool no_color) {
  if (no_color || set_and_not("NO_COLOR", "")) return false;
  if (set_and_not("CLICOLOR_FORCE", "0")) return true;
  return ::isatty(fd) == 1 && environment("TERM") != "dumb";
}

int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

bool colour_on_stdout(bool no_color) {
  return colour_on(STDOUT_FILENO, no_color);
}
bool colour_on_stderr(bool no_color) {
  return colour_on(STDERR_FILENO, no_color);
}
bool stderr_is_terminal() {
  return ::isatty(STDERR_FILENO) == 1;
}

Status write_stdout(std::string_view text) {
  const int code = write_all(STDOUT_FILENO, text);
  if (code == 0 || code == EPIPE) return {};
  return fail(ErrorKind::infrastructure, fmt::format("writing to standard output: {}", std::strerror(code)));
}

void write_stderr(std::string_view text) {
  (void)write_all(STDERR_FILENO, text);
}

void print_error(const Error& error) {
  std::string text = fmt::format("build-lab: {}\n", error.message);
  for (const std::string& line : error.details) text += fmt::format("  {}\n", line);
  // Messages quote names and texts from outside.
  write_stderr(report::printable(text));
}

}  // namespace buildlab::cli
