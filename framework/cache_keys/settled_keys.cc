#include "framework/cache_keys/settled_keys.h"

#include <utility>

#include "framework/cache_keys/parse_keys.h"

namespace buildlab::cache_keys {
namespace {

// The daemon writes preimages down while the build goes on, and some a little after its end.
constexpr int k_readings = 4;

}  // namespace

Result<KeyStore> settled_keys(const std::function<Result<std::string>()>& ask,
                              const std::function<void()>& wait) {
  BUILDLAB_ASSIGN(std::string answer, ask());
  for (int reading = 1;; ++reading) {
    BUILDLAB_ASSIGN(ParsedKeys keys, parse_keys(answer));
    if (keys.complete || reading == k_readings) return std::move(keys.store);
    wait();
    BUILDLAB_ASSIGN(std::string next, ask());
    if (next == answer) return std::move(keys.store);
    answer = std::move(next);
  }
}

}  // namespace buildlab::cache_keys
