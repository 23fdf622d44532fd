// What of a scenario's declaration changes what its builds measure, for records: times of two records are of
// the same thing only where it is the same.
#pragma once

#include <map>
#include <string>

#include "framework/scenario/scenario.h"

namespace buildlab::run {

// By the keys of the scenario file, in words, without credentials. Kind, cache mode, cache attributes, faults
// and the mutation's words stand elsewhere in a record; of the mutation this has the digest of its texts.
std::map<std::string, std::string> declaration_of(const scenario::Scenario& scenario,
                                                  const scenario::Subject& subject);

}  // namespace buildlab::run
