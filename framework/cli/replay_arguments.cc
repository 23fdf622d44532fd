#include "framework/cli/replay_arguments.h"

#include <CLI/CLI.hpp>

#include "framework/replay/history.h"

namespace buildlab::cli {
namespace {

Format format_of(const ReplayOptions& options) {
  if (options.replay.common.json || options.format == "json") return Format::json;
  return options.format == "markdown" ? Format::markdown : Format::text;
}

}  // namespace

void add_replay(CLI::App& app, ReplayOptions& options, void (*add_common)(CLI::App&, Common&)) {
  Replay& replay = options.replay;
  CLI::App* command = app.add_subcommand(
      "replay", "Build commit after commit of the repository's history, and say what each cost");
  add_common(*command, replay.common);
  auto* commits = command->add_option("--commits", replay.commits, "The last N commits up to HEAD")
                      ->check(CLI::Range(1, replay::k_max_commits))
                      ->type_name("N");
  command->add_option("range", replay.range, "The commits after A up to B, first parents only")
      ->type_name("A..B")
      ->excludes(commits);
  command->add_option("--subject", replay.subject, "Subject to build (default: the file's first)")
      ->type_name("NAME");
  command
      ->add_option(
          "--cache-mode", options.cache_mode,
          "builder (one kept builder), local or registry (a fresh builder for each commit that imports "
          "and exports such a cache)")
      ->check(CLI::IsMember({"builder", "local", "registry"}))
      ->type_name("MODE");
  command->add_flag("--refresh", replay.refresh, "Build all of it anew instead of going on");
  command->add_option("--format", options.format, "text, markdown or json")
      ->check(CLI::IsMember({"text", "markdown", "json"}))
      ->type_name("FORMAT");
}

Invocation chosen_replay(const ReplayOptions& options) {
  if (!options.replay.commits && !options.replay.range)
    return Say{"build-lab replay: name what to walk: --commits N, or A..B\n", 2};
  Replay replay = options.replay;
  replay.format = format_of(options);
  if (options.cache_mode == "local") replay.cache_mode = scenario::CacheMode::local;
  if (options.cache_mode == "registry") replay.cache_mode = scenario::CacheMode::registry;
  return replay;
}

void add_map(CLI::App& app, MapOptions& options, void (*add_common)(CLI::App&, Common&)) {
  CLI::App* command =
      app.add_subcommand("map", "Say which edits of the context re-run which steps, and what that costs");
  add_common(*command, options.map.common);
  command->add_option("--subject", options.map.subject, "Subject (default: the file's first)")
      ->type_name("NAME");
  command
      ->add_option("--probe", options.map.probes,
                   "Build an edit of each of the N costliest classes instead of deriving them")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  command->add_option("--format", options.format, "text, json or svg (a picture)")
      ->check(CLI::IsMember({"text", "json", "svg"}))
      ->type_name("FORMAT");
}

Invocation chosen_map(const MapOptions& options) {
  Map map = options.map;
  const bool json = map.common.json || options.format == "json";
  map.format = json ? MapFormat::json : options.format == "svg" ? MapFormat::svg : MapFormat::text;
  return map;
}

}  // namespace buildlab::cli
