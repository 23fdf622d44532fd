// Whether builders keep what their cache keys were computed from.
#include "framework/scenario/readers.h"

namespace buildlab::scenario {

void read_preimages(Fields& fields, Scenario& scenario) {
  scenario.cache_preimages = fields.flag("cache_preimages").value_or(false);
  const bool explains = scenario.kind == Kind::warm || scenario.kind == Kind::edit ||
                        (scenario.kind == Kind::ephemeral && scenario.cache_mode != CacheMode::none);
  if (scenario.cache_preimages && !explains && fields.has("kind"))
    fields.problem("cache_preimages",
                   "is used where there is a cache only: kinds \"warm\", \"edit\", and "
                   "\"ephemeral\" with a cache");
}

}  // namespace buildlab::scenario
