// Private to the room: one logical line -> one instruction, without its heredocs' bodies.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"
#include "framework/dockerfile/dockerfile.h"
#include "framework/dockerfile/lines.h"

namespace buildlab::dockerfile {

struct HeredocMark {
  std::string terminator;
  bool strip_tabs = false;  // <<-
};

// Errors (kind usage) tell what is wrong alone; the caller says where.
Result<Instruction> parse_instruction(const LogicalLine& line, char escape);

// The heredocs whose bodies follow the instruction's line.
Result<std::vector<HeredocMark>> heredocs_of(const Instruction& instruction, const LogicalLine& line,
                                             char escape);

// What ONBUILD has been given to do later; nullopt for other instructions and for an ONBUILD without
// arguments.
std::optional<Instruction> triggered_by(const Instruction& instruction, char escape);

}  // namespace buildlab::dockerfile
