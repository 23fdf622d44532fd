// Private to the room: the JSON of a transfer, both ways.
#pragma once

#include "framework/base/json.h"
#include "framework/metrics/numbers.h"
#include "framework/record/json_fields.h"
#include "framework/record/transfer.h"

namespace buildlab::record {

Json transfer_to_json(const Transfer& transfer);
Json fetches_to_json(const metrics::Fetches& fetches);
Transfer read_transfer(const Fields& fields);
metrics::Fetches read_fetches(const Fields& fields);

}  // namespace buildlab::record
