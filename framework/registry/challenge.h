// What a registry answers to a request without credentials, and the credentials that docker keeps. Pure but
// for the one file. Private to this room.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace buildlab::registry {

// "Bearer realm=\"https://auth/token\",service=\"r\",scope=\"repository:a/b:pull\"" (RFC 6750, and the
// distribution project's token authentication).
struct Challenge {
  std::string scheme;  // "bearer", "basic"
  std::map<std::string, std::string> values;
};
std::optional<Challenge> parse_challenge(std::string_view text);

// A query of `realm`'s URL: "https://auth/token?service=r&scope=repository%3Aa%2Fb%3Apull".
std::string token_url(const Challenge& challenge);

// "dXNlcjp3b3Jk" of the registry in docker's config.json; nullopt when it has none. Credential helpers are
// not asked.
std::optional<std::string> credentials_for(std::string_view config_text, const std::string& registry);
// The text of $DOCKER_CONFIG/config.json or ~/.docker/config.json; "" without one.
std::string docker_config();

}  // namespace buildlab::registry
