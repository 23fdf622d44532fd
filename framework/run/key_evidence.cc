#include "framework/run/key_evidence.h"

#include <fmt/format.h>
#include <algorithm>
#include <thread>
#include <utility>

#include "framework/base/file.h"
#include "framework/cache_keys/evidence.h"
#include "framework/cache_keys/operations.h"
#include "framework/cache_keys/settled_keys.h"

namespace buildlab::run {
namespace {

using cache_keys::KeyStore;

constexpr std::chrono::milliseconds k_between_readings{50};

}  // namespace

void note_once(ScenarioRun& run, std::string note) {
  auto& notes = run.record.notes;
  if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(std::move(note));
}

std::shared_ptr<const KeyStore> keys_after(ScenarioRun& run, engine::Builder& builder, const Order& order,
                                           const engine::BuildArtifacts& artifacts) {
  if (!run.scenario.cache_preimages || run.further || order.role == Role::reference ||
      !process::succeeded(artifacts.termination) || (order.role == Role::measured && !ran_a_step(artifacts)))
    return nullptr;
  auto keys = cache_keys::settled_keys([&builder] { return builder.cache_keys(); },
                                       [] { std::this_thread::sleep_for(k_between_readings); });
  if (!keys) {
    note_once(run, fmt::format("why steps ran is told without cache keys: {}", keys.error().message));
    return nullptr;
  }
  keys->of_one_build = order.on_empty_builder;
  return std::make_shared<const KeyStore>(std::move(*keys));
}

std::shared_ptr<const KeyStore> take_keys(LeftKeys& left, const record::Build& build) {
  const auto taken = left.extract(build.artifacts);
  return taken ? taken.mapped() : nullptr;
}

void tell_keys(const ScenarioRun& run, const KeyStore* before, const KeyStore* now, record::Build& build) {
  if (before == nullptr || now == nullptr) return;
  const auto provenance =
      read_file(run.store.run_folder(run.record.run_id) / build.artifacts / "provenance.json");
  if (!provenance) return;
  const auto operations = cache_keys::operations_of(*provenance, "provenance.json");
  if (operations) cache_keys::add_evidence(*before, *now, *operations, build.numbers.steps);
}

}  // namespace buildlab::run
