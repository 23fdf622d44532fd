// JSON of others that is safe to read: every member named once, none of it larger than a statement needs.
// Private to this room.
#pragma once

#include <string_view>

#include "framework/base/json.h"

namespace buildlab::statement {

// As parse_json. Errors too: a name twice in one object, since readers differ in which one they take, and an
// object of more than 1,000 members, since finding one among them takes time that grows with their number.
Result<Json> parse_strict_json(std::string_view text, std::string_view name);

}  // namespace buildlab::statement
