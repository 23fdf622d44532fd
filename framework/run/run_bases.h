// What the base images of a run's builds are: each reference is resolved once, whichever process of the run
// (CTest has one a scenario) comes first, and kept in the run's folder for the others.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/file.h"
#include "framework/base/result.h"
#include "framework/engine/base_image.h"
#include "framework/scenario/scenario.h"

namespace buildlab::run {

// A reference and what it was resolved to, for builds of one platform.
struct Pin {
  std::string platform;
  engine::ResolvedBase base;  // its reference is the canonical one
};

// Infrastructure errors that name the wrong field and what to do.
Result<std::vector<Pin>> parse_pins(std::string_view text, std::string_view name);
std::string to_text(const std::vector<Pin>& pins);

// Whose base images are asked for.
struct BaseQuestion {
  std::string platform;
  bool allow_local = false;
};
BaseQuestion question_of(const scenario::Subject& subject);

// Those for the platform; without what was made locally for others where that is not allowed. The first of a
// reference counts.
std::vector<engine::ResolvedBase> usable(const std::vector<Pin>& pins, const BaseQuestion& question);

class RunBases {
 public:
  struct Place {
    std::filesystem::path file;
    std::filesystem::path lock;
  };
  // Resolves what is not among those that are pinned.
  using Ask = std::function<Result<engine::BaseImages>(const std::vector<engine::ResolvedBase>& pinned)>;

  // nullopt keeps them for this process alone.
  explicit RunBases(std::optional<Place> place, LockWait wait = {})
      : m_place(std::move(place)), m_wait(std::move(wait)) {}

  // What `ask` gives; its images are pinned. Others of the run wait meanwhile.
  Result<engine::BaseImages> resolve(const BaseQuestion& question, const Ask& ask);
  // What is pinned so far, nobody asked. `known` is what a registry said lately: it is pinned where nothing
  // is yet.
  Result<std::vector<engine::ResolvedBase>> agree(const BaseQuestion& question,
                                                  const std::vector<engine::ResolvedBase>& known);

 private:
  Result<std::optional<FileLock>> lock() const;
  Result<std::vector<Pin>> read() const;
  Status write(std::vector<Pin> pins);

  std::optional<Place> m_place;
  LockWait m_wait;
  std::vector<Pin> m_own;  // without a place
};

}  // namespace buildlab::run
