#include "framework/registry/challenge.h"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>

#include "framework/base/base64.h"
#include "framework/base/environment.h"
#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/base/text.h"

namespace buildlab::registry {
namespace {

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const unsigned char c : text) {
    if (std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded += static_cast<char>(c);
    } else {
      encoded += fmt::format("%{:02X}", c);
    }
  }
  return encoded;
}

}  // namespace

std::optional<Challenge> parse_challenge(std::string_view text) {
  Challenge challenge;
  const std::size_t blank = text.find(' ');
  for (const char c : text.substr(0, blank)) {
    challenge.scheme += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (challenge.scheme != "bearer" && challenge.scheme != "basic") return std::nullopt;
  if (blank == std::string_view::npos) return challenge;
  text.remove_prefix(blank + 1);
  while (!(text = trim(text)).empty()) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string key(trim(text.substr(0, equals)));
    text.remove_prefix(equals + 1);
    std::string value;
    if (text.starts_with('"')) {
      const std::size_t end = text.find('"', 1);
      if (end == std::string_view::npos) return std::nullopt;
      value = text.substr(1, end - 1);
      text.remove_prefix(end + 1);
    } else {
      value = trim(text.substr(0, text.find(',')));
      text.remove_prefix(std::min(text.size(), text.find(',')));
    }
    challenge.values[key] = value;
    text = trim(text);
    if (text.starts_with(',')) text.remove_prefix(1);
  }
  return challenge;
}

std::string token_url(const Challenge& challenge) {
  const auto value = [&](const char* key) {
    const auto found = challenge.values.find(key);
    return found == challenge.values.end() ? std::string() : found->second;
  };
  std::string url = value("realm");
  char separator = url.find('?') == std::string::npos ? '?' : '&';
  for (const char* key : {"service", "scope"}) {
    if (value(key).empty()) continue;
    url += fmt::format("{}{}={}", std::exchange(separator, '&'), key, percent_encoded(value(key)));
  }
  return url;
}

std::optional<std::string> credentials_for(std::string_view config_text, const std::string& registry) {
  if (config_text.empty()) return std::nullopt;
  const auto config = parse_json(config_text, "docker's config.json");
  if (!config || !config->is_object()) return std::nullopt;
  const auto all = config->find("auths");
  if (all == config->end() || !all->is_object()) return std::nullopt;
  for (const auto& [key, value] : all->items()) {
    // Docker Hub's is kept under the URL of its first version.
    const bool hub = registry == "docker.io" && key.find("index.docker.io") != std::string::npos;
    if (!hub && key != registry && key != "https://" + registry && key != "http://" + registry) continue;
    if (!value.is_object()) continue;
    const std::string kept = text_member(value, "auth");
    if (!kept.empty()) return kept;
    const std::string user = text_member(value, "username");
    if (!user.empty()) return base64_encode(user + ":" + text_member(value, "password"));
  }
  return std::nullopt;
}

std::string docker_config() {
  std::string folder = environment("DOCKER_CONFIG");
  if (folder.empty()) folder = environment("HOME") + "/.docker";
  return read_file(folder + "/config.json", Bytes{1U << 20U}).value_or("");
}

}  // namespace buildlab::registry
