// Why a step ran although a build before it had left its result: the values are those of metrics, which
// records hold.
#pragma once

#include "framework/metrics/miss.h"

namespace buildlab::misses {

using metrics::Miss;
using Reason = metrics::MissReason;
using metrics::to_string;
using metrics::to_text;

}  // namespace buildlab::misses
