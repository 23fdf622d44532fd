#include "framework/cli/live_view.h"

#include <fmt/format.h>

#include "framework/base/environment.h"
#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/cli/console.h"
#include "framework/record/record_json.h"
#include "framework/report/report.h"
#include "framework/report/values.h"

namespace buildlab::cli {
namespace {

std::string bases_of(const record::Circumstances& circumstances) {
  std::string text;
  for (const record::Base& base : circumstances.bases) {
    text += fmt::format("{}{}", text.empty() ? " · base " : ", ", base.reference);
    if (base.made_locally) text += " (made locally)";
  }
  return text;
}

// "hello-service · 4 scenarios · BuildKit v0.32.2 (private, root) · 2 cores · base debian:bookworm-slim (made
// locally)"
std::string head_line(const record::ScenarioRecord& record, std::size_t scenarios) {
  const record::Circumstances& circumstances = record.circumstances;
  return fmt::format("{} · {} scenario{} · BuildKit {} (private, root) · {} cores{}\n\n", record.subject.name,
                     scenarios, scenarios == 1 ? "" : "s", circumstances.buildkit_version,
                     circumstances.cores, bases_of(circumstances));
}

bool can_redraw() {
  return stderr_is_terminal() && environment("TERM") != "dumb";
}

}  // namespace

LiveView::LiveView(Events events, bool no_color, const scenario::ScenarioFile& file, std::size_t scenarios)
    : m_events(events),
      m_colour(colour_on_stderr(no_color)),
      m_file(file),
      m_scenarios(scenarios),
      m_display(can_redraw() ? ProgressDisplay::Mode::terminal : ProgressDisplay::Mode::log) {}

std::shared_ptr<const SourceFile> LiveView::source_of(const record::ScenarioRecord& record) {
  const auto [found, is_new] = m_sources.try_emplace(record.subject.name);
  const scenario::Subject* subject = m_file.find_subject(record.subject.name);
  if (!is_new || subject == nullptr) return found->second;
  const auto text = read_file(subject->context / subject->dockerfile, Bytes{1U << 20U});
  if (!text) return nullptr;
  auto parsed = dockerfile::parse_dockerfile(*text, record.dockerfile_path);
  if (!parsed) return nullptr;
  found->second = std::make_shared<const SourceFile>(SourceFile{record.dockerfile_path, std::move(*parsed)});
  return found->second;
}

void LiveView::scenario_started(const scenario::Scenario& scenario) {
  m_runs = scenario.runs;
}

void LiveView::scenario_finished(const record::ScenarioRecord& record) {
  m_display.scenario_finished(record.name);
  m_display.print(fmt::format("{}\n{}", report::scenario_line(record, m_colour),
                              report::scenario_details(record, m_colour)));
}

void LiveView::close() {
  m_display.close();
}

void LiveView::message(std::string_view text) {
  m_display.print(fmt::format("{}\n", text));
}

void LiveView::build_started(const record::ScenarioRecord& record, const record::Build& build, bool priming) {
  if (m_headed.insert(record.subject.name).second) m_display.print(head_line(record, m_scenarios));
  // A plan of variations may ask for more plain builds than the scenario's runs.
  const std::string label = priming ? "priming"
                            : build.iteration > m_runs
                                ? fmt::format("build {}", build.iteration)
                                : fmt::format("build {} of {}", build.iteration, m_runs);
  m_display.build_started(record.name, build.builder, label, source_of(record));
}

void LiveView::progress(std::string_view scenario, std::string_view builder, std::string_view line) {
  m_display.progress(scenario, builder, line);
}

void LiveView::build_finished(const record::ScenarioRecord& record, const record::Build& build,
                              bool priming) {
  m_display.build_finished(record.name, build.builder);
  if (m_events == Events::json_lines) {
    (void)write_stdout(to_line(record::build_event(record, build, priming)) + "\n");
  }
}

void LiveView::varied_build_started(const record::ScenarioRecord& record, const record::VariedBuild& build,
                                    const std::string& builder) {
  m_display.build_started(record.name, builder, "with " + record::varied_words(build), source_of(record));
}

void LiveView::varied_build_finished(const record::ScenarioRecord& record, const record::VariedBuild& build,
                                     const std::string& builder) {
  m_display.build_finished(record.name, builder);
  const std::string result = build.failure ? "failed" : report::short_digest(build.digest);
  m_display.print(fmt::format("{} ({}) with {}: {}, {}\n", record.name, builder, record::varied_words(build),
                              to_short_text(build.duration_sec), result));
}

}  // namespace buildlab::cli
