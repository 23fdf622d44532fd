#include "framework/shim/program.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <cstring>
#include <fstream>
#include <iterator>

namespace buildlab::shim {
namespace {

// A program of two segments, the second of which names `loader` (none when empty).
std::string elf(const std::string& loader) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
  header.e_machine = own_machine();
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 2;
  Elf64_Phdr segments[2]{};
  segments[0].p_type = PT_LOAD;
  segments[1].p_type = loader.empty() ? PT_LOAD : PT_INTERP;
  segments[1].p_offset = sizeof header + sizeof segments;
  segments[1].p_filesz = loader.size() + 1;
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes.append(reinterpret_cast<const char*>(segments), sizeof segments);
  return bytes + loader + '\0' + "code";
}

TEST(Program, IsToldByItsLoader) {
  EXPECT_EQ(describe_program(elf("/lib64/ld-linux-x86-64.so.2")),
            (Program{Linkage::glibc, "/lib64/ld-linux-x86-64.so.2", own_machine()}));
  EXPECT_EQ(describe_program(elf("/lib/ld-musl-x86_64.so.1")),
            (Program{Linkage::other, "/lib/ld-musl-x86_64.so.1", own_machine()}));
  EXPECT_EQ(describe_program(elf("")), (Program{Linkage::fixed, "", own_machine()}));
}

TEST(Program, OfAScriptIsItsInterpreter) {
  EXPECT_EQ(describe_program("#!/bin/sh\nexit\n"), (Program{Linkage::script, "/bin/sh"}));
  EXPECT_EQ(describe_program("#! /usr/bin/env python3\n"), (Program{Linkage::script, "/usr/bin/env"}));
  EXPECT_EQ(describe_program("#!/bin/sh"), (Program{Linkage::script, "/bin/sh"}));
  EXPECT_EQ(describe_program("#!"), (Program{Linkage::script, ""}));
}

TEST(Program, WhateverIsCutOrLiesIsUnknown) {
  const std::string whole = elf("/lib64/ld-linux-x86-64.so.2");
  const std::size_t needed = whole.size() - std::string_view("code").size();
  for (std::size_t size = 0; size < needed; ++size)
    EXPECT_EQ(describe_program(std::string_view(whole).substr(0, size)).linkage, Linkage::unknown) << size;
  for (const std::size_t field : {offsetof(Elf64_Ehdr, e_phoff), offsetof(Elf64_Ehdr, e_phentsize)}) {
    std::string lying = whole;
    std::memset(lying.data() + field, 0xff, 2);
    std::memset(lying.data() + offsetof(Elf64_Ehdr, e_phoff), 0xff, 8);
    EXPECT_EQ(describe_program(lying).linkage, Linkage::unknown);
  }
  std::string lying = whole;
  const std::size_t size_at = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + offsetof(Elf64_Phdr, p_filesz);
  std::memset(lying.data() + size_at, 0xff, 8);
  EXPECT_EQ(describe_program(lying).linkage, Linkage::unknown);
}

TEST(Program, ThisOneIsLoadedByGlibcOrKnowsBetter) {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const Program program = describe_program(std::string_view(bytes).substr(0, k_program_head));
  EXPECT_EQ(program.machine, own_machine());
#ifdef __GLIBC__
  EXPECT_NE(program.linkage, Linkage::other);
#endif
  EXPECT_NE(program.linkage, Linkage::unknown);
}

}  // namespace
}  // namespace buildlab::shim
