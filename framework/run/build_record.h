// Raw artifacts of one build -> the build's entry in the record.
#pragma once

#include <filesystem>
#include <string>

#include "framework/base/result.h"
#include "framework/engine/request.h"
#include "framework/metrics/analyse.h"
#include "framework/metrics/fetches.h"
#include "framework/record/record.h"
#include "framework/run/fetch_server.h"
#include "framework/run/subject_state.h"
#include "framework/run/validity.h"

namespace buildlab::run {

struct BuildContext {
  const SubjectState& subject;
  std::map<std::string, std::string> build_args;  // the subject's with the mutations' on top
  Declared declared;
  metrics::StateHint hint;
  std::filesystem::path run_folder;                      // artifacts are named relative to it
  std::optional<std::vector<metrics::Step>> cold_steps;  // of the subject's latest valid cold record
  Observed observed = {};                                // by the server that the build fetched through
};

// The progress stream of a build, from its file.
Result<metrics::BuildGraph> read_progress(const std::filesystem::path& path);

// By its progress stream alone; true where that cannot be read.
bool ran_a_step(const engine::BuildArtifacts& artifacts);

// Fills everything that the artifacts tell; iteration, builder and mutation are the caller's. A progress
// stream that cannot be read makes the build no sample, with the reason. Never fails: what is wrong stands in
// the build.
record::Build to_record(const engine::BuildArtifacts& artifacts, const BuildContext& context);

}  // namespace buildlab::run
