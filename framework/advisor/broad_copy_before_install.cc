// An expensive install that an edit re-ran without needing to: a COPY of whole folders stands before it.
#include <algorithm>

#include "framework/advisor/finding.h"
#include "framework/advisor/installers.h"
#include "framework/base/text.h"

namespace buildlab::advisor {
namespace {

using metrics::Step;
using metrics::StepOutcome;

std::vector<std::string_view> blank_separated(std::string_view text) {
  std::vector<std::string_view> words;
  for (const std::string_view word : split(text, ' ')) {
    if (!trim(word).empty()) words.push_back(trim(word));
  }
  return words;
}

// A COPY or ADD from the context of its root or of a folder. A last part without a dot is taken for a
// folder's.
bool is_broad_copy(const Step& step) {
  const auto words = blank_separated(step.text);
  if (words.size() < 3 || (words[0] != "COPY" && words[0] != "ADD")) return false;
  for (std::size_t i = 1; i + 1 < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word.substr(0, 6) == "--from") return false;
    if (word.substr(0, 2) == "--") continue;
    if (word == "." || word == "./" || word == "/" || word == "*" || word == "./*") return true;
    if (word.find("://") != std::string_view::npos || word.substr(0, 2) == "<<") continue;
    if (word.back() == '/') return true;
    const std::string_view last = word.substr(word.rfind('/') + 1);
    if (last.find('.') == std::string_view::npos && last.find('*') == std::string_view::npos) return true;
  }
  return false;
}

// The stages that `stage` starts from, itself last.
std::vector<std::string> chain_of(const std::string& stage, const dockerfile::Dockerfile* file) {
  std::vector<std::string> chain{stage};
  if (file == nullptr) return chain;
  for (auto at = file->stages.rbegin(); at != file->stages.rend(); ++at) {
    if (at->label() != chain.back()) continue;
    chain.push_back(to_lower(at->base));
  }
  std::reverse(chain.begin(), chain.end());
  return chain;
}

// The broad copy that made `install` run again: the first step before it that ran. When that is another step
// (an ARG, a base), moving a copy would change nothing.
const Step* copy_before(const Step& install, const std::vector<Step>& steps,
                        const dockerfile::Dockerfile* file) {
  const auto chain = chain_of(install.stage, file);
  for (const Step& step : steps) {
    if (step.lines.first >= install.lines.first) break;
    const bool before = std::find(chain.begin(), chain.end(), step.stage) != chain.end();
    if (before && step.outcome == StepOutcome::ran) return is_broad_copy(step) ? &step : nullptr;
  }
  return nullptr;
}

// Whether the edit touched what the installer reads: then it had to run.
bool edits_a_manifest(const std::string& edit, const Installer& installer) {
  for (const std::string_view word : blank_separated(edit)) {
    std::string_view name = word.substr(word.rfind('/') + 1);
    while (!name.empty() && (name.back() == ',' || name.back() == ';')) name.remove_suffix(1);
    for (const std::string_view manifest : installer.manifests) {
      if (matches_glob(manifest, name)) return true;
    }
  }
  return false;
}

}  // namespace

std::vector<Finding> broad_copy_before_install(const Facts& facts) {
  std::vector<Finding> findings;
  for (const record::ScenarioRecord& record : facts.records) {
    if (record.kind != "edit") continue;
    const auto samples = samples_of(record);
    if (samples.empty()) continue;
    const record::Build& build = *samples.front();
    const std::string& edit = build.mutation.empty() ? record.input_mutation : build.mutation;
    for (const Step& step : build.numbers.steps) {
      if (step.outcome != StepOutcome::ran || step.seconds.value_or(0) < k_worth_sec) continue;
      const Installer* installer = step.text.substr(0, 4) == "RUN " ? installer_in(step.text) : nullptr;
      if (installer == nullptr || edits_a_manifest(edit, *installer)) continue;
      const Step* copy = copy_before(step, build.numbers.steps, facts.file_of(record));
      if (copy == nullptr) continue;
      BroadCopyBeforeInstall evidence{place_of(*copy),
                                      place_of(step),
                                      edit,
                                      {installer->manifests.begin(), installer->manifests.end()},
                                      *step.seconds,
                                      build.duration_sec};
      findings.push_back({std::move(evidence), *step.seconds, &record, step.lines.first});
    }
  }
  return findings;
}

}  // namespace buildlab::advisor
