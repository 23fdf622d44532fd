// Colour where it carries meaning; the caller knows whether the reader wants it.
#pragma once

#include <string>
#include <string_view>

namespace buildlab::report {

enum class Tone { good, bad, doubtful, quiet };

// The text within the escape sequences of its tone, or as it is.
inline std::string paint(std::string_view text, Tone tone, bool colour) {
  if (!colour || text.empty()) return std::string(text);
  std::string_view code;
  switch (tone) {
    case Tone::good:
      code = "\x1b[32m";
      break;
    case Tone::bad:
      code = "\x1b[31m";
      break;
    case Tone::doubtful:
      code = "\x1b[33m";
      break;
    case Tone::quiet:
      code = "\x1b[2m";
      break;
  }
  return std::string(code).append(text).append("\x1b[0m");
}

}  // namespace buildlab::report
