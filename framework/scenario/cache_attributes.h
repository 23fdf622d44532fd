// What BuildKit's exporters and importers of caches take beside where the cache lies and its mode, by their
// own names (v0.32.2). BuildKit itself passes over a name that it does not know. Values only.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "framework/scenario/scenario.h"

namespace buildlab::scenario {

struct CacheAttribute {
  enum class Value { text, boolean, integer, word, duration };

  std::string_view name;
  Value value = Value::text;
  std::vector<std::string_view> words = {};  // of a word
  int least = 0;                             // of an integer
  int most = 0;
  bool exports_only = false;  // the importer has no use for it
  bool secret = false;        // given as NAME_env, the environment variable that holds it
};

// Which cache modes have an external cache: those that kind ephemeral can import.
bool is_external(CacheMode mode);
// Which of them take "min" and "max".
bool has_export_mode(CacheMode mode);
// Which of them take a cache_ref.
bool has_reference(CacheMode mode);
std::vector<CacheMode> external_cache_modes();
// Whether a registry server is needed: for a cache in one, without a reference of the user's.
bool uses_private_registry(const Scenario& scenario);

// Of that mode, in the order of BuildKit's documentation; empty where it takes none.
const std::vector<CacheAttribute>& cache_attributes_of(CacheMode mode);
const CacheAttribute* find_cache_attribute(CacheMode mode, std::string_view name);

// The suffix of a secret attribute's key in a scenario file.
inline constexpr std::string_view k_from_environment = "_env";

struct AttributeProblem {
  std::string key;
  std::string text;  // "is no attribute of …"
};

// Keys and values as a scenario file has them, the values as text.
std::vector<AttributeProblem> check_cache_attributes(CacheMode mode,
                                                     const std::map<std::string, std::string>& attributes);

}  // namespace buildlab::scenario
