#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "framework/metrics/statistics.h"
#include "framework/record/backends_json.h"
#include "framework/record/baseline.h"
#include "framework/record/record_json.h"
#include "framework/record/record_parts.h"

namespace buildlab::record {
namespace {

constexpr std::size_t k_max_baseline_rows = 10'000;
constexpr std::size_t k_max_baseline_builds = 1000;  // as many as a scenario may have
constexpr double k_longest_sec = 1e7;

Json row_to_json(const BaselineRow& row) {
  Json ratio = nullptr;
  if (row.hits + row.ran > 0) ratio = static_cast<double>(row.hits) / (row.hits + row.ran);
  return {{"name", row.name},
          {"kind", row.kind},
          {"cache_mode", row.cache_mode},
          {"input_mutation", row.input_mutation.empty() ? Json(nullptr) : Json(row.input_mutation)},
          {"run_id", row.run_id},
          {"started", row.started},
          {"median_sec", metrics::median(row.durations_sec).value_or(0)},
          {"durations_sec", row.durations_sec},
          {"cache_hit_ratio", std::move(ratio)},
          {"hits", row.hits},
          {"ran", row.ran},
          {"declaration", row.declaration ? attributes_to_json(*row.declaration) : Json(nullptr)},
          {"subject", subject_to_json(row.subject)},
          {"circumstances", circumstances_to_json(row.circumstances)}};
}

std::vector<double> read_durations(const Fields& fields) {
  std::vector<double> seconds;
  const Json* list = fields.raw("durations_sec");
  if (list == nullptr || !list->is_array() || list->empty() || list->size() > k_max_baseline_builds) {
    fields.wrong("durations_sec", fmt::format("is not a list of 1 to {} seconds", k_max_baseline_builds));
    return seconds;
  }
  for (const Json& value : *list) {
    const double each = value.is_number() ? value.get<double>() : 0;
    if (!(each > 0 && each <= k_longest_sec)) {
      fields.wrong(fmt::format("durations_sec[{}]", seconds.size()), "is not a number of seconds above 0");
      return seconds;
    }
    seconds.push_back(each);
  }
  return seconds;
}

int read_count(const Fields& fields, std::string_view key) {
  constexpr int k_most = 100'000'000;
  const int count = fields.integer<int>(key);
  if (count < 0 || count > k_most) fields.wrong(key, "is not a count");
  return std::clamp(count, 0, k_most);
}

BaselineRow read_row(const Fields& fields) {
  BaselineRow row;
  row.name = fields.text("name");
  if (row.name.empty()) fields.wrong("name", "is empty");
  row.kind = fields.text("kind");
  row.cache_mode = fields.text("cache_mode");
  row.input_mutation = fields.text_or_empty("input_mutation");
  row.run_id = fields.text("run_id");
  row.started = fields.text("started");
  if (fields.raw("declaration") != nullptr) row.declaration = read_texts_by_name(fields, "declaration");
  row.subject = fields.object("subject", read_subject);
  row.durations_sec = read_durations(fields);
  row.hits = read_count(fields, "hits");
  row.ran = read_count(fields, "ran");
  row.circumstances = fields.object("circumstances", read_circumstances);
  return row;
}

// Of valid JSON whose root is an object: the line on which each object that stands in a list of the root
// begins. Rows are the only such objects.
std::vector<int> lines_of_rows(std::string_view text) {
  std::vector<int> lines;
  int line = 1;
  int depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (in_text) {
      if (c == '\\') ++i;
      in_text = c != '"';
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{' || c == '[') {
      if (c == '{' && depth == 2) lines.push_back(line);
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return lines;
}

tl::unexpected<Error> refused(std::string_view name, int line, std::string_view what) {
  return fail(ErrorKind::usage, fmt::format("{}:{}: {}", name, line, what),
              {"build-lab baseline FILE writes one anew; remove this file before, or restore it"});
}

}  // namespace

std::string baseline_to_text(const Baseline& baseline) {
  std::vector<const BaselineRow*> rows;
  for (const BaselineRow& row : baseline.rows) rows.push_back(&row);
  std::sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  Json scenarios = Json::array();
  for (const BaselineRow* row : rows) scenarios.push_back(row_to_json(*row));
  return to_pretty_text({{"schema_version", k_baseline_schema_version}, {"scenarios", std::move(scenarios)}});
}

Result<Baseline> parse_baseline(std::string_view text, std::string_view name) {
  BUILDLAB_ASSIGN(const Json json, parse_json(text, name, ErrorKind::usage));
  FieldErrors errors{"", std::nullopt};
  const Fields fields(json, "", errors);
  if (errors.first) return refused(name, 1, "is no baseline: it is not an object");
  for (const auto& [key, value] : json.items()) {
    const bool known =
        key == "schema_version" || key == "scenarios" || (key == "$schema" && value.is_string());
    if (!known)
      return refused(name, 1, fmt::format("is no baseline: \"{}\" is not known", key.substr(0, 60)));
  }
  const int version = fields.integer<int>("schema_version");
  if (errors.first || version < 1 || version > k_baseline_schema_version)
    return refused(name, 1, fmt::format("schema_version is not 1 to {}", k_baseline_schema_version));
  const Json* list = fields.raw("scenarios");
  if (list == nullptr || !list->is_array() || list->size() > k_max_baseline_rows)
    return refused(name, 1, fmt::format("scenarios is not a list of at most {}", k_max_baseline_rows));
  const std::vector<int> lines = lines_of_rows(text);
  Baseline baseline;
  std::set<std::string> names;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const int line = i < lines.size() ? lines[i] : 1;
    FieldErrors row_errors{fmt::format("scenarios[{}]", i), std::nullopt};
    BaselineRow row = read_row(Fields((*list)[i], "", row_errors));
    if (row_errors.first) return refused(name, line, *row_errors.first);
    if (!names.insert(row.name).second)
      return refused(name, line, fmt::format("scenario \"{}\" is there twice", row.name));
    baseline.rows.push_back(std::move(row));
  }
  return baseline;
}

}  // namespace buildlab::record
