#include "framework/cli/verdict_arguments.h"

#include <CLI/CLI.hpp>

namespace buildlab::cli {
namespace {

// What decides whether a file is believed, for all commands that read some.
template <typename Options>
void add_trust(CLI::App& command, Options& options) {
  command.add_option("files", options.files, "Statements")->required()->type_name("FILE");
  command
      .add_option(
          "--key", options.keys,
          "Public key (PEM, Ed25519) of whoever is trusted; may be repeated, each signature has to be of "
          "one of them")
      ->type_name("PUBLIC.pem")
      ->allow_extra_args(false);
  command.add_flag("--unsigned", options.accept_unsigned, "Take statements that nobody signed too");
  command.add_flag("--lenient", options.lenient,
                   "Take envelopes as other tools write them, where one signature is of a given key");
}

}  // namespace

void add_verdict(CLI::App& app, VerdictOptions& options, void (*add_common)(CLI::App&, Common&)) {
  CLI::App* verdict =
      app.add_subcommand("verdict", "Make, check and merge signed statements of reproducibility");
  verdict->require_subcommand(1);

  CLI::App* check = verdict->add_subcommand(
      "check", "Check statements: signature, form, subject; exit 1 when one must not be believed");
  add_common(*check, options.check.common);
  add_trust(*check, options.check);
  check->add_option("--subject", options.check.subject, "Digest or OCI archive that they have to be about")
      ->type_name("DIGEST|IMAGE");
  check->add_flag("--require-pass", options.check.require_pass, "Exit 1 unless their result is PASSED");

  CLI::App* make =
      verdict->add_subcommand("make", "Make a statement of a reproducibility scenario's newest record");
  add_common(*make, options.make.common);
  make->add_option("--scenario", options.make.scenario,
                   "Reproducibility scenario (default: the file's only one)")
      ->type_name("NAME");
  make->add_option("--key", options.make.keys, "Private key (PEM, Ed25519) to sign with; may be repeated")
      ->type_name("PRIVATE.pem")
      ->allow_extra_args(false);
  make->add_option("--output", options.make.output, "File to write (default: standard output)")
      ->type_name("FILE");

  CLI::App* merge = verdict->add_subcommand(
      "merge", "Tell which digest independent builders agree on; exit 1 when too few do");
  add_common(*merge, options.merge.common);
  add_trust(*merge, options.merge);
  merge
      ->add_option("--quorum", options.merge.quorum,
                   "Builders that have to agree (default: all of them, and two at least)")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("K");
  CLI::Option* output =
      merge->add_option("--output", options.merge.output, "File for the merged statement")->type_name("FILE");
  merge
      ->add_option("--sign-key", options.merge.sign_keys,
                   "Private key to sign the merged statement with; may be repeated")
      ->type_name("PRIVATE.pem")
      ->allow_extra_args(false)
      ->needs(output);
}

Invocation chosen_verdict(const CLI::App& verdict, const VerdictOptions& options) {
  const std::string name = verdict.get_subcommands().front()->get_name();
  if (name == "check") return options.check;
  if (name == "make") return options.make;
  return options.merge;
}

}  // namespace buildlab::cli
