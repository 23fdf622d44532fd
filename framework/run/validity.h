// Whether a build was the sample that its scenario declared. Pure.
#pragma once

#include <optional>
#include <string>

#include "framework/base/result.h"
#include "framework/metrics/numbers.h"

namespace buildlab::run {

// The state that a scenario declares before a build starts.
enum class CacheState {
  empty,     // a fresh builder, nothing imported
  primed,    // a kept builder that built the same subject before
  imported,  // a fresh builder that imports an external cache
};

std::string_view to_string(CacheState state);

struct Declared {
  CacheState state = CacheState::empty;
  bool local_import_present =
      true;  // cache_mode local: the folder holds an index (BuildKit gives no vertex when not)
  bool has_mutation = false;
  std::size_t lost_records =
      0;                     // of a kept builder: what priming put into its cache and is not there any more
  bool just_primed = false;  // by this very run, so that no hit at all says something of the Dockerfile
  bool no_cache = false;     // told to use none, at least for some stages
};

// nullopt when the build is a sample; else one sentence with what to do. A failed build is no sample either,
// but that is said by its failure, not here.
std::optional<std::string> invalid_reason(const Declared& declared, const metrics::Numbers& numbers,
                                          double duration_sec);

}  // namespace buildlab::run
