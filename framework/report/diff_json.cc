#include "framework/base/json.h"
#include "framework/drift/inputs.h"
#include "framework/drift/order.h"
#include "framework/report/diff.h"
#include "framework/report/diff_words.h"

namespace buildlab::report {
namespace {

constexpr int k_diff_schema_version = 1;

Json texts_of(const std::vector<Digest>& digests) {
  Json list = Json::array();
  for (const Digest& digest : digests) list.push_back(digest.text());
  return list;
}

Json to_json_value(const drift::Side& side) {
  return {{"name", side.name},
          {"platform", side.platform},
          {"manifest", side.manifest ? Json(side.manifest->text()) : Json(nullptr)},
          {"config", side.config ? Json(side.config->text()) : Json(nullptr)},
          {"layers", texts_of(side.layers)},
          {"diff_ids", texts_of(side.diff_ids)}};
}

Json step_value(const std::optional<drift::StepRef>& step) {
  if (!step) return nullptr;
  return {{"file", step->file},
          {"first_line", step->lines.first},
          {"last_line", step->lines.last},
          {"text", or_null(step->text)}};
}

Json to_json_value(const drift::Difference& difference) {
  const auto& cause = difference.cause;
  const auto number = [](std::size_t layer) { return layer == 0 ? Json(nullptr) : Json(layer); };
  return {{"layer", number(difference.layer)},
          {"layer_b", number(difference.layer_b)},
          {"path", difference.path},
          {"attribute", drift::attribute_name(difference)},
          {"key", or_null(difference.key)},
          {"a", difference.a},
          {"b", difference.b},
          {"representation", difference.representation},
          {"class", cause ? Json(causes::to_string(cause->kind)) : Json(nullptr)},
          {"cause", cause ? Json(cause->name) : Json(nullptr)},
          {"row", cause ? or_null(cause->row) : Json(nullptr)},
          {"recogniser", cause ? or_null(cause->recogniser) : Json(nullptr)},
          {"proven", cause && cause->proven},
          {"evidence", evidence_words(difference)},
          {"fix", cause ? or_null(cause->fix) : Json(nullptr)},
          {"root", cause ? or_null(cause->root) : Json(nullptr)},
          {"input", or_null(difference.input)},
          {"step", step_value(difference.step)}};
}

Json fetched_value(const std::vector<drift::Given>& fetched) {
  Json list = Json::array();
  for (const drift::Given& one : fetched) list.push_back({{"url", one.url}, {"digest", or_null(one.digest)}});
  return list;
}

Json to_json_value(const drift::MovedInput& input) {
  Json steps = Json::array();
  for (const drift::StepRef& step : input.steps) steps.push_back(step_value(step));
  return {{"class", causes::to_string(causes::CauseClass::vers)},
          {"what", input.what},
          {"headline", drift::headline(input)},
          {"ecosystem", input.package ? Json(drift::to_string(input.package->ecosystem)) : Json(nullptr)},
          {"package", input.package ? Json(input.package->name) : Json(nullptr)},
          {"index", input.package && input.package->index},
          {"version_a", or_null(input.version_a)},
          {"version_b", or_null(input.version_b)},
          {"a", fetched_value(input.a)},
          {"b", fetched_value(input.b)},
          {"steps", std::move(steps)},
          {"fix", input.fix}};
}

}  // namespace

std::string to_json(const drift::Comparison& comparison) {
  Json differences = Json::array();
  for (const drift::Difference& difference : comparison.differences) {
    differences.push_back(to_json_value(difference));
  }
  Json ignored = Json::array();
  for (const drift::Ignored& entry : comparison.ignored) {
    ignored.push_back(
        {{"policy", entry.policy}, {"reason", entry.reason}, {"differences", entry.differences}});
  }
  Json inputs = Json::array();
  for (const drift::MovedInput& input : comparison.inputs) inputs.push_back(to_json_value(input));
  const drift::Share share = drift::explained_share(comparison.differences);
  const Json document = {
      {"schema_version", k_diff_schema_version},
      {"verdict", drift::to_string(comparison.verdict)},
      {"digests", {{"a", to_json_value(comparison.a)}, {"b", to_json_value(comparison.b)}}},
      {"layers_equal", comparison.layers_equal},
      {"layers_read", comparison.layers_read},
      {"explained", {{"places", share.places}, {"with_cause", share.with_cause}, {"proven", share.proven}}},
      {"differences", std::move(differences)},
      {"ignored", std::move(ignored)},
      {"inputs", std::move(inputs)},
      {"notes", comparison.notes}};
  // Paths and values are bytes: what is not UTF-8 becomes U+FFFD. All but ASCII is escaped, as is DEL, since
  // a terminal would obey some of it.
  std::string text = document.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
  for (std::size_t at = text.find('\x7f'); at != std::string::npos; at = text.find('\x7f', at)) {
    text.replace(at, 1, "\\u007f");
  }
  return text;
}

}  // namespace buildlab::report
