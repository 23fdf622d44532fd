// What a person sees on standard error while scenarios run, and the events of --json on standard output.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "framework/cli/progress_display.h"
#include "framework/record/record.h"
#include "framework/run/run.h"
#include "framework/scenario/scenario.h"

namespace buildlab::cli {

class LiveView : public run::Observer {
 public:
  enum class Events { none, json_lines };

  LiveView(Events events, bool no_color, const scenario::ScenarioFile& file, std::size_t scenarios);

  void scenario_started(const scenario::Scenario& scenario);
  void scenario_finished(const record::ScenarioRecord& record);
  // Takes the live lines off the terminal.
  void close();

  void message(std::string_view text) override;
  void build_started(const record::ScenarioRecord& record, const record::Build& build, bool priming) override;
  void progress(std::string_view scenario, std::string_view builder, std::string_view line) override;
  void build_finished(const record::ScenarioRecord& record, const record::Build& build,
                      bool priming) override;
  void varied_build_started(const record::ScenarioRecord& record, const record::VariedBuild& build,
                            const std::string& builder) override;
  void varied_build_finished(const record::ScenarioRecord& record, const record::VariedBuild& build,
                             const std::string& builder) override;

 private:
  std::shared_ptr<const SourceFile> source_of(const record::ScenarioRecord& record);

  Events m_events;
  bool m_colour;
  const scenario::ScenarioFile& m_file;
  std::size_t m_scenarios;
  std::map<std::string, std::shared_ptr<const SourceFile>>
      m_sources;   // by subject; null where it cannot be read
  int m_runs = 0;  // of the scenario that is running
  ProgressDisplay m_display;
  std::set<std::string> m_headed;  // subjects whose head line was printed
};

}  // namespace buildlab::cli
