// Prints what the parsers of check_reports.py read: one format of a record full of hostile texts, or the
// texts themselves as JSON.
#include <cstdio>
#include <string_view>

#include "framework/base/json.h"
#include "framework/report/characters.h"
#include "framework/report/report.h"
#include "tests/support/record_builder.h"
#include "tests/unit/report/hostile_texts.h"

namespace {

using namespace buildlab;

report::ReportInput sample() {
  report::ReportInput input;
  input.records = {testing::cold_record(), testing::warm_record(), testing::edit_record()};
  record::ScenarioRecord& edit = input.records.back();
  edit.outcome = verdict::Outcome::gate_failed;
  for (const std::string& text : testing::hostile_texts()) {
    input.advice.push_back({"rule", text, 1.5, "run", "app.edit", {}, {}});
    edit.gates.push_back({"min_hit_ratio", verdict::Ruling::fail, text, {text}, "Dockerfile", 4});
    edit.notes.push_back(text);
    edit.builds.front().numbers.steps.front().text += " " + text;
  }
  return input;
}

std::string texts_as_json() {
  Json array = Json::array();
  for (std::string_view text : testing::hostile_texts()) {
    std::string valid;
    while (!text.empty()) report::append_utf8(valid, report::take_character(text));
    array.push_back(valid);
  }
  return to_pretty_text(array);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view format = argc == 2 ? argv[1] : "";
  std::string text;
  if (format == "texts") text = texts_as_json();
  if (format == "text") text = report::to_text(sample());
  if (format == "json") text = report::to_json(sample());
  if (format == "junit") text = report::to_junit(sample());
  if (format == "markdown") text = report::to_markdown(sample());
  std::fwrite(text.data(), 1, text.size(), stdout);
  return text.empty() ? 2 : 0;
}
