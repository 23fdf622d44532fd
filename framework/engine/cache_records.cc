#include "framework/engine/cache_records.h"

#include "framework/base/json.h"

namespace buildlab::engine {
namespace {

constexpr std::size_t k_ids_a_command = 1000;

}  // namespace

Result<std::set<std::string>> cache_record_ids(std::string_view listing) {
  BUILDLAB_ASSIGN(const Json json, parse_json(listing, "the builder's cache records"));
  std::set<std::string> ids;
  if (json.is_null()) return ids;  // Go's empty list
  if (!json.is_array()) return fail(ErrorKind::infrastructure, "the builder's cache records are no list");
  for (const Json& record : json) {
    const auto id = record.is_object() ? record.find("id") : record.end();
    if (!record.is_object() || id == record.end() || !id->is_string()) {
      return fail(ErrorKind::infrastructure, "the builder's cache records: one has no id");
    }
    ids.insert(id->get<std::string>());
  }
  return ids;
}

std::vector<std::vector<std::string>> prune_commands(const std::set<std::string>& ids) {
  std::vector<std::vector<std::string>> commands;
  std::size_t count = 0;
  for (const std::string& id : ids) {
    if (count++ % k_ids_a_command == 0) commands.push_back({"prune", "--all"});
    commands.back().insert(commands.back().end(), {"--filter", "id==" + id});
  }
  return commands;
}

}  // namespace buildlab::engine
