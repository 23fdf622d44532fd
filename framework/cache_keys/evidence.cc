#include "framework/cache_keys/evidence.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "framework/base/text.h"
#include "framework/cache_keys/differences.h"

namespace buildlab::cache_keys {
namespace {

using metrics::Miss;
using Reason = metrics::MissReason;

constexpr std::size_t k_told = 3;  // of what differs
constexpr std::size_t k_detail_bytes = 500;

// A step's own key, as both builds know it.
struct OwnKey {
  const StepOperation* step = nullptr;
  const Operation* now = nullptr;
  const Operation* before = nullptr;  // of the same key; nullptr where there was none
};

bool is_same_place(const metrics::Step& step, const StepOperation& operation) {
  return std::any_of(operation.lines.begin(), operation.lines.end(),
                     [&step](const dockerfile::LineRange& lines) { return lines.first == step.lines.first; });
}

// The one operation of a step's line; nullptr where there are several that differ.
const StepOperation* operation_at(const metrics::Step& step, const std::vector<StepOperation>& operations) {
  const StepOperation* found = nullptr;
  for (const StepOperation& operation : operations) {
    if (!is_same_place(step, operation)) continue;
    if (found != nullptr && found->operation != operation.operation) return nullptr;
    found = &operation;
  }
  return found;
}

std::string text_of(const Json& operation) {
  return operation.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// What two stores hold, read once however many steps are told: they hold thousands of operations. Nothing is
// read where no step asks.
class ReadStores {
 public:
  using Key = std::pair<const std::string, Operation>;

  ReadStores(const KeyStore& before, const KeyStore& now, const std::vector<StepOperation>& operations)
      : m_before(before), m_now(now), m_operations(operations) {}

  // The one key of this build that was computed from the step's operation; nullptr where there are several.
  const Key* key_of(const StepOperation& step);
  // Of the earlier build, the definitions that are of no step of this one.
  const std::vector<Json>& others();

 private:
  const KeyStore& m_before;
  const KeyStore& m_now;
  const std::vector<StepOperation>& m_operations;
  std::optional<std::map<std::string, const Key*>> m_keys;
  std::optional<std::vector<Json>> m_others;
};

const ReadStores::Key* ReadStores::key_of(const StepOperation& step) {
  if (!m_keys) {
    m_keys.emplace();
    for (const Key& key : m_now.operations) {
      const Json operation = comparable(key.second.preimage);
      if (operation.is_null()) continue;
      const auto [at, is_new] = m_keys->emplace(text_of(operation), &key);
      if (!is_new) at->second = nullptr;
    }
  }
  const auto found = m_keys->find(text_of(step.operation));
  return found == m_keys->end() ? nullptr : found->second;
}

const std::vector<Json>& ReadStores::others() {
  if (m_others) return *m_others;
  m_others.emplace();
  std::set<std::string> own;
  for (const StepOperation& step : m_operations) own.insert(text_of(step.operation));
  for (const Key& key : m_before.operations) {
    Json definition = readable(key.second.preimage);
    const Json operation = comparable_of(definition);
    if (!operation.is_null() && !own.contains(text_of(operation))) m_others->push_back(std::move(definition));
  }
  return *m_others;
}

// Of the files of an input: what the earlier build left, and what only this one has. nullptr where that is
// not one each.
struct InputFiles {
  const Content* before = nullptr;
  const Content* now = nullptr;
};

InputFiles files_of(int input, const Operation& before, const Operation& now) {
  InputFiles files;
  const auto old_files = before.inputs.find(input);
  const auto new_files = now.inputs.find(input);
  if (old_files == before.inputs.end() || new_files == now.inputs.end()) return files;
  for (const auto& [digest, content] : new_files->second) {
    if (old_files->second.contains(digest)) continue;
    if (files.now != nullptr) return {};
    files.now = &content;
  }
  if (old_files->second.size() == 1) files.before = &old_files->second.begin()->second;
  return files;
}

// What differs of the files that a step reads.
struct InputDifference {
  Origin origin = Origin::step;
  std::vector<FileDifference> files = {};
};

std::optional<InputDifference> input_difference(const OwnKey& key) {
  for (const auto& [number, input] : key.step->inputs) {
    const InputFiles files = files_of(number, *key.before, *key.now);
    if (files.before == nullptr || files.now == nullptr) continue;
    InputDifference difference{input.origin, differing_files(*files.before, *files.now, input.paths)};
    if (!difference.files.empty()) return difference;
  }
  return std::nullopt;
}

std::string to_text(const std::vector<FileDifference>& files) {
  std::vector<std::string> told;
  for (const FileDifference& file : files) {
    if (told.size() == k_told) {
      told.push_back(fmt::format("{} more", files.size() - k_told));
      break;
    }
    told.push_back(fmt::format("{} ({})", file.path.empty() ? "/" : one_line(file.path, 120), file.what));
  }
  return fmt::format("{}", fmt::join(told, "; "));
}

void append(Miss& miss, const std::string& evidence) {
  const std::string text = miss.detail ? fmt::format("{}; by the builder's keys: {}", *miss.detail, evidence)
                                       : "by the builder's keys: " + evidence;
  miss.detail = one_line(text, k_detail_bytes);
}

bool is_told_by_keys(Reason reason) {
  return reason != Reason::forced && reason != Reason::first_build && reason != Reason::import_failed;
}

// Where nothing else tells a reason, or one that the keys contradict.
Miss miss_of(const InputDifference& difference) {
  const auto is_metadata = [](const FileDifference& file) { return file.only_metadata; };
  switch (difference.origin) {
    case Origin::step:
      return {Reason::nondeterministic_parent, "what it copies from came out otherwise"};
    case Origin::image:
      return {Reason::parent_rekeyed, "the image that it copies from has other files"};
    case Origin::context:
      if (std::all_of(difference.files.begin(), difference.files.end(), is_metadata))
        return {Reason::input_metadata};
      break;
    case Origin::address:
      break;
  }
  return {Reason::input_content};
}

// The members in which it differs from the one of the others that is nearest to it.
std::vector<std::string> nearest_difference(const Operation& now, const std::vector<Json>& others) {
  const Json definition = readable(now.preimage);
  const std::string type = text_member(definition, "Type");
  std::vector<std::string> least;
  bool one = false;
  for (const Json& other : others) {
    if (text_member(other, "Type") != type) continue;
    std::vector<std::string> differing = differing_members_of(other, definition);
    if (std::find(differing.begin(), differing.end(), "Type") != differing.end()) continue;
    if (!least.empty() && differing.size() > least.size()) continue;
    one = least.empty() || differing.size() < least.size();
    least = std::move(differing);
  }
  return one ? least : std::vector<std::string>();
}

// Its own key is another.
void tell_definition(const std::vector<std::string>& members, bool certain, std::optional<Miss>& miss) {
  const bool is_of_input =
      miss && (miss->reason == Reason::input_content || miss->reason == Reason::input_metadata);
  if (members.empty() || is_of_input) return;
  if (!miss || miss->reason != Reason::own_definition) {
    if (!certain) return;
    miss = Miss{Reason::own_definition};
  }
  std::vector<std::string> told(
      members.begin(), members.begin() + static_cast<std::ptrdiff_t>(std::min(members.size(), k_told)));
  append(*miss, fmt::format("another {}", fmt::join(told, ", ")));
}

bool has_same_files(const OwnKey& key) {
  const auto digests = [](const Operation& operation) {
    std::map<int, std::set<std::string>> result;
    for (const auto& [input, contents] : operation.inputs) {
      for (const auto& entry : contents) result[input].insert(entry.first);
    }
    return result;
  };
  return digests(*key.before) == digests(*key.now);
}

// Its own key is what it was; `certain` where the earlier build is the one that it is known from.
void tell_inputs(const OwnKey& key, bool certain, std::optional<Miss>& miss) {
  const bool contradicted = certain && miss && miss->reason == Reason::own_definition;
  if (const auto difference = input_difference(key)) {
    if (!miss || contradicted || miss->reason == Reason::result_gone) miss = miss_of(*difference);
    append(*miss, to_text(difference->files));
  } else if (contradicted) {
    miss = Miss{Reason::parent_rekeyed};
    append(*miss, "its own definition is what it was, and what it stands on is not");
  } else if (certain && miss && miss->reason == Reason::result_gone && has_same_files(key)) {
    append(*miss, "its own definition and the files that it reads are what they were");
  }
}

}  // namespace

void add_evidence(const KeyStore& before, const KeyStore& now, const std::vector<StepOperation>& operations,
                  std::vector<metrics::Step>& steps) {
  ReadStores stores(before, now, operations);
  for (metrics::Step& step : steps) {
    if (step.outcome != metrics::StepOutcome::ran || (step.miss && !is_told_by_keys(step.miss->reason)))
      continue;
    OwnKey key{.step = operation_at(step, operations)};
    const auto* found = key.step == nullptr ? nullptr : stores.key_of(*key.step);
    if (found == nullptr) continue;
    key.now = &found->second;
    const auto same = before.operations.find(found->first);
    if (same == before.operations.end()) {
      tell_definition(nearest_difference(*key.now, stores.others()), before.of_one_build, step.miss);
    } else {
      key.before = &same->second;
      tell_inputs(key, before.of_one_build, step.miss);
    }
  }
}

}  // namespace buildlab::cache_keys
