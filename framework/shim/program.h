// What kind of program a file is, from its first bytes. The bytes come from an image: nothing in them is
// trusted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace buildlab::shim {

enum class Linkage {
  glibc,    // loaded by ld-linux
  other,    // loaded by another loader (musl)
  fixed,    // static: nothing is loaded into it
  script,   // starts with #!
  unknown,  // no program that is known, or cut
};

struct Program {
  Linkage linkage = Linkage::unknown;
  std::string loader = {};    // of glibc and other: "/lib64/ld-linux-x86-64.so.2"; of script: its interpreter
  std::uint16_t machine = 0;  // ELF's e_machine

  friend bool operator==(const Program&, const Program&) = default;
};

// Enough of a file for describe_program(): headers and, in all that linkers make, the loader's name.
inline constexpr std::size_t k_program_head = 64U << 10U;

Program describe_program(std::string_view head);
// ELF's number of the machine that this was compiled for.
std::uint16_t own_machine();
// Why a library that the environment preloads is not in `program`, in words that begin with `name`; "" when
// nothing speaks against it.
std::string preload_obstacle(const Program& program, std::string_view name);

}  // namespace buildlab::shim
