#include "framework/run/moved_bases.h"

#include <fmt/format.h>

#include "framework/engine/reference.h"

namespace buildlab::run {

std::vector<std::string> movable(const std::vector<engine::ResolvedBase>& pinned) {
  std::vector<std::string> references;
  for (const engine::ResolvedBase& base : pinned) {
    const auto reference = engine::parse_reference(base.reference);
    if (!base.made_locally && reference && !reference->digest) references.push_back(base.reference);
  }
  return references;
}

std::vector<record::MovedBase> moved_bases(const std::vector<engine::ResolvedBase>& pinned,
                                           const std::vector<engine::ResolvedBase>& now) {
  std::vector<record::MovedBase> moved;
  for (const engine::ResolvedBase& base : pinned) {
    for (const engine::ResolvedBase& current : now) {
      if (current.reference == base.reference && !base.made_locally && current.digest != base.digest)
        moved.push_back({base.reference, base.digest.text(), current.digest.text()});
    }
  }
  return moved;
}

std::string moved_words(const record::MovedBase& moved) {
  return fmt::format("the tag {} moved since it was resolved: all builds of the run had {}, it names {} now",
                     moved.reference, moved.digest, moved.digest_now);
}

bool ask_moved_bases(ScenarioRun& run, const std::vector<engine::ResolvedBase>& pinned) {
  const std::vector<std::string> references = movable(pinned);
  if (references.empty()) return true;
  const auto report = [&run](std::string_view text) { run.observer.message(text); };
  const auto now =
      engine::resolve_bases(run.toolchain, references, run.subject.platform, /*allow_local=*/false, report);
  if (!now) {
    run.record.notes.push_back(
        fmt::format("whether base images moved could not be asked: {}", now.error().message));
    return false;
  }
  for (record::MovedBase& base : moved_bases(pinned, now->resolved)) {
    run.record.notes.push_back(moved_words(base));
    run.record.moved_bases.push_back(std::move(base));
  }
  return run.record.moved_bases.empty();
}

}  // namespace buildlab::run
