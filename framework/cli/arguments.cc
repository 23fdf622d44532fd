#include "framework/cli/arguments.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "framework/base/text.h"
#include "framework/cli/baseline_arguments.h"
#include "framework/cli/replay_arguments.h"
#include "framework/cli/verdict_arguments.h"
#include "framework/run/version.h"

namespace buildlab::cli {
namespace {

constexpr const char* k_description =
    "Builds container images for real, and says how fast, how cached and how reproducible they are.";

constexpr const char* k_footer =
    "Scenarios are read from buildlab.json in this folder or above it (--file names another).\n"
    "Data goes to standard output, progress and messages to standard error.\n"
    "Exit: 0 passed, 1 a gate failed, 2 usage or invalid scenario, 3 a build failed, 4 could not be "
    "evaluated,\n"
    "99 no builder or other infrastructure, 130 interrupted.";

void add_common(CLI::App& command, Common& common) {
  command.add_option("--file", common.file, "Scenario file (default: buildlab.json here or above)")
      ->type_name("FILE");
  command
      .add_option(
          "--store", common.store,
          "Folder of records and kept builders (default: $BUILDLAB_HOME, else below the user's state folder)")
      ->type_name("DIR");
  command.add_flag("--json", common.json, "Machine-readable output on standard output");
  command.add_flag("--no-color", common.no_color, "No colour, as with NO_COLOR");
}

std::vector<std::string> names_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

// CLI11 says "The following argument was not expected: rnu"; a near command is what the person meant.
std::string usage_text(const CLI::App& app, const std::string& what, int argc, const char* const* argv) {
  std::string text = fmt::format("build-lab: {}\n", what);
  const CLI::App* level = &app;
  std::string path;
  for (int i = 1; i < argc && argv[i][0] != '-'; ++i) {
    const auto names = names_of(*level);
    if (names.empty()) break;
    path += (path.empty() ? "" : " ") + std::string(argv[i]);
    if (std::find(names.begin(), names.end(), argv[i]) == names.end()) {
      text = fmt::format("build-lab: unknown command \"{}\"", path);
      if (const auto near = nearest(argv[i], names)) text += fmt::format(" — did you mean \"{}\"?", *near);
      text += "\n";
      break;
    }
    level = level->get_subcommand(argv[i]);
  }
  return text + "build-lab --help lists the commands; build-lab COMMAND --help their options.\n";
}

// The other format that was asked for together with --json.
std::optional<std::string> format_beside_json(const CLI::App& command) {
  const CLI::Option* json = command.get_option_no_throw("--json");
  const CLI::Option* format = command.get_option_no_throw("--format");
  if (json == nullptr || format == nullptr || json->count() == 0 || format->count() == 0) return std::nullopt;
  const auto asked = format->as<std::string>();
  return asked == "json" ? std::nullopt : std::optional(asked);
}

}  // namespace

Invocation parse_arguments(int argc, const char* const* argv) {
  CLI::App app(k_description, "build-lab");
  app.footer(k_footer);
  app.set_version_flag("--version", fmt::format("build-lab {}", run::tool_version()));
  app.require_subcommand(0, 1);
  app.get_formatter()->column_width(34);

  Run run;
  CLI::App* run_command =
      app.add_subcommand("run", "Run scenarios: build, judge, record, and print the report");
  add_common(*run_command, run.common);
  auto* all = run_command->add_flag("--all", run.all, "Every scenario of the file, in its order");
  run_command
      ->add_option("--scenario", run.scenarios,
                   "Scenarios by name, kind, last part of the name, or glob; may be repeated")
      ->type_name("NAME")
      ->excludes(all);
  run_command->add_flag("--refresh", run.refresh, "Prime kept builders anew");

  List list;
  add_common(*app.add_subcommand("list", "List the scenarios of the file with their newest results"),
             list.common);

  Report report;
  CLI::App* report_command = app.add_subcommand("report", "Print a report of the newest records");
  add_common(*report_command, report.common);
  const std::map<std::string, Format> formats = {{"text", Format::text},
                                                 {"markdown", Format::markdown},
                                                 {"json", Format::json},
                                                 {"junit", Format::junit}};
  std::string format = "text";
  report_command->add_option("--format", format, "text (YAML), markdown, json or junit")
      ->check(CLI::IsMember({"text", "markdown", "json", "junit"}))
      ->type_name("FORMAT");
  report_command->add_option("--subject", report.subject, "Subject to report on (default: the file's first)")
      ->type_name("NAME");

  Compare compare;
  CLI::App* compare_command = app.add_subcommand("compare", "Compare two runs, or two records");
  add_common(*compare_command, compare.common);
  auto* last =
      compare_command->add_option("--last", compare.last, "The last N runs: the first of them with the last")
          ->check(CLI::Range(2, 1'000'000))
          ->type_name("N");
  compare_command->add_option("records", compare.records, "Two of RUN or RUN/SCENARIO")
      ->expected(0, 2)
      ->excludes(last);
  add_baseline_option(*compare_command, compare);
  compare_command
      ->add_option("--fail-on", compare.fail_on, "Exit 1 on: slower, digest, hits (may be repeated)")
      ->check(CLI::IsMember({"slower", "digest", "hits"}))
      ->delimiter(',')
      ->type_name("WHAT");
  compare_command
      ->add_option("--pace", compare.pace,
                   "What two runs of unchanged builds may differ by on this machine, as a quotient (default: "
                   "1.2; 1 where its pace is always the same)")
      ->check(CLI::Range(1.0, 100.0))
      ->type_name("RATIO");

  Diff diff;
  CLI::App* diff_command = app.add_subcommand("diff", "Say how two images differ, why, and how to mend it");
  add_common(*diff_command, diff.common);
  diff_command
      ->add_option("A", diff.a, "OCI archive or layout folder, archive of docker save, or REGISTRY/NAME:TAG")
      ->required();
  diff_command->add_option("B", diff.b, "The other image")->required();
  const std::map<std::string, DiffFormat> diff_formats = {{"text", DiffFormat::text},
                                                          {"markdown", DiffFormat::markdown},
                                                          {"json", DiffFormat::json},
                                                          {"html", DiffFormat::html}};
  std::string diff_format = "text";
  diff_command->add_option("--format", diff_format, "text, markdown, json or html (a fragment)")
      ->check(CLI::IsMember({"text", "markdown", "json", "html"}))
      ->type_name("FORMAT");
  diff_command->add_flag("--all", diff.all, "Every path instead of the first ones of each cause");
  std::vector<std::string> tolerated;
  diff_command->add_option("--tolerate", tolerated, "Exit 0 too on: representation (same files, other bytes)")
      ->check(CLI::IsMember({"representation"}))
      ->expected(1)
      ->type_name("WHAT");
  diff_command
      ->add_option(
          "--ignore", diff.policies,
          "Pass over path=GLOB,attribute=NAME:REASON (either part; ,content lets it hide content); may "
          "be repeated")
      ->allow_extra_args(false)
      ->type_name("POLICY");
  diff_command->add_option("--provenance", diff.provenance, "Provenance (SLSA v1) of A and of B")
      ->expected(2)
      ->type_name("FILE");
  diff_command->add_option("--platform", diff.platform, "Which image of several: linux/amd64")
      ->type_name("PLATFORM");
  diff_command
      ->add_option("--source-date-epoch", diff.source_date_epoch,
                   "What both were built with: seconds since 1970")
      ->type_name("SECONDS");

  Doctor doctor;
  add_common(
      *app.add_subcommand("doctor", "Say what was found here, what can work, and what to do about the rest"),
      doctor.common);

  Init init;
  CLI::App* init_command = app.add_subcommand(
      "init", "Write a starter buildlab.json for an existing Dockerfile; print the CMake lines");
  add_common(*init_command, init.common);
  init_command->add_option("DIR", init.folder, "Folder with the Dockerfile (default: here)");
  init_command->add_flag("--force", init.force, "Replace an existing buildlab.json");

  Clean clean;
  CLI::App* clean_command = app.add_subcommand(
      "clean", "Remove leftovers and raw artifacts that no report needs (records and kept builders stay)");
  add_common(*clean_command, clean.common);
  auto* clean_all =
      clean_command->add_flag("--all", clean.all, "All records and kept builders of this store too");
  clean_command->add_option("--older-than", clean.older_than_days, "Runs older than DAYS too")
      ->check(CLI::Range(0, 100'000))
      ->type_name("DAYS")
      ->excludes(clean_all);
  clean_command->add_flag("--cache", clean.cache,
                          "The shared cache too: pinned engine and local base images");

  VerdictOptions verdict;
  add_verdict(app, verdict, add_common);
  ReplayOptions replay;
  add_replay(app, replay, add_common);
  MapOptions map;
  add_map(app, map, add_common);
  MakeBaseline make_baseline;
  add_baseline(app, make_baseline, add_common);

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForVersion& call) {
    return Say{std::string(call.what()) + "\n", 0};
  } catch (const CLI::CallForHelp&) {
    return Say{app.help(), 0};
  } catch (const CLI::CallForAllHelp&) {
    return Say{app.help("", CLI::AppFormatMode::All), 0};
  } catch (const CLI::ParseError& error) {
    return Say{usage_text(app, error.what(), argc, argv), 2};
  }
  report.format = report.common.json ? Format::json : formats.at(format);
  diff.format = diff.common.json ? DiffFormat::json : diff_formats.at(diff_format);
  diff.tolerate_representation = !tolerated.empty();

  const auto chosen = app.get_subcommands();
  if (chosen.empty()) return Say{app.help(), 0};
  const std::string& name = chosen.front()->get_name();
  if (const auto other = format_beside_json(*chosen.front())) {
    return Say{fmt::format("build-lab {}: --json and --format {} contradict each other; give one of them\n",
                           name, *other),
               2};
  }
  if (name == "run") {
    if (!run.all && run.scenarios.empty()) {
      return Say{
          "build-lab run: name what to run: --all, or --scenario NAME (build-lab list shows the names)\n", 2};
    }
    return run;
  }
  if (name == "baseline") return make_baseline;
  if (name == "list") return list;
  if (name == "report") return report;
  if (name == "compare") return chosen_compare(compare);
  if (name == "diff") return diff;
  if (name == "doctor") return doctor;
  if (name == "init") return init;
  if (name == "map") return chosen_map(map);
  if (name == "replay") return chosen_replay(replay);
  if (name == "verdict") return chosen_verdict(*chosen.front(), verdict);
  return clean;
}

}  // namespace buildlab::cli
