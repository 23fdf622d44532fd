// Reads the keys of a builder's cache.
#pragma once

#include <string_view>

#include "framework/base/result.h"
#include "framework/cache_keys/key_store.h"

namespace buildlab::cache_keys {

struct ParsedKeys {
  KeyStore store;
  // A preimage is named and not there: the daemon writes them a little later than it uses them.
  bool complete = true;
};

// What BuildKit v0.26 to v0.32 answer to GET /debug/cache/store. Errors are infrastructure errors.
Result<ParsedKeys> parse_keys(std::string_view text);

}  // namespace buildlab::cache_keys
