// A base image that is named by a tag only: who moves the tag changes the image and re-runs everything after
// it.
#include <algorithm>

#include "framework/advisor/finding.h"

namespace buildlab::advisor {
namespace {

bool mentions(const dockerfile::Instruction& instruction, const std::string& reference) {
  const auto in = [&](const std::string& flag) {
    const auto at = flag.find("from=" + reference);
    return at != std::string::npos;
  };
  return std::any_of(instruction.flags.begin(), instruction.flags.end(), in);
}

// The line that names the reference: as it is written, else the first one that names a variable instead.
std::optional<int> line_of(const std::string& reference, const dockerfile::Dockerfile& file) {
  std::optional<int> by_variable;
  for (const dockerfile::Stage& stage : file.stages) {
    if (stage.base == reference) return stage.from.lines.first;
    if (!by_variable && stage.base.find('$') != std::string::npos) by_variable = stage.from.lines.first;
    for (const dockerfile::Instruction& instruction : stage.instructions) {
      if (mentions(instruction, reference)) return instruction.lines.first;
    }
  }
  return by_variable;
}

// "docker.io/library/debian:bookworm-slim" is what "debian:bookworm-slim" was resolved as.
const record::Base* resolved(const std::string& reference, const record::Circumstances& circumstances) {
  for (const record::Base& base : circumstances.bases) {
    const std::string& full = base.reference;
    const bool same =
        full == reference || (full.size() > reference.size() && full.ends_with("/" + reference));
    if (same) return &base;
  }
  return nullptr;
}

// The record to cite: a cold one knows what a moved tag costs.
const record::ScenarioRecord* cited(const Facts& facts) {
  const record::ScenarioRecord* any = nullptr;
  for (const record::ScenarioRecord& record : facts.records) {
    if (facts.file_of(record) == nullptr) continue;
    if (record.kind == "cold" && !samples_of(record).empty()) return &record;
    if (any == nullptr) any = &record;
  }
  return any;
}

}  // namespace

std::vector<Finding> mutable_base(const Facts& facts) {
  const record::ScenarioRecord* record = cited(facts);
  if (record == nullptr) return {};
  const std::optional<std::string> target =
      record->subject.target.empty() ? std::nullopt : std::optional(record->subject.target);
  const auto images =
      dockerfile::external_images(*facts.file, target, record->subject.build_args, record->subject.platform);
  if (!images) return {};
  const auto samples = samples_of(*record);
  std::vector<Finding> findings;
  for (const std::string& reference : *images) {
    if (reference.find("@sha256:") != std::string::npos) continue;
    const std::optional<int> line = line_of(reference, *facts.file);
    if (!line) continue;  // the syntax directive, which is no base
    MutableBase evidence{reference, std::nullopt, std::nullopt};
    const record::Base* base = resolved(reference, record->circumstances);
    if (base != nullptr && !base->made_locally) evidence.digest = base->digest;
    if (record->kind == "cold" && !samples.empty()) {
      evidence.cold_sec = samples.front()->numbers.parts.steps_sec;
    }
    // Nothing is at stake in a build until the tag moves.
    findings.push_back({std::move(evidence), 0, record, line});
  }
  return findings;
}

}  // namespace buildlab::advisor
