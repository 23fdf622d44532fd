// What a record says of the machine and the tools it was made with.
#pragma once

#include <vector>

#include "framework/context/copy.h"
#include "framework/engine/base_image.h"
#include "framework/engine/builder.h"
#include "framework/record/record.h"
#include "framework/run/subject_state.h"

namespace buildlab::run {

// The machine and the tools; bases, context and builder are filled in as they become known.
record::Circumstances describe_machine(const engine::Toolchain& toolchain);

void describe_subject(record::Circumstances& circumstances, const SubjectState& subject,
                      const context::ContextCopy& copy);
void describe_bases(record::Circumstances& circumstances, const std::vector<engine::ResolvedBase>& bases);

}  // namespace buildlab::run
