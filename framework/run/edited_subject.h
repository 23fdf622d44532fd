// What a mutation made of the Dockerfile.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/engine/base_image.h"
#include "framework/run/scenario_run.h"

namespace buildlab::run {

// The subject as the mutated copy has it, where its Dockerfile or the images that it reads (an ARG before
// FROM) are others than the user's; nullptr where they are the same. Errors: usage, where the mutation left
// no sound Dockerfile.
Result<std::shared_ptr<const SubjectState>> edited_subject(
    const ScenarioRun& run, const std::filesystem::path& copy,
    const std::map<std::string, std::string>& build_args);

// The mutations applied to the copy, and what the order says of them.
Status apply_edit(ScenarioRun& run, const std::filesystem::path& copy, Order& order);

// The images that an order's build reads: those of the subject, and what an edited Dockerfile names beside
// them.
Result<engine::BaseImages> images_of(ScenarioRun& run, const Order& order,
                                     const engine::BaseImages& of_subject);

}  // namespace buildlab::run
