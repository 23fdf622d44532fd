#include "framework/run/key_evidence.h"

#include <fmt/format.h>
#include <algorithm>
#include <thread>
#include <utility>

#include "framework/base/file.h"
#include "framework/cache_keys/evidence.h"
#include "framework/cache_keys/operations.h"
#include "framework/cache_keys/parse_keys.h"

namespace buildlab::run {
namespace {

using cache_keys::KeyStore;

// The daemon writes preimages down while the build goes on, and some a little after its end.
constexpr int k_readings = 4;
constexpr std::chrono::milliseconds k_between_readings{50};

Result<KeyStore> read_keys(engine::Builder& builder) {
  for (int reading = 1;; ++reading) {
    BUILDLAB_ASSIGN(const std::string answer, builder.cache_keys());
    BUILDLAB_ASSIGN(cache_keys::ParsedKeys keys, cache_keys::parse_keys(answer));
    if (keys.complete || reading == k_readings) return std::move(keys.store);
    std::this_thread::sleep_for(k_between_readings);
  }
}

void note_once(ScenarioRun& run, std::string note) {
  auto& notes = run.record.notes;
  if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(std::move(note));
}

}  // namespace

std::shared_ptr<const KeyStore> keys_after(ScenarioRun& run, engine::Builder& builder, const Order& order,
                                           const engine::BuildArtifacts& artifacts) {
  if (!run.scenario.cache_preimages || run.further || order.role == Role::reference ||
      !process::succeeded(artifacts.termination) || (order.role == Role::measured && !ran_a_step(artifacts)))
    return nullptr;
  auto keys = read_keys(builder);
  if (!keys) {
    note_once(run, fmt::format("why steps ran is told without cache keys: {}", keys.error().message));
    return nullptr;
  }
  keys->of_one_build = order.on_empty_builder;
  return std::make_shared<const KeyStore>(std::move(*keys));
}

std::shared_ptr<const KeyStore> keys_of(const ScenarioRun& run, const record::Build& build) {
  const auto found = run.keys.find(build.artifacts);
  return found == run.keys.end() ? nullptr : found->second;
}

void tell_keys(const ScenarioRun& run, const KeyStore* before, record::Build& build) {
  const auto now = keys_of(run, build);
  if (before == nullptr || now == nullptr) return;
  const auto provenance =
      read_file(run.store.run_folder(run.record.run_id) / build.artifacts / "provenance.json");
  if (!provenance) return;
  const auto operations = cache_keys::operations_of(*provenance, "provenance.json");
  if (operations) cache_keys::add_evidence(*before, *now, *operations, build.numbers.steps);
}

}  // namespace buildlab::run
