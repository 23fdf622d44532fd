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

// The marks of one text, from its front to its end. Each kind is looked for on from where it was found last,
// so that any number of them costs one way through the text.
class Marks {
 public:
  explicit Marks(std::string_view text) : m_text(text) {}

  // The first one at or behind `begin`, which never goes back; what stands before it is no part of a scheme.
  std::optional<Mark> first(std::size_t begin);
  // Where the URL ends that `begin` is in.
  std::size_t url_end(std::size_t begin);

 private:
  struct Next {
    std::size_t at = 0;
    bool looked = false;
  };
  void look_for_scheme(std::size_t begin);
  std::size_t next(Next& last, std::string_view what, std::size_t begin) const;

  std::string_view m_text;
  Next m_separator;
  std::size_t m_scheme = 0;               // of that separator: where it begins
  std::optional<std::size_t> m_web = {};  // and the last "http" in it
  std::array<Next, 2> m_paths = {};       // of k_web_paths
  std::optional<std::size_t> m_url_end = {};
};

const std::array<std::string, 2> k_web_paths{std::string(k_through_path).append("http/"),
                                             std::string(k_through_path).append("https/")};

std::size_t Marks::next(Next& last, std::string_view what, std::size_t begin) const {
  if (!last.looked || last.at < begin) last = {m_text.find(what, begin), true};
  return last.at;
}

void Marks::look_for_scheme(std::size_t begin) {
  const Next before = m_separator;
  const std::size_t at = next(m_separator, "://", begin);
  if (at == std::string_view::npos || (before.looked && before.at == at)) return;
  m_scheme = at;
  while (m_scheme > 0 && is_scheme_character(m_text[m_scheme - 1])) --m_scheme;
  const std::size_t web = to_lower(m_text.substr(m_scheme, at - m_scheme)).rfind("http");
  m_web = web == std::string::npos ? std::nullopt : std::optional(m_scheme + web);
}

std::optional<Mark> Marks::first(std::size_t begin) {
  look_for_scheme(begin);
  std::optional<Mark> first;
  if (m_separator.at != std::string_view::npos) {
    const std::size_t scheme = std::max(m_scheme, begin);
    first = Mark{scheme, m_separator.at + 3, m_web && *m_web >= scheme};
  }
  for (std::size_t i = 0; i < k_web_paths.size(); ++i) {
    const std::size_t at = next(m_paths[i], k_web_paths[i], begin);
    const std::size_t end = at == std::string_view::npos ? at : at + k_web_paths[i].size();
    if (at != std::string_view::npos && (!first || end <= first->at)) first = Mark{at, end, true};
  }
  return first;
}

std::size_t Marks::url_end(std::size_t begin) {
  if (!m_url_end || *m_url_end < begin) {
    const std::string_view rest = m_text.substr(begin);
    m_url_end =
        begin + static_cast<std::size_t>(std::find_if(rest.begin(), rest.end(), ends_url) - rest.begin());
  }
  return *m_url_end;
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
  Marks marks(text);
  std::size_t begin = 0;
  for (auto mark = marks.first(begin); mark; mark = marks.first(begin)) {
    result.append(text.substr(begin, mark->end - begin));
    std::string_view rest = text.substr(mark->end);
    const std::string_view authority = take_until(rest, ends_authority);
    result += redact_authority(authority, mark->web);
    begin = mark->end + authority.size();
    // A second URL may stand inside the first ("…?next=https://…"): only up to it is this one's.
    std::size_t end = marks.url_end(begin);
    if (const auto inner = marks.first(begin)) end = std::min(end, inner->at);
    result += redact_query(text.substr(begin, end - begin));
    begin = end;
  }
  return result.append(text.substr(begin));
}

}  // namespace buildlab
