#include "framework/shim/rootfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include "framework/base/text.h"

namespace buildlab::shim {
namespace {

// A libc.so.6 has about 2 MiB.
constexpr Bytes k_library_limit{32U << 20U};
constexpr std::size_t k_names_limit = 10'000;
// A pipe or terminal in an image must not make anybody wait.
constexpr int k_to_read = O_RDONLY | O_NONBLOCK | O_NOCTTY;

std::string variable(const std::vector<std::string>& variables, std::string_view name) {
  for (const std::string& entry : variables) {
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=')
      return entry.substr(name.size() + 1);
  }
  return "";
}

// Where execvp() would find it; as given when nowhere.
std::string find_program(const Root& root, const std::string& name, const std::vector<std::string>& variables,
                         const std::string& working_folder) {
  if (name.starts_with("/")) return name;
  if (name.find('/') != std::string::npos) return working_folder + "/" + name;
  std::string path = variable(variables, "PATH");
  if (path.empty()) path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  for (const std::string_view folder : split(path, ':')) {
    std::string candidate = fmt::format("{}/{}", folder, name);
    if (root.has(candidate)) return candidate;
  }
  return name;
}

// Behind a chain of #! lines; Linux follows four.
Program program_at(const Root& root, std::string path, const std::vector<std::string>& variables,
                   const std::string& working_folder) {
  Program program;
  for (int i = 0; i < 5; ++i) {
    const auto head = root.head(path, Bytes{k_program_head});
    if (!head) return {};
    program = describe_program(*head);
    if (program.linkage != Linkage::script) return program;
    path = find_program(root, program.loader, variables, working_folder);
  }
  return program;
}

std::string libc_folder(const Root& root, const std::string& loader) {
  const std::string beside = loader.substr(0, loader.rfind('/') == std::string::npos ? 0 : loader.rfind('/'));
  std::vector<std::string> folders{beside};
  for (const char* top : {"/lib", "/usr/lib"}) {
    for (const char* triple : {"x86_64-linux-gnu", "aarch64-linux-gnu", "riscv64-linux-gnu",
                               "powerpc64le-linux-gnu", "s390x-linux-gnu"}) {
      folders.push_back(fmt::format("{}/{}", top, triple));
    }
    folders.push_back(fmt::format("{}64", top));
    folders.emplace_back(top);
  }
  const auto found = std::find_if(folders.begin(), folders.end(), [&](const std::string& folder) {
    return !folder.empty() && root.has(folder + "/libc.so.6");
  });
  return found == folders.end() ? "" : *found;
}

}  // namespace

Result<Root> Root::open(const std::filesystem::path& path) {
  Fd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid())
    return fail(ErrorKind::infrastructure,
                fmt::format("opening {}: {}", path.string(), std::strerror(errno)));
  return Root(std::move(fd));
}

Fd Root::open_inside(const std::string& path, int flags) const {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return Fd(static_cast<int>(::syscall(SYS_openat2, m_fd.get(), path.c_str(), &how, sizeof how)));
}

std::optional<std::string> Root::head(const std::string& path, Bytes limit) const {
  const Fd fd = open_inside(path, k_to_read);
  struct stat info {};
  if (!fd.valid() || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  std::string bytes(std::min(limit.count, static_cast<std::uint64_t>(info.st_size)), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = ::read(fd.get(), bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

bool Root::has(const std::string& path) const {
  const Fd fd = open_inside(path, k_to_read);
  struct stat info {};
  return fd.valid() && ::fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode);
}

std::optional<FileIdentity> Root::identity(const std::string& path) const {
  const Fd fd = open_inside(path, O_PATH);
  struct stat info {};
  if (!fd.valid() || ::fstat(fd.get(), &info) != 0) return std::nullopt;
  return FileIdentity{info.st_dev, info.st_ino};
}

std::filesystem::path Root::on_host(const std::string& path) const {
  const Fd fd = open_inside(path, k_to_read);
  struct stat info {};
  if (!fd.valid() || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  std::error_code code;
  return std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", fd.get()), code);
}

std::vector<std::string> Root::names(const std::string& path) const {
  std::vector<std::string> names;
  Fd fd = open_inside(path, k_to_read | O_DIRECTORY);
  if (!fd.valid()) return names;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::fdopendir(fd.release()), ::closedir);
  if (!folder) return names;
  while (const dirent* entry = ::readdir(folder.get())) {
    if (names.size() >= k_names_limit) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string to_string(const GlibcVersion& version) {
  return fmt::format("{}.{}", version.major, version.minor);
}

std::optional<GlibcVersion> newest_glibc(std::string_view bytes) {
  constexpr std::string_view label = "GLIBC_";
  std::optional<GlibcVersion> newest;
  for (std::size_t at = bytes.find(label); at != std::string_view::npos; at = bytes.find(label, at + 1)) {
    const char* const end = bytes.data() + bytes.size();
    GlibcVersion version;
    const auto major = std::from_chars(bytes.data() + at + label.size(), end, version.major);
    if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') continue;
    if (std::from_chars(major.ptr + 1, end, version.minor).ec != std::errc()) continue;
    if (!newest || *newest < version) newest = version;
  }
  return newest;
}

Facts look_at(const Root& root, const std::vector<std::string>& arguments,
              const std::vector<std::string>& variables, const std::string& working_folder) {
  Facts facts;
  if (!arguments.empty()) {
    facts.program_name = arguments.front();
    const std::string path = find_program(root, arguments.front(), variables, working_folder);
    facts.program = program_at(root, path, variables, working_folder);
  }
  const std::string folder =
      libc_folder(root, facts.program.linkage == Linkage::glibc ? facts.program.loader : "");
  if (!folder.empty()) {
    if (const auto libc = root.head(folder + "/libc.so.6", k_library_limit))
      facts.glibc = newest_glibc(*libc);
    facts.has_libm = root.has(folder + "/libm.so.6");
  }
  for (std::string& name : root.names("/usr/lib/locale")) {
    if (name != "locale-archive") facts.locales.push_back(std::move(name));
  }
  facts.has_zones = root.has(std::string("/usr/share/zoneinfo/") + k_far_zone);
  return facts;
}

}  // namespace buildlab::shim
