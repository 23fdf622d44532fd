#include "framework/record/drift_json.h"

namespace buildlab::record {
namespace {

Json line_range_to_json(const dockerfile::LineRange& lines) {
  return Json::array({lines.first, lines.last});
}

Json drift_cause_to_json(const DriftCause& cause) {
  return {{"place", cause.place},
          {"more", cause.more},
          {"attributes", cause.attributes},
          {"class", cause.kind.empty() ? Json(nullptr) : Json(cause.kind)},
          {"cause", cause.name.empty() ? Json(nullptr) : Json(cause.name)},
          {"row", cause.row.empty() ? Json(nullptr) : Json(cause.row)},
          {"proven", cause.proven},
          {"evidence", cause.evidence},
          {"fix", cause.fix.empty() ? Json(nullptr) : Json(cause.fix)},
          {"root", cause.root.empty() ? Json(nullptr) : Json(cause.root)},
          {"input", cause.input.empty() ? Json(nullptr) : Json(cause.input)},
          {"layer", cause.layer == 0 ? Json(nullptr) : Json(cause.layer)},
          {"lines", cause.lines ? line_range_to_json(*cause.lines) : Json(nullptr)}};
}

Json drifting_step_to_json(const DriftingStep& step) {
  return {{"lines", line_range_to_json(step.lines)},
          {"text", step.text},
          {"origin", to_string(step.origin)},
          {"why", step.why}};
}

Json fetched_to_json(const std::vector<FetchedInput>& fetched) {
  Json list = Json::array();
  for (const FetchedInput& one : fetched)
    list.push_back({{"url", one.url}, {"digest", one.digest.empty() ? Json(nullptr) : Json(one.digest)}});
  return list;
}

std::optional<dockerfile::LineRange> lines_of(const Fields& fields) {
  const Json* lines = fields.raw("lines");
  if (lines == nullptr) return std::nullopt;
  if (lines->is_array() && lines->size() == 2 && (*lines)[0].is_number_integer() &&
      (*lines)[1].is_number_integer()) {
    return dockerfile::LineRange{(*lines)[0].get<int>(), (*lines)[1].get<int>()};
  }
  fields.wrong("lines", "is not [first, last]");
  return std::nullopt;
}

DriftCause read_drift_cause(const Fields& fields) {
  DriftCause cause;
  cause.place = fields.text("place");
  cause.more = fields.integer<std::size_t>("more");
  cause.attributes = fields.texts("attributes");
  cause.kind = fields.text_or_empty("class");
  cause.name = fields.text_or_empty("cause");
  cause.row = fields.text_or_empty("row");
  cause.proven = fields.boolean("proven");
  cause.evidence = fields.texts("evidence");
  cause.fix = fields.text_or_empty("fix");
  cause.root = fields.text_or_empty("root");
  cause.input = fields.text_or_empty("input");
  cause.layer = fields.optional_integer<std::size_t>("layer").value_or(0);
  cause.lines = lines_of(fields);
  return cause;
}

DriftingStep read_drifting_step(const Fields& fields) {
  DriftingStep step;
  step.lines = lines_of(fields).value_or(dockerfile::LineRange{});
  step.text = fields.text("text");
  const auto origin = parse_origin(fields.text("origin"));
  if (!origin) fields.wrong("origin", "is not root, inherited or unknown");
  step.origin = origin.value_or(Origin::unknown);
  step.why = fields.text("why");
  return step;
}

FetchedInput read_fetched(const Fields& fields) {
  return {fields.text("url"), fields.text_or_empty("digest")};
}

MovedInput read_moved_input(const Fields& fields) {
  MovedInput input;
  input.what = fields.text("what");
  input.headline = fields.text("headline");
  input.ecosystem = fields.text_or_empty("ecosystem");
  input.package = fields.text_or_empty("package");
  input.index = fields.boolean("index");
  input.version_a = fields.text_or_empty("version_a");
  input.version_b = fields.text_or_empty("version_b");
  input.a = fields.objects("a", read_fetched);
  input.b = fields.objects("b", read_fetched);
  input.urls_left_out = fields.integer<std::size_t>("urls_left_out");
  input.lines = fields.objects(
      "steps", [](const Fields& step) { return lines_of(step).value_or(dockerfile::LineRange{}); });
  input.fix = fields.text("fix");
  return input;
}

Json moved_input_to_json(const MovedInput& input) {
  const auto or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  Json steps = Json::array();
  for (const dockerfile::LineRange& lines : input.lines)
    steps.push_back({{"lines", line_range_to_json(lines)}});
  return {{"class", "VERS"},
          {"what", input.what},
          {"headline", input.headline},
          {"ecosystem", or_null(input.ecosystem)},
          {"package", or_null(input.package)},
          {"index", input.index},
          {"version_a", or_null(input.version_a)},
          {"version_b", or_null(input.version_b)},
          {"a", fetched_to_json(input.a)},
          {"b", fetched_to_json(input.b)},
          {"urls_left_out", input.urls_left_out},
          {"steps", std::move(steps)},
          {"fix", input.fix}};
}

}  // namespace

std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::root:
      return "root";
    case Origin::inherited:
      return "inherited";
    case Origin::unknown:
      return "unknown";
  }
  return "";
}

