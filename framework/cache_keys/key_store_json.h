// A key store beside the builder that it is of.
#pragma once

#include <optional>

#include "framework/base/json.h"
#include "framework/cache_keys/key_store.h"

namespace buildlab::cache_keys {

// Without the credentials of URLs in definitions.
Json to_json(const KeyStore& store);
// nullopt for what another version wrote, or nobody did.
std::optional<KeyStore> from_json(const Json& json);

}  // namespace buildlab::cache_keys
