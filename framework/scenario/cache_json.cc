// Where a scenario's cache lies and what its exporter is told; and the backends of a matrix, each a word like
// "registry:zstd" or an object with the same keys.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <set>

#include "framework/base/text.h"
#include "framework/scenario/cache_attributes.h"
#include "framework/scenario/keys.h"
#include "framework/scenario/readers.h"
#include "framework/scenario/write.h"

namespace buildlab::scenario {
namespace {

// A table of more has no reader, and each is a build in every round.
constexpr std::size_t k_most_backends = 16;
constexpr std::string_view k_kept_prefix = "builder+";

// A word of the kind "builder", "registry:min:zstd", "builder+registry".
std::vector<std::string> mode_names() {
  std::vector<std::string> names{"none", "builder"};
  for (const CacheMode mode : external_cache_modes()) names.emplace_back(to_string(mode));
  return names;
}

std::optional<CacheMode> parse_cache_mode(std::string_view text) {
  if (text == to_string(CacheMode::none)) return CacheMode::none;
  if (text == to_string(CacheMode::builder)) return CacheMode::builder;
  for (const CacheMode mode : external_cache_modes()) {
    if (text == to_string(mode)) return mode;
  }
  return std::nullopt;
}

void read_reference(Fields& fields, Backend& cache) {
  cache.cache_ref = fields.text("cache_ref");
  if (!cache.cache_ref) return;
  if (!has_reference(cache.cache_mode))
    fields.problem("cache_ref", "is used with \"cache_mode\" \"registry\" or \"inline\" only");
  if (cache.cache_ref->find_first_of(" ,\t\n\"") != std::string::npos)
    fields.problem("cache_ref", "must be a reference like \"registry.example/app-cache:main\"");
  if (cache.cache_ref->find("://") != std::string::npos)
    fields.problem("cache_ref", "takes no scheme; write \"registry.example/app-cache:main\"");
}

void read_export_mode(Fields& fields, Backend& cache) {
  const auto mode = fields.text("cache_export_mode");
  if (!mode) return;
  cache.cache_export_mode = *mode;
  if (*mode != "min" && *mode != "max")
    fields.problem("cache_export_mode",
                   fmt::format("must be \"max\" or \"min\", found \"{}\"", one_line(*mode, 40)));
  if (cache.cache_mode == CacheMode::inlined) {
    fields.problem("cache_export_mode", "is not for \"inline\", which holds what \"min\" does");
  } else if (!has_export_mode(cache.cache_mode)) {
    fields.problem("cache_export_mode", "is used with an external cache only");
  }
}

void read_attributes(Fields& fields, Backend& cache, const std::string& of) {
  auto object = fields.object("cache_attributes", of + "cache_attributes");
  if (!object) return;
  for (const auto& [name, value] : object->json().items()) {
    if (value.is_string()) {
      if (const auto text = object->text(name, EmptyText::allowed)) cache.cache_attributes[name] = *text;
    } else if (value.is_boolean() || value.is_number_integer()) {
      cache.cache_attributes[name] = to_line(value);
    } else {
      object->problem(name,
                      fmt::format("must be a text, a whole number, true or false, found {}", kind_of(value)));
    }
  }
  for (const AttributeProblem& problem : check_cache_attributes(cache.cache_mode, cache.cache_attributes))
    object->problem(problem.key, problem.text);
}

// nullopt and a problem at `key` where the word is none.
std::optional<Backend> parse_backend(Fields& fields, const std::string& word) {
  Backend backend;
  backend.name = word;
  std::string_view rest = word;
  if (rest.starts_with(k_kept_prefix)) {
    backend.kept = true;
    rest.remove_prefix(k_kept_prefix.size());
  }
  const std::vector<std::string_view> words = split(rest, ':');
  const auto mode = words.empty() ? std::nullopt : parse_cache_mode(words.front());
  if (!mode || (backend.kept && !is_external(*mode))) {
    fields.problem("backends", fmt::format("cannot hold \"{}\"{}", one_line(word, 60),
                                           suggestion(words.empty() ? "" : words.front(), mode_names())));
    return std::nullopt;
  }
  backend.cache_mode = *mode;
  backend.kept = backend.kept || *mode == CacheMode::builder;
  const CacheAttribute* compression = find_cache_attribute(*mode, "compression");
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string_view one = words[i];
    if ((one == "min" || one == "max") && has_export_mode(*mode)) {
      backend.cache_export_mode = one;
    } else if (compression != nullptr && std::find(compression->words.begin(), compression->words.end(),
                                                   one) != compression->words.end()) {
      backend.cache_attributes["compression"] = one;
    } else {
      fields.problem("backends",
                     fmt::format("holds \"{}\": \"{}\" is neither an export mode nor a compression "
                                 "of \"{}\"; other attributes need an object",
                                 one_line(word, 60), one_line(one, 40), to_string(*mode)));
      return std::nullopt;
    }
  }
  return backend;
}

std::optional<Backend> read_backend(Fields& fields, const std::string& of) {
  if (!fields.allow_only(backend_keys())) return std::nullopt;
  Backend backend;
  if (!fields.has("cache_mode"))
    fields.missing("cache_mode", fmt::format("{}", fmt::join(mode_names(), ", ")));
  const auto mode = fields.text("cache_mode");
  if (!mode) return std::nullopt;
  const auto known = parse_cache_mode(*mode);
  if (!known) {
    fields.problem("cache_mode",
                   fmt::format("cannot be \"{}\"{}", one_line(*mode, 60), suggestion(*mode, mode_names())));
    return std::nullopt;
  }
  backend.cache_mode = *known;
  backend.kept = fields.flag("kept").value_or(*known == CacheMode::builder);
  if (backend.kept != (*known == CacheMode::builder) && !is_external(*known))
    fields.problem("kept", fmt::format("cannot be chosen with \"{}\"", to_string(*known)));
  backend.name =
      fields.text("name").value_or((backend.kept && is_external(*known) ? "builder+" : "") + *mode);
  read_reference(fields, backend);
  read_export_mode(fields, backend);
  read_attributes(fields, backend, of);
  backend.faults = read_fault_list(fields, of + "faults");
  if (!backend.faults.empty() && (!has_reference(*known) || backend.cache_ref))
    fields.problem("faults", "are made before the run's own private registry only");
  return backend;
}

bool is_backend_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._:+-").find(c) != std::string_view::npos;
  });
}

