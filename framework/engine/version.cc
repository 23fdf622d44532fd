#include "framework/engine/version.h"

#include <charconv>

#include "framework/base/text.h"

namespace buildlab::engine {

std::optional<std::array<int, 3>> version_numbers(std::string_view version) {
  if (version.starts_with('v')) version.remove_prefix(1);
  std::array<int, 3> numbers{};
  const char* at = version.data();
  const char* const end = version.data() + version.size();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto [next, code] = std::from_chars(at, end, numbers[i]);
    if (code != std::errc() || numbers[i] < 0) {
      if (i == 0) return std::nullopt;
      numbers[i] = 0;
      break;
    }
    at = next;
    if (at == end || *at != '.') break;
    ++at;
  }
  return numbers;
}

std::optional<std::string> version_in(std::string_view output) {
  std::size_t at = 0;
  while (at < output.size()) {
    const std::size_t begin = output.find_first_not_of(" \t\r\n", at);
    if (begin == std::string_view::npos) return std::nullopt;
    at = output.find_first_of(" \t\r\n", begin);
    if (at == std::string_view::npos) at = output.size();
    const std::string_view word = output.substr(begin, at - begin);
    if (word.find('.') != std::string_view::npos && word.find('/') == std::string_view::npos &&
        version_numbers(word)) {
      return std::string(word);
    }
  }
  return std::nullopt;
}

}  // namespace buildlab::engine
