// "faults": a list of objects {"at": …, "fault": …} and the numbers that the kind takes.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

#include "framework/base/text.h"
#include "framework/scenario/cache_attributes.h"
#include "framework/scenario/keys.h"
#include "framework/scenario/readers.h"
#include "framework/scenario/write.h"

namespace buildlab::scenario {
namespace {

// More than anyone reads; each is asked for every request.
constexpr std::size_t k_most_faults = 32;

// nullopt, and a problem, where the word is missing or not one of `names`.
template <typename Parse>
auto read_word(Fields& fields, std::string_view key, const std::vector<std::string>& names, Parse parse)
    -> decltype(parse(std::string_view())) {
  if (!fields.has(key)) {
    fields.missing(key, fmt::format("one of {}", fmt::join(names, ", ")));
    return std::nullopt;
  }
  const auto text = fields.text(key);
  if (!text) return std::nullopt;
  const auto value = parse(std::string_view(*text));
  if (!value)
    fields.problem(key, fmt::format("cannot be \"{}\"{}", one_line(*text, 60), suggestion(*text, names)));
  return value;
}

void read_numbers(Fields& fields, fault::Fault& fault) {
  const std::vector<fault::Parameter> known = fault::parameters(fault.kind);
  for (const std::string& key : fault_keys()) {
    if (key == "at" || key == "fault" || !fields.has(key)) continue;
    bool taken = false;
    for (const fault::Parameter& parameter : known) taken = taken || parameter.key == key;
    if (!taken) fields.problem(key, fmt::format("is not for the fault \"{}\"", to_string(fault.kind)));
  }
  for (const fault::Parameter& parameter : known) {
    if (parameter.required && !fields.has(parameter.key))
      fields.missing(parameter.key, fmt::format("the fault \"{}\" needs it", to_string(fault.kind)));
    if (const auto value = fields.integer(parameter.key, {parameter.least, parameter.most}))
      fault::set_value(fault, parameter.key, *value);
  }
  if (const auto problem = fault::schedule_problem(fault))
    fields.problem("every_ms", "is wrong: " + *problem);
}

std::optional<fault::Fault> read_fault(Fields& fields) {
  const bool known = fields.allow_only(fault_keys());
  const auto at = read_word(fields, "at", fault::at_names(), fault::parse_at);
  const auto kind = read_word(fields, "fault", fault::kind_names(), fault::parse_kind);
  if (!known || !at || !kind) return std::nullopt;
  fault::Fault fault;
  fault.at = *at;
  fault.kind = *kind;
  read_numbers(fields, fault);
  return fault;
}

// Whether some stand before the cache. Those of what RUN steps fetch need a network that is observed.
bool disturb_cache(Fields& fields, const Scenario& scenario) {
  bool cache = false;
  bool fetches = false;
  for (const fault::Fault& fault : scenario.faults) (fault.at == fault::At::fetch ? fetches : cache) = true;
  if (fetches && scenario.network != Network::observed)
    fields.problem("faults", "at \"fetch\" need \"network\": \"observed\"");
  return cache;
}

}  // namespace

std::vector<fault::Fault> read_fault_list(Fields& fields, const std::string& subject) {
  std::vector<fault::Fault> faults;
  const std::vector<Fields::Element> elements = fields.list("faults");
  for (const Fields::Element& element : elements) {
    auto object = Fields::open(*element.value, element.pointer, subject, fields.document());
    if (!object) continue;
    if (auto fault = read_fault(*object)) faults.push_back(*fault);
  }
  if (elements.size() > k_most_faults)
    fields.problem("faults",
                   fmt::format("are {}; at most {} can be declared", elements.size(), k_most_faults));
  return faults;
}

void read_faults(Fields& fields, Scenario& scenario) {
  if (!fields.has("faults")) return;
  scenario.faults =
      read_fault_list(fields, fmt::format("scenario \"{}\": faults", one_line(scenario.name, 60)));
  if (!disturb_cache(fields, scenario)) return;
  if (scenario.kind == Kind::matrix) {
    fields.problem("faults",
                   "stand in the backend that meets them: {\"cache_mode\": \"registry\", \"faults\": […]}");
    return;
  }
  const bool ephemeral = scenario.kind == Kind::ephemeral && has_reference(scenario.cache_mode);
  if (!ephemeral && fields.has("kind")) {
    fields.problem("faults",
                   "are for kind \"ephemeral\" with \"cache_mode\" \"registry\" or \"inline\" only");
  } else if (scenario.cache_ref) {
    fields.problem("faults", "are made before the run's own private registry only: leave \"cache_ref\" out");
  }
}

Json to_json(const fault::Fault& fault) {
  Json json{{"at", to_string(fault.at)}, {"fault", to_string(fault.kind)}};
  for (const fault::Parameter& parameter : fault::parameters(fault.kind)) {
    if (const auto value = fault::value_of(fault, parameter.key)) json[std::string(parameter.key)] = *value;
  }
  return json;
}

}  // namespace buildlab::scenario
