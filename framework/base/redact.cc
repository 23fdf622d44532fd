#include "framework/base/redact.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string>

#include "framework/base/text.h"
#include "framework/base/through_url.h"

namespace buildlab {
namespace {

constexpr std::string_view k_mask = "***";

bool ends_url(char c) {
  constexpr std::string_view marks = "\"'\\<>`|";
  return static_cast<unsigned char>(c) <= ' ' || marks.find(c) != std::string_view::npos;
}

bool ends_authority(char c) {
  return c == '/' || c == '?' || c == '#' || ends_url(c);
}

bool is_scheme_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '.' || c == '-';
}

// Where an authority begins: behind "://", or in the path of a URL that leads through a server of the run's
// own (through_url.h).
struct Mark {
  std::size_t at = 0;
  std::size_t end = 0;
  bool web = false;
};

std::optional<Mark> first_mark(std::string_view text) {
  std::optional<Mark> first;
  if (const std::size_t at = text.find("://"); at != std::string_view::npos) {
    std::size_t scheme = at;
    while (scheme > 0 && is_scheme_character(text[scheme - 1])) --scheme;
    const bool web = to_lower(text.substr(scheme, at - scheme)).find("http") != std::string::npos;
    first = Mark{scheme, at + 3, web};
  }
  for (const std::string_view scheme : {"http/", "https/"}) {
    const std::string path = std::string(k_through_path).append(scheme);
    const std::size_t at = text.substr(0, first ? first->at : text.size()).find(path);
    if (at != std::string_view::npos) first = Mark{at, at + path.size(), true};
  }
  return first;
}

// The part of the text up to the first character for which `ends` holds, taken off it.
std::string_view take_until(std::string_view& text, bool (*ends)(char)) {
  const auto end = static_cast<std::size_t>(std::find_if(text.begin(), text.end(), ends) - text.begin());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end);
  return taken;
}

std::string redact_authority(std::string_view authority, bool web) {
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos || at == 0) return std::string(authority);
  const std::string_view host = authority.substr(at);
  if (web) return std::string(k_mask).append(host);
  const std::size_t colon = authority.substr(0, at).find(':');
  if (colon == std::string_view::npos) return std::string(authority);
  return std::string(authority.substr(0, colon + 1)).append(k_mask).append(host);
}

bool carries_secret(std::string_view field) {
  constexpr std::array<std::string_view, 9> words{"token",  "secret",     "password", "passwd",   "signature",
                                                  "apikey", "credential", "api_key",  "accesskey"};
  const std::string name = to_lower(field);
  return name == "sig" || name == "key" || name == "auth" ||
         std::any_of(words.begin(), words.end(),
                     [&name](std::string_view word) { return name.find(word) != std::string::npos; });
}

// "?a=1&token=x" -> "?a=1&token=***"; the path before it is left alone.
std::string redact_query(std::string_view rest) {
  const std::size_t question = rest.find('?');
  if (question == std::string_view::npos) return std::string(rest);
  std::string result(rest.substr(0, question));
  char separator = '?';
  for (const std::string_view field : split(rest.substr(question + 1), '&')) {
    result += separator;
    separator = '&';
    const std::size_t equals = field.find('=');
    if (equals == std::string_view::npos || equals + 1 == field.size() ||
        !carries_secret(field.substr(0, equals))) {
      result += field;
    } else {
      result.append(field.substr(0, equals + 1)).append(k_mask);
    }
  }
  return result;
}

}  // namespace

std::string redact_url_credentials(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (auto mark = first_mark(text); mark; mark = first_mark(text)) {
    result.append(text.substr(0, mark->end));
    text.remove_prefix(mark->end);
    result += redact_authority(take_until(text, ends_authority), mark->web);
    // A second URL may stand inside the first ("…?next=https://…"): only up to it is this one's.
    std::string_view rest = text;
    rest = take_until(rest, ends_url);
    if (const auto inner = first_mark(rest)) rest = rest.substr(0, inner->at);
    result += redact_query(rest);
    text.remove_prefix(rest.size());
  }
  return result.append(text);
}

}  // namespace buildlab
