// The keys of a builder's cache once its daemon has written down what they were computed from.
#pragma once

#include <functional>
#include <string>

#include "framework/base/result.h"
#include "framework/cache_keys/key_store.h"

namespace buildlab::cache_keys {

// `ask` gives the daemon's answer, and is called until nothing is missing in it, or it stays as it was for
// one `wait`: what is missing then is missing for good, as the preimages of what was built before the daemon
// kept them. An answer is parsed once.
Result<KeyStore> settled_keys(const std::function<Result<std::string>()>& ask,
                              const std::function<void()>& wait);

}  // namespace buildlab::cache_keys
