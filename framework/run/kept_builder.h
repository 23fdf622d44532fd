// A subject's kept builder on disk: its folder, its lock, and what it was primed with.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "framework/base/file.h"
#include "framework/base/result.h"
#include "framework/cache_keys/key_store.h"
#include "framework/engine/base_image.h"
#include "framework/misses/facts.h"
#include "framework/run/subject_state.h"

namespace buildlab::run {

// What a kept builder was last primed with; written only after a priming build that succeeded.
struct Primed {
  std::string dockerfile_digest;
  std::string context_digest;
  std::string buildkit_version;
  std::optional<std::int64_t> source_date_epoch;
  std::vector<engine::ResolvedBase> bases;
  std::set<std::string> cache_records;  // ids of what its cache held then
  std::string at;                       // RFC 3339
  std::string bases_asked;  // RFC 3339: when a registry last said that these are what the tags name
};

class KeptBuilder {
 public:
  // Waits for the lock: one process at a time works on a subject's builder.
  static Result<KeptBuilder> open(const std::filesystem::path& store, const record::SubjectKey& subject,
                                  const LockWait& wait = {});

  std::filesystem::path root() const { return m_folder / "root"; }
  std::filesystem::path context() const { return m_folder / "context"; }
  // nullopt when it was never primed, or what is written cannot be read.
  std::optional<Primed> primed() const;
  Status set_primed(const Primed& primed) const;
  Status forget_primed() const;
  // Of the last priming build that succeeded, forgotten or not: its results are still in the cache.
  std::optional<misses::BuildFacts> facts() const;
  Status set_facts(const misses::BuildFacts& facts) const;
  Status forget_facts() const;
  // What its cache keys were computed from when it was last primed by a scenario that asks for it; nullopt
  // where the last priming was another's.
  std::optional<cache_keys::KeyStore> keys() const;
  Status set_keys(const cache_keys::KeyStore& keys) const;
  Status forget_keys() const;
  // Whether nothing was ever built on it.
  bool empty() const;
  // Removes the builder's state, so that the next priming starts from nothing.
  Status reset() const;
  // Bytes that the builder's state takes on disk.
  std::uint64_t size_bytes() const;

 private:
  KeptBuilder(std::filesystem::path folder, FileLock lock)
      : m_folder(std::move(folder)), m_lock(std::move(lock)) {}
  std::filesystem::path m_folder;
  FileLock m_lock;
};

// Above this a kept builder is primed anew: 20 GB, or $BUILDLAB_MAX_BUILDER ("20GB", "500MiB", bytes). An
// error for a value that is no size.
Result<std::uint64_t> max_builder_bytes();

// Why a builder has to be primed, nullopt when it is as the scenario needs it. `now` is what it would be
// primed with.
std::optional<std::string> why_prime(const std::optional<Primed>& last, const Primed& now);

// The same for base images: where the builds of this run have another one than it was primed with.
std::optional<std::string> why_prime_bases(const Primed& last,
                                           const std::vector<engine::ResolvedBase>& of_run);

std::string_view origin(const engine::ResolvedBase& base);  // "made locally", "the registry's"

}  // namespace buildlab::run
