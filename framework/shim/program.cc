#include "framework/shim/program.h"

#include <elf.h>
#include <fmt/format.h>
#include <cstring>

#include "framework/base/text.h"

namespace buildlab::shim {
namespace {

template <typename T>
std::optional<T> read_at(std::string_view bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

// nullopt: cut or broken; an empty text: it names none.
template <typename Header, typename Segment>
std::optional<std::string> loader_of(std::string_view head, std::uint16_t& machine) {
  const auto header = read_at<Header>(head, 0);
  if (!header || header->e_phentsize != sizeof(Segment)) return std::nullopt;
  machine = header->e_machine;
  // PN_XNUM and beyond is no program that a linker makes.
  if (header->e_phnum == 0 || header->e_phnum >= 1024) return std::nullopt;
  for (std::uint64_t i = 0; i < header->e_phnum; ++i) {
    const auto segment = read_at<Segment>(head, header->e_phoff + i * sizeof(Segment));
    if (!segment) return std::nullopt;
    if (segment->p_type != PT_INTERP) continue;
    const std::uint64_t offset = segment->p_offset;
    const std::uint64_t size = segment->p_filesz;
    if (size == 0 || size > 4096 || offset > head.size() || head.size() - offset < size) return std::nullopt;
    const std::string_view name = head.substr(offset, size);
    return std::string(name.substr(0, name.find('\0')));
  }
  return "";
}

std::string script_interpreter(std::string_view head) {
  std::string_view line =
      trim(head.substr(2, head.find('\n') == std::string_view::npos ? 256 : head.find('\n') - 2));
  return std::string(line.substr(0, std::min<std::size_t>(line.find_first_of(" \t"), 256)));
}

}  // namespace

Program describe_program(std::string_view head) {
  if (head.starts_with("#!")) return {Linkage::script, script_interpreter(head)};
  if (head.size() < EI_NIDENT || !head.starts_with(std::string_view(ELFMAG, SELFMAG))) return {};
  // Fields are read as they lie in memory; a program of the other byte order is one of another machine.
  constexpr char native_order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
  if (head[EI_DATA] != native_order) return {};
  Program program;
  std::optional<std::string> loader;
  if (head[EI_CLASS] == ELFCLASS64) loader = loader_of<Elf64_Ehdr, Elf64_Phdr>(head, program.machine);
  if (head[EI_CLASS] == ELFCLASS32) loader = loader_of<Elf32_Ehdr, Elf32_Phdr>(head, program.machine);
  if (!loader) return program;
  if (loader->empty()) {
    program.linkage = Linkage::fixed;
    return program;
  }
  const std::string_view name = std::string_view(*loader).substr(loader->rfind('/') + 1);
  const bool is_glibc = name.starts_with("ld-linux") || name.starts_with("ld64.so") || name == "ld.so.1";
  program.linkage = is_glibc ? Linkage::glibc : Linkage::other;
  program.loader = std::move(*loader);
  return program;
}

std::uint16_t own_machine() {
#if defined(__x86_64__)
  return EM_X86_64;
#elif defined(__aarch64__)
  return EM_AARCH64;
#elif defined(__riscv)
  return EM_RISCV;
#elif defined(__powerpc64__)
  return EM_PPC64;
#elif defined(__s390x__)
  return EM_S390;
#else
  return EM_NONE;
#endif
}

std::string preload_obstacle(const Program& program, std::string_view name) {
  const std::string shown = one_line(name, 60);
  switch (program.linkage) {
    case Linkage::glibc:
      break;
    case Linkage::other:
      return fmt::format("{} is loaded by {}, and libfaketime needs glibc", shown,
                         one_line(program.loader, 60));
    case Linkage::fixed:
      return fmt::format("{} is a static program, into which libfaketime cannot be loaded", shown);
    case Linkage::script:
    case Linkage::unknown:
      return fmt::format("it is not known how {} is loaded", shown);
  }
  if (program.machine != own_machine()) return fmt::format("{} is a program for another processor", shown);
  return "";
}

}  // namespace buildlab::shim
