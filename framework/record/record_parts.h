// Private to the room: parts of a record that other files of the room hold too.
#pragma once

#include "framework/base/json.h"
#include "framework/record/json_fields.h"
#include "framework/record/record.h"

namespace buildlab::record {

Circumstances read_circumstances(const Fields& fields);
SubjectKey read_subject(const Fields& fields);
Json subject_to_json(const SubjectKey& subject);

}  // namespace buildlab::record