std::optional<Origin> parse_origin(std::string_view text) {
  for (const Origin origin : {Origin::root, Origin::inherited, Origin::unknown}) {
    if (to_string(origin) == text) return origin;
  }
  return std::nullopt;
}

Json passed_over_to_json(const std::vector<PassedOver>& passed_over) {
  Json list = Json::array();
  for (const PassedOver& one : passed_over)
    list.push_back({{"policy", one.policy}, {"reason", one.reason}, {"differences", one.differences}});
  return list;
}

std::vector<PassedOver> read_passed_over(const Fields& fields) {
  if (fields.raw("passed_over") == nullptr) return {};
  return fields.objects("passed_over", [](const Fields& one) {
    return PassedOver{one.text("policy"), one.text("reason"), one.integer<std::size_t>("differences")};
  });
}

Json drift_to_json(const Drift& drift) {
  Json causes = Json::array();
  for (const DriftCause& cause : drift.causes) causes.push_back(drift_cause_to_json(cause));
  Json steps = Json::array();
  for (const DriftingStep& step : drift.steps) steps.push_back(drifting_step_to_json(step));
  Json moved = Json::array();
  for (const MovedInput& input : drift.moved_inputs) moved.push_back(moved_input_to_json(input));
  return {{"builds", Json::array({drift.build_a, drift.build_b})},
          {"verdict", drift.verdict},
          {"differences", drift.differences},
          {"places", drift.places},
          {"with_cause", drift.with_cause},
          {"proven", drift.proven},
          {"causes", std::move(causes)},
          {"causes_left_out", drift.causes_left_out},
          {"steps", std::move(steps)},
          {"moved_inputs", std::move(moved)},
          {"moved_inputs_left_out", drift.moved_inputs_left_out},
          {"passed_over", passed_over_to_json(drift.passed_over)}};
}

Drift read_drift(const Fields& fields) {
  Drift drift;
  const Json* builds = fields.raw("builds");
  if (builds != nullptr && builds->is_array() && builds->size() == 2 && (*builds)[0].is_number_integer() &&
      (*builds)[1].is_number_integer()) {
    drift.build_a = (*builds)[0].get<int>();
    drift.build_b = (*builds)[1].get<int>();
  } else {
    fields.wrong("builds", "is not [first, second]");
  }
  drift.verdict = fields.text("verdict");
  drift.differences = fields.integer<std::size_t>("differences");
  drift.places = fields.integer<std::size_t>("places");
  drift.with_cause = fields.integer<std::size_t>("with_cause");
  drift.proven = fields.integer<std::size_t>("proven");
  drift.causes = fields.objects("causes", read_drift_cause);
  drift.causes_left_out = fields.integer<std::size_t>("causes_left_out");
  drift.steps = fields.objects("steps", read_drifting_step);
  drift.moved_inputs = fields.objects("moved_inputs", read_moved_input);
  drift.moved_inputs_left_out = fields.integer<std::size_t>("moved_inputs_left_out");
  drift.passed_over = read_passed_over(fields);
  return drift;
}

}  // namespace buildlab::record
