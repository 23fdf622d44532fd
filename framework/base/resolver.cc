#include "framework/base/resolver.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "framework/base/file.h"
#include "framework/base/text.h"

namespace buildlab {
namespace {

// As resolvers take them; what lies beyond is not read.
constexpr std::size_t k_most_servers = 3;
constexpr std::size_t k_most_words = 32;
constexpr Bytes k_longest_file{64U << 10U};

constexpr const char* k_settings = "/etc/resolv.conf";
constexpr const char* k_systemd_server = "127.0.0.53";
constexpr const char* k_systemd_settings = "/run/systemd/resolve/resolv.conf";

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : line) {
    if (c != ' ' && c != '\t' && c != '\r') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

bool is_address(const std::string& text) {
  if (text.find('\0') != std::string::npos) return false;
  in6_addr address{};
  const std::string without_zone = text.substr(0, text.find('%'));
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, without_zone.c_str(), &address) == 1;
}

std::string line_of(std::string_view key, const std::vector<std::string>& values) {
  if (values.empty()) return "";
  std::string line(key);
  for (const std::string& value : values) line += " " + value;
  return line + "\n";
}

}  // namespace

ResolverSettings parse_resolver(std::string_view text) {
  ResolverSettings resolver;
  for (const std::string_view line : split(text, '\n')) {
    std::vector<std::string> words = words_of(line);
    if (words.size() < 2 || words[0][0] == '#' || words[0][0] == ';') continue;
    const std::string key = words[0];
    words.erase(words.begin());
    if (words.size() > k_most_words) words.resize(k_most_words);
    if (key == "nameserver" && resolver.servers.size() < k_most_servers && is_address(words[0]))
      resolver.servers.push_back(words[0]);
    if (key == "domain") words.resize(1);
    if (key == "search" || key == "domain") resolver.search = words;  // the last one counts
    if (key == "options" && resolver.options.size() < k_most_words)
      resolver.options.insert(resolver.options.end(), words.begin(), words.end());
  }
  return resolver;
}

std::string resolver_text(const ResolverSettings& resolver) {
  std::string text;
  for (const std::string& server : resolver.servers) text += "nameserver " + server + "\n";
  return text + line_of("search", resolver.search) + line_of("options", resolver.options);
}

ResolverSettings machine_resolver() {
  ResolverSettings resolver = parse_resolver(read_file(k_settings, k_longest_file).value_or(""));
  if (resolver.servers != std::vector<std::string>{k_systemd_server}) return resolver;
  const auto behind = read_file(k_systemd_settings, k_longest_file);
  return behind ? parse_resolver(*behind) : resolver;
}

}  // namespace buildlab
