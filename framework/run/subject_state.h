// A subject as it stands at the start of a scenario's run: its Dockerfile's text, its epoch, its name in
// records.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "framework/base/digest.h"
#include "framework/base/result.h"
#include "framework/dockerfile/dockerfile.h"
#include "framework/record/record.h"
#include "framework/scenario/scenario.h"

namespace buildlab::run {

struct SubjectState {
  const scenario::Subject* subject = nullptr;
  std::string dockerfile_text;
  Digest dockerfile_digest;
  dockerfile::Dockerfile dockerfile;
  std::vector<std::string> images;                // references that the target reads from outside
  std::optional<std::int64_t> source_date_epoch;  // seconds; nullopt when the build gets none
  std::vector<std::string> notes;                 // what is not as it should be about the epoch
  record::SubjectKey key;
  std::string dockerfile_path;  // for file:line: relative to the repository, else to the scenario file
};

// How records name the subject: equal for two records of the same declaration. Credentials in URLs of build
// arguments are left out.
record::SubjectKey subject_key(const scenario::Subject& subject, const std::filesystem::path& scenario_file);

// Errors: usage (Dockerfile missing or unreadable, unknown target) with the path.
Result<SubjectState> read_subject(const scenario::Subject& subject,
                                  const std::filesystem::path& scenario_file);

// `path` relative to the git work tree that holds it, else to `folder` where it lies below it, else absolute.
std::string display_path(const std::filesystem::path& path, const std::filesystem::path& folder);

}  // namespace buildlab::run
