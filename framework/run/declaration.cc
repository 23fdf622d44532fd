#include "framework/run/declaration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <vector>

#include "framework/base/digest.h"
#include "framework/base/redact.h"
#include "framework/scenario/cache_attributes.h"
#include "framework/scenario/write.h"

namespace buildlab::run {
namespace {

std::string sorted_words(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  return fmt::format("{}", fmt::join(words, ", "));
}

// "append src/main.cpp" says nothing of what is appended.
std::string mutation_digest(const std::vector<scenario::Mutation>& mutations) {
  Json texts = Json::array();
  for (const scenario::Mutation& mutation : mutations) texts.push_back(scenario::to_json(mutation));
  return sha256(to_line(texts)).short_text();
}

}  // namespace

std::map<std::string, std::string> declaration_of(const scenario::Scenario& scenario,
                                                  const scenario::Subject& subject) {
  std::map<std::string, std::string> words{{"network", std::string(to_string(scenario.network))}};
  if (scenario::has_export_mode(scenario.cache_mode)) words["cache_export_mode"] = scenario.cache_export_mode;
  if (scenario.cache_ref) words["cache_ref"] = redact_url_credentials(*scenario.cache_ref);
  if (!scenario.no_cache.empty()) words["no_cache"] = sorted_words(scenario.no_cache);
  if (scenario.cache_preimages) words["cache_preimages"] = "true";
  if (!scenario.commits.empty()) words["commits"] = scenario.commits;
  if (!scenario.input_mutation.empty())
    words["input_mutation_digest"] = mutation_digest(scenario.input_mutation);
  // Its builds stand side by side.
  if (scenario.kind == scenario::Kind::reproducibility) words["runs"] = fmt::format("{}", scenario.runs);
  std::vector<std::string> secrets;
  for (const scenario::Secret& secret : subject.secrets) secrets.push_back(secret.id);
  if (!secrets.empty()) words["secrets"] = sorted_words(std::move(secrets));
  return words;
}

}  // namespace buildlab::run
