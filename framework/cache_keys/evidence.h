// Why steps missed, told with what their keys were computed from. Pure.
#pragma once

#include <optional>
#include <vector>

#include "framework/cache_keys/key_store.h"
#include "framework/cache_keys/operations.h"
#include "framework/metrics/numbers.h"

namespace buildlab::cache_keys {

// `before` is what the build that filled the cache left, `now` what the build left whose steps these are, and
// `operations` are its own. Details of what is told already get what the keys show; a reason that they
// contradict is told anew, and one that was missing where they show it. Other steps stay as they are.
void add_evidence(const KeyStore& before, const KeyStore& now, const std::vector<StepOperation>& operations,
                  std::vector<metrics::Step>& steps);

}  // namespace buildlab::cache_keys
