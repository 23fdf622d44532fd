// Stages that are built without the cache: a list of names, or "*" alone.
#include <fmt/format.h>
#include <algorithm>

#include "framework/base/text.h"
#include "framework/scenario/readers.h"

namespace buildlab::scenario {
namespace {

// As Dockerfiles have them; what else the builder is given in one comma-separated option.
bool is_stage_name(std::string_view text) {
  const auto is_letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && text.size() <= 128 && is_letter_or_digit(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

}  // namespace

void read_no_cache(Fields& fields, Scenario& scenario) {
  const Json* value = fields.find("no_cache");
  if (value == nullptr) return;
  scenario.no_cache = fields.texts("no_cache");
  for (const std::string& stage : scenario.no_cache) {
    if (stage == k_all_stages && scenario.no_cache.size() > 1)
      fields.problem("no_cache", "holds \"*\", all stages, and others beside it");
    if (stage != k_all_stages && !is_stage_name(stage))
      fields.problem("no_cache",
                     fmt::format("must name stages of the Dockerfile, or be [\"*\"], found \"{}\"",
                                 one_line(stage, 60)));
  }
  const bool has_cache = scenario.kind == Kind::warm || scenario.kind == Kind::edit ||
                         (scenario.kind == Kind::ephemeral && scenario.cache_mode != CacheMode::none);
  if (!scenario.no_cache.empty() && !has_cache && fields.has("kind"))
    fields.problem("no_cache",
                   "is used where there is a cache only: kinds \"warm\", \"edit\", and "
                   "\"ephemeral\" with a cache");
}

}  // namespace buildlab::scenario
