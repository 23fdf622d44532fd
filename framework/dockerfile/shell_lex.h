// Private to the room: words and variables in instructions, as BuildKit's frontend/dockerfile/shell reads
// them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"

namespace buildlab::dockerfile {

enum class Marks { removed, kept };                   // quotes and escapes in the result
enum class UnsetVariable { empty, left_as_written };  // what a variable without a value becomes

struct LexOptions {
  char escape = '\\';
  Marks quotes = Marks::removed;
  Marks escapes = Marks::removed;
  UnsetVariable unset = UnsetVariable::empty;
};

struct Lexed {
  std::string text;                // one word, blanks kept
  std::vector<std::string> words;  // split at blanks outside of quotes
};

// The value of a variable, or nullopt when it is not set.
using Lookup = std::function<std::optional<std::string>(std::string_view)>;

// Errors (kind usage) tell the syntax error alone; the caller says where.
Result<Lexed> lex(std::string_view source, const LexOptions& options, const Lookup& lookup);

// Shell patterns of ${name#pattern}, ${name%pattern} and ${name/pattern/text}: '*', '?' and '\' escapes.
enum class End { front, back };
enum class Length { shortest, longest };
Result<std::string> strip_pattern(std::string_view value, std::string_view pattern, End end, Length length);
enum class Occurrences { first, all };
Result<std::string> replace_pattern(std::string_view value, std::string_view pattern,
                                    std::string_view replacement, Occurrences occurrences);

}  // namespace buildlab::dockerfile
