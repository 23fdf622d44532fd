#include "framework/run/imported_image.h"

#include <fmt/format.h>
#include <algorithm>
#include <string_view>
#include <vector>

#include "framework/fault/fault.h"

namespace buildlab::run {
namespace {

using metrics::StepOutcome;
using record::Build;
using record::LayerRow;
using record::ScenarioRecord;

// Of a matrix each backend has a row of its own.
const record::BackendRow* row_of(const ScenarioRecord& record, const Build& build) {
  const auto row = std::find_if(record.backends.begin(), record.backends.end(),
                                [&](const record::BackendRow& one) { return one.name == build.builder; });
  return row == record.backends.end() ? nullptr : &*row;
}

// Whether all it met ends as without it, only later. Neither steps' own fetches nor what is written to the
// cache have anything to do with what is read from it.
bool only_slows(const std::string& text) {
  const auto fault = fault::parse_fault(text);
  return fault && (fault->at == fault::At::fetch || fault->at == fault::At::write ||
                   fault->kind == fault::Kind::latency || fault->kind == fault::Kind::bandwidth);
}

// An image is made of what was read: that writing the cache was disturbed, refused or tried again cannot
// touch it. Of records that do not tell them apart it is all of it.
record::ReadTrouble trouble_of(const record::Transfer& transfer) {
  if (transfer.reading) return *transfer.reading;
  return {transfer.retries, transfer.cut, transfer.faults, transfer.lookup_faults.value_or(0)};
}

bool met_trouble(const record::Transfer& transfer) {
  return trouble_of(transfer) != record::ReadTrouble{};
}

bool was_only_slow(const ScenarioRecord& record, const Build& build) {
  const record::ReadTrouble trouble = trouble_of(*build.transfer);
  if (trouble.lookup_faults > 0 || trouble.cut > 0 || trouble.retries > 0) return false;
  const record::BackendRow* row = row_of(record, build);
  const std::vector<std::string>& faults = row != nullptr ? row->faults : record.faults;
  return std::all_of(faults.begin(), faults.end(), only_slows);
}

// Without an epoch a configuration has the time at which each step ran, and that of an inline cache describes
// what the layers were before their times were rewritten.
bool same_inputs_give_one_configuration(const ScenarioRecord& record, const Build& build) {
  if (build.numbers.ran == 0) return true;
  const record::BackendRow* row = row_of(record, build);
  const std::string& mode = row != nullptr ? row->cache_mode : record.cache_mode;
  return record.circumstances.source_date_epoch.has_value() && mode != "inline";
}

bool is_of_step_that_ran(const LayerRow& layer, const Build& build) {
  return layer.lines &&
         std::any_of(build.numbers.steps.begin(), build.numbers.steps.end(), [&](const auto& step) {
           return step.lines == *layer.lines && step.outcome == StepOutcome::ran;
         });
}

bool same_layer(const LayerRow& one, const LayerRow& other) {
  return one.digest == other.digest && one.diff_id == other.diff_id && one.media_type == other.media_type;
}

struct Difference {
  std::string words;
  bool by_a_step_that_ran = false;
};

std::string layer_words(std::size_t layer, const LayerRow& row) {
  return row.lines ? fmt::format("layer {} (line {} of the Dockerfile)", layer + 1, row.lines->first)
                   : fmt::format("layer {}", layer + 1);
}

// Of layers that steps did not write anew the first, else the first at all; nullopt where none differs.
std::optional<Difference> first_difference(const Build& build, const Build& other) {
  const auto& layers = build.image->layers;
  const auto& others = other.image->layers;
  if (layers.size() != others.size())
    return Difference{fmt::format("it has {} layers, and not {}", layers.size(), others.size())};
  std::optional<Difference> found;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (same_layer(layers[i], others[i])) continue;
    const std::string words = fmt::format("{} differs", layer_words(i, layers[i]));
    if (!is_of_step_that_ran(layers[i], build)) return Difference{words};
    if (!found) found = Difference{words, true};
  }
  return found;
}

std::string not_to_be_trusted(const Build& build, const Build& other, std::string_view other_words,
                              std::string_view difference) {
  return fmt::format(
      "requests to the cache met trouble, and the image is {} where {} gave {} ({}), so it is not to be "
      "trusted: build-lab diff of the two says what differs, docs/faults.md how it comes about",
      build.image->digest, other_words, other.image->digest, difference);
}

std::string not_vouched_for(const Build& build, const Build& other, std::string_view other_words,
                            std::string_view difference) {
  return fmt::format(
      "requests to the cache met trouble, and the image is {} where {} gave {}: {}, whose step ran. It may "
      "come out otherwise each time, but nothing says so, so the image is not to be trusted: build-lab diff "
      "of "
      "the two says what differs, docs/faults.md what can be compared",
      build.image->digest, other_words, other.image->digest, difference);
}

std::optional<std::string> unlike(const ScenarioRecord& record, const Build& build, const Build& other,
                                  std::string_view other_words) {
  if (build.image->digest == other.image->digest) return std::nullopt;
  const auto difference = first_difference(build, other);
  if (difference) {
    return difference->by_a_step_that_ran ? not_vouched_for(build, other, other_words, difference->words)
                                          : not_to_be_trusted(build, other, other_words, difference->words);
  }
  if (!same_inputs_give_one_configuration(record, build)) return std::nullopt;
  return not_to_be_trusted(build, other, other_words, "the same layers, another configuration or manifest");
}

}  // namespace

std::optional<std::string> wrong_image_reason(const ScenarioRecord& record, const Build& build) {
  // Of a matrix each backend's cache was filled by a build of its own.
  const auto filled_by = std::find_if(record.priming.rbegin(), record.priming.rend(),
                                      [&](const Build& one) { return one.builder == build.builder; });
  if (filled_by == record.priming.rend() || !filled_by->image || !build.image || !build.transfer)
    return std::nullopt;
  if (!met_trouble(*build.transfer) || !build.mutation.empty()) return std::nullopt;
  if (build.numbers.ran > 0 && was_only_slow(record, build)) return std::nullopt;
  return unlike(record, build, *filled_by, "the build that filled it from the same inputs");
}

bool needs_reference(const ScenarioRecord& record, const Build& build) {
  return build.valid && build.image && build.transfer && !build.mutation.empty() &&
         met_trouble(*build.transfer) && !was_only_slow(record, build);
}

std::optional<std::string> unlike_reference(const ScenarioRecord& record, const Build& build,
                                            const Build& reference) {
  if (!build.image) return std::nullopt;
  if (!reference.valid || !reference.image) {
    return fmt::format(
        "requests to the cache met trouble, and the same build with an undisturbed cache, which its image "
        "was "
        "to be compared with, says nothing: {}",
        reference.invalid_reason.value_or("it gave no image"));
  }
  return unlike(record, build, reference, "the same build with an undisturbed cache");
}

}  // namespace buildlab::run
