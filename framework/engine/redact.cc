#include "framework/engine/redact.h"

#include <fmt/format.h>
#include <algorithm>
#include <cstdlib>
#include <set>

#include "framework/base/base64.h"
#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/base/redact.h"
#include "framework/base/text.h"

namespace buildlab::engine {
namespace {

constexpr std::string_view k_mask = "***";
constexpr std::size_t k_shortest = 4;
// Parts of a value are taken for secret on their own from these lengths: "name" in "name=…" is not.
constexpr std::size_t k_shortest_part = 8;
constexpr std::size_t k_shortest_setting = 6;
// A URL longer than this is not waited for.
constexpr std::size_t k_longest_url = 8192;

std::string json_escaped(const std::string& value) {
  const std::string quoted = to_line(Json(value));
  return quoted.substr(1, quoted.size() - 2);
}

// Go's encoder writes these three as \u00XX where nlohmann's does not.
std::string go_escaped(const std::string& value) {
  std::string escaped;
  for (const char c : json_escaped(value)) {
    if (c == '<' || c == '>' || c == '&') {
      escaped += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

Redactor::Redactor(const std::vector<std::string>& values) {
  std::set<std::string> needles;
  const auto add = [&needles](std::string_view value) {
    const std::string text(value);
    for (const std::string& form : {text, json_escaped(text), go_escaped(text), base64_encode(text)}) {
      if (form.size() >= k_shortest) needles.insert(form);
    }
  };
  for (const std::string& value : values) {
    const std::string_view whole = trim(value);
    if (whole.size() < k_shortest) continue;
    add(whole);
    add(value);
    for (const std::string_view raw : split(whole, '\n')) {
      const std::string_view line = trim(raw);
      if (line.size() >= k_shortest_part) add(line);
      for (const std::string_view word : split(line, ' ')) {
        if (trim(word).size() >= k_shortest_part) add(trim(word));
      }
      const std::size_t mark = line.find_first_of("=:");
      if (mark == std::string_view::npos) continue;
      const std::string_view rest = trim(line.substr(mark + 1));
      if (rest.size() >= k_shortest_setting) add(rest);
      const std::size_t last = line.rfind('=');
      if (last != std::string_view::npos && line.size() - last > k_shortest_part)
        add(trim(line.substr(last + 1)));
    }
  }
  m_needles.assign(needles.begin(), needles.end());
  std::stable_sort(m_needles.begin(), m_needles.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string Redactor::text(std::string_view text) const {
  std::string result = redact_url_credentials(text);
  for (const std::string& needle : m_needles) {
    for (std::size_t at = result.find(needle); at != std::string::npos;
         at = result.find(needle, at + k_mask.size())) {
      result.replace(at, needle.size(), k_mask);
    }
  }
  return result;
}

std::string Redactor::json(std::string_view json) const {
  constexpr std::string_view key = "\"data\":";
  std::string result;
  while (true) {
    const std::size_t at = json.find(key);
    if (at == std::string_view::npos) break;
    std::size_t begin = at + key.size();
    while (begin < json.size() && json[begin] == ' ') ++begin;
    const std::size_t end =
        begin < json.size() && json[begin] == '"' ? json.find('"', begin + 1) : std::string_view::npos;
    if (end == std::string_view::npos) {
      result += text(json.substr(0, begin));
      json.remove_prefix(begin);
      continue;
    }
    const std::string_view encoded = json.substr(begin + 1, end - begin - 1);
    result += text(json.substr(0, begin + 1));
    const std::optional<std::string> decoded = base64_decode(encoded);
    if (decoded) {
      const std::string safe = text(*decoded);
      result += safe == *decoded ? std::string(encoded) : base64_encode(safe);
    } else {
      result += text(encoded);
    }
    json.remove_prefix(end);
  }
  return result += text(json);
}

std::size_t Redactor::unfinished(std::string_view text) const {
  std::size_t most = 0;
  for (const std::string& needle : m_needles) {
    for (std::size_t length = std::min(needle.size() - 1, text.size()); length > most; --length) {
      if (text.ends_with(std::string_view(needle).substr(0, length))) most = length;
    }
  }
  const std::size_t blank = text.find_last_of(" \t\r\n\"'<>");
  const std::string_view word = blank == std::string_view::npos ? text : text.substr(blank + 1);
  if (word.find("://") != std::string_view::npos && word.size() <= k_longest_url)
    most = std::max(most, word.size());
  return most;
}

bool Redactor::begins_secret(std::string_view text) const {
  return std::any_of(m_needles.begin(), m_needles.end(), [text](const std::string& needle) {
    return std::string_view(needle).starts_with(text);
  });
}

Result<std::vector<std::string>> secret_values(const std::vector<SecretSource>& secrets) {
  std::vector<std::string> values;
  for (const SecretSource& secret : secrets) {
    if (secret.file) {
      auto content = read_file(*secret.file, Bytes{1ULL << 20U});
      if (!content) {
        content.error().kind = ErrorKind::usage;
        return fail_in(fmt::format("secret {}", secret.id), content.error());
      }
      values.push_back(std::move(*content));
    } else {
      const std::string name = secret.environment_variable.value_or(secret.id);
      const char* value = std::getenv(name.c_str());
      if (value == nullptr) {
        return fail(ErrorKind::usage,
                    fmt::format("secret {}: the environment variable {} is not set", secret.id, name),
                    {"set it, or name a file as the secret's source"});
      }
      values.emplace_back(value);
    }
  }
  return values;
}

}  // namespace buildlab::engine
