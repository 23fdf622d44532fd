#include "framework/run/build_facts.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/redact.h"
#include "framework/context/manifest.h"

namespace buildlab::run {

Result<misses::BuildFacts> read_facts(const ScenarioRun& run, const Order& order,
                                      const std::filesystem::path& copy,
                                      const std::vector<engine::ResolvedBase>& bases) {
  misses::BuildFacts facts;
  facts.dockerfile_text = order.edited ? order.edited->dockerfile_text : run.state.dockerfile_text;
  facts.target = run.subject.target;
  for (const auto& [name, value] : order.build_args) facts.build_args[name] = redact_url_credentials(value);
  facts.platform = run.subject.platform;
  facts.source_date_epoch = run.state.source_date_epoch;
  for (const engine::ResolvedBase& base : bases) facts.bases[base.reference] = base.digest.text();
  BUILDLAB_ASSIGN(const context::Manifest manifest, context::read_manifest(copy, run.subject.dockerfile));
  for (const auto& [path, entry] : manifest)
    facts.files.emplace(path, misses::FileFacts{entry.type, entry.mode, entry.content, entry.attributes});
  return facts;
}

std::optional<misses::BuildFacts> facts_or_note(ScenarioRun& run, const Order& order,
                                                const std::filesystem::path& copy,
                                                const std::vector<engine::ResolvedBase>& bases) {
  auto facts = read_facts(run, order, copy, bases);
  if (facts) return std::move(*facts);
  std::string note = fmt::format("why steps run again cannot be told: {}", facts.error().message);
  auto& notes = run.record.notes;
  if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(std::move(note));
  return std::nullopt;
}

}  // namespace buildlab::run