void check_backends(Fields& fields, const Scenario& scenario) {
  std::set<std::string> names;
  for (const Backend& backend : scenario.backends) {
    if (!is_backend_name(backend.name))
      fields.problem("backends",
                     fmt::format("holds the name \"{}\": it must be letters, digits and \"._:+-\", "
                                 "at most 64",
                                 one_line(backend.name, 60)));
    if (!names.insert(backend.name).second)
      fields.problem("backends", fmt::format("holds \"{}\" twice; an object takes a \"name\" of its own",
                                             one_line(backend.name, 60)));
  }
  if (scenario.backends.size() > k_most_backends)
    fields.problem("backends", fmt::format("are {}; at most {} can be compared", scenario.backends.size(),
                                           k_most_backends));
  for (const char* key : {"gates", "cache_mode", "max_runs"}) {
    if (fields.has(key))
      fields.problem(key,
                     fmt::format("is not for kind \"matrix\", which compares its \"backends\" and judges "
                                 "nothing"));
  }
}

}  // namespace

void read_cache(Fields& fields, Scenario& scenario) {
  Backend cache;
  cache.cache_mode = scenario.cache_mode;
  read_reference(fields, cache);
  read_export_mode(fields, cache);
  read_attributes(fields, cache, fmt::format("scenario \"{}\": ", one_line(scenario.name, 60)));
  if (scenario.kind == Kind::replay && !cache.cache_attributes.empty())
    fields.problem("cache_attributes", "are for kinds \"ephemeral\" and \"matrix\" only");
  scenario.cache_ref = std::move(cache.cache_ref);
  scenario.cache_export_mode = std::move(cache.cache_export_mode);
  scenario.cache_attributes = std::move(cache.cache_attributes);
}

void read_backends(Fields& fields, Scenario& scenario) {
  const bool matrix = scenario.kind == Kind::matrix;
  if (!fields.has("backends")) {
    if (matrix)
      fields.missing("backends", "what to compare, for example [\"none\", \"local\", \"registry\"]");
    return;
  }
  if (!matrix && fields.has("kind")) fields.problem("backends", "are for kind \"matrix\" only");
  const std::vector<Fields::Element> elements = fields.list("backends");
  const std::string subject = fmt::format("scenario \"{}\": backends", one_line(scenario.name, 60));
  const std::size_t before = fields.document().problems.size();
  for (const Fields::Element& element : elements) {
    if (element.value->is_string()) {
      if (auto backend = parse_backend(fields, element.value->get<std::string>()))
        scenario.backends.push_back(std::move(*backend));
      continue;
    }
    auto object = Fields::open(*element.value, element.pointer, subject, fields.document());
    if (!object) continue;
    if (auto backend = read_backend(*object, subject + ": "))
      scenario.backends.push_back(std::move(*backend));
  }
  const bool sound = fields.document().problems.size() == before;
  if (sound && scenario.backends.size() < 2)
    fields.problem("backends", "must be two or more: there is nothing to compare");
  if (matrix) check_backends(fields, scenario);
}

Json cache_attributes_json(CacheMode mode, const std::map<std::string, std::string>& attributes) {
  Json json = Json::object();
  for (const auto& [name, value] : attributes) {
    const CacheAttribute* known = find_cache_attribute(mode, name);
    const auto kind = known == nullptr ? CacheAttribute::Value::text : known->value;
    if (kind == CacheAttribute::Value::boolean) {
      json[name] = value == "true";
    } else if (kind == CacheAttribute::Value::integer) {
      json[name] = std::atoi(value.c_str());
    } else {
      json[name] = value;
    }
  }
  return json;
}

Json to_json(const Backend& backend) {
  const Backend plain;
  Json json{{"name", backend.name}, {"cache_mode", to_string(backend.cache_mode)}};
  if (backend.kept && backend.cache_mode != CacheMode::builder) json["kept"] = true;
  if (backend.cache_ref) json["cache_ref"] = *backend.cache_ref;
  if (backend.cache_export_mode != plain.cache_export_mode)
    json["cache_export_mode"] = backend.cache_export_mode;
  if (!backend.cache_attributes.empty())
    json["cache_attributes"] = cache_attributes_json(backend.cache_mode, backend.cache_attributes);
  for (const fault::Fault& fault : backend.faults) json["faults"].push_back(to_json(fault));
  return json;
}

}  // namespace buildlab::scenario
