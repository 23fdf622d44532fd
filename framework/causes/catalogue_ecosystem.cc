// Rows I: other ecosystems.
#include <array>

#include "framework/causes/binary_checks.h"
#include "framework/causes/catalogue.h"

namespace buildlab::causes {
namespace {

using checks::by_path;

std::optional<Finding> autoloader(const ContentPair& pair, const Surroundings&) {
  return checks::values(pair, {{"ComposerAutoloaderInit", ":;( \n"}, {"ComposerStaticInit", ":;( \n"}});
}

std::optional<Finding> apcu_prefix(const ContentPair& pair, const Surroundings&) {
  auto found = checks::values(pair, {{"setApcuPrefix('", "'"}});
  if (!found) return std::nullopt;
  // The autoloader's own name is as random.
  const auto both = checks::values(
      pair,
      {{"setApcuPrefix('", "'"}, {"ComposerAutoloaderInit", ":;( \n"}, {"ComposerStaticInit", ":;( \n"}});
  found->proven = both && both->proven;
  return found;
}

std::optional<Finding> gem_log(const ContentPair& pair, const Surroundings& surroundings) {
  if (auto found = checks::any_generic(pair, surroundings)) return found;
  return by_path(pair, surroundings);
}

std::optional<Finding> perl_list(const ContentPair& pair, const Surroundings& surroundings) {
  if (auto found = checks::times(pair, surroundings)) return found;
  return by_path(pair, surroundings);
}

std::optional<Finding> document(const ContentPair& pair, const Surroundings& surroundings) {
  if (auto found = checks::png_text(pair, surroundings)) return found;
  return checks::pdf_dates(pair, surroundings);
}

std::optional<Finding> database(const ContentPair& pair, const Surroundings& surroundings) {
  if (auto found = checks::values(pair, {{"server-uuid=", "\n"}, {"server_uuid=", "\n"}})) return found;
  return is_text(pair.a) ? std::nullopt : by_path(pair, surroundings);
}

std::optional<Finding> secret_base(const ContentPair& pair, const Surroundings& surroundings) {
  const auto found = checks::values(
      pair, {{"secret_key_base: ", "\n"}, {"secret_key_base=", "\n"}, {"SECRET_KEY_BASE=", "\n"}});
  if (!found) return std::nullopt;
  return checks::secret(pair, surroundings);
}

constexpr std::string_view k_history =
    "*/.bash_history */.ash_history */.zsh_history */.python_history */.node_repl_history */.viminfo "
    "*/.lesshst";
constexpr std::string_view k_home =
    "*/.cache/* */.gnupg/random_seed */.bash_history */.ash_history */.zsh_history */.python_history "
    "*/.node_repl_history */.viminfo */.lesshst";

constexpr std::array k_ecosystem_rows = {
    Row{.id = "I1",
        .kind = CauseClass::rand,
        .name = "Composer's autoloader has a random name",
        .fix = "commit composer.lock (Composer 2.6.4 or newer derives the name), or set "
               "config.autoloader-suffix",
        .paths = "*/vendor/autoload.php */vendor/composer/autoload_*.php",
        .check = autoloader},
    Row{.id = "I2",
        .kind = CauseClass::rand,
        .name = "Composer's APCu cache has a random prefix",
        .fix = "composer dump-autoload --classmap-authoritative instead of --apcu-autoloader, or "
               "--apcu-autoloader-prefix=<name>",
        .paths = "*/vendor/composer/autoload_real.php",
        .check = apcu_prefix},
    Row{.id = "I3",
        .kind = CauseClass::time,
        .name = "the log of a native Ruby extension was kept",
        .fix = "find / -name mkmf.log -o -name gem_make.out | xargs rm -f in the RUN that installs",
        .paths = "*/mkmf.log */gem_make.out",
        .check = gem_log,
        .presence = "*/mkmf.log */gem_make.out",
        .mixed = true},
    Row{.id = "I4",
        .kind = CauseClass::path,
        .name = "the name of Ruby's temporary file, with day and process, was kept",
        .fix = "find / -name mkmf.log -o -name gem_make.out | xargs rm -f in the RUN that installs",
        .presence = "*/siteconf*.rb"},
    Row{.id = "I5",
        .kind = CauseClass::time,
        .name = "Perl's list of installed modules has times and paths",
        .fix = "make install with NO_PACKLIST=1 NO_PERLLOCAL=1",
        .paths = "*/.packlist */perllocal.pod",
        .check = perl_list,
        .presence = "*/.packlist */perllocal.pod"},
    Row{.id = "I6",
        .kind = CauseClass::time,
        .name = "a catalogue of translations has the time at which its template was made",
        .fix = "msgfmt with SOURCE_DATE_EPOCH, or sed -i '/POT-Creation-Date/d' the .po before msgfmt",
        .paths = "*.mo *.gmo *.po *.pot",
        .check = checks::translation_date},
    Row{.id = "I7",
        .kind = CauseClass::time,
        .name = "a picture or document has the time of its making",
        .fix =
            "make it under SOURCE_DATE_EPOCH; PNG: strip tIME and texts (exiftool -all=, pngcrush -rem text)",
        .paths = "*.png *.pdf",
        .check = document},
    Row{.id = "I8",
        .kind = CauseClass::order,
        .name = "generated code follows the order of hashing",
        .fix = "ENV PERL_HASH_SEED=0 or QT_HASH_SEED=0 for the RUN that generates it, or sort keys",
        .paths = "*.pl *.pm *.php *.qrc *.qmltypes",
        .check = checks::order},
    Row{.id = "I9",
        .kind = CauseClass::rand,
        .name = "a .NET assembly has a random module id",
        .fix = "set Deterministic, ContinuousIntegrationBuild and PathMap in the project",
        .paths = "*.dll *.exe",
        .check = checks::dotnet_module},
    Row{.id = "I10",
        .kind = CauseClass::rand,
        .name = "a key was made in the build",
        .fix = "make the key when the container starts, or mount it: RUN --mount=type=secret",
        .paths = "*",
        .check = checks::private_key},
    Row{.id = "I10",
        .kind = CauseClass::rand,
        .name = "a secret or keyring was made in the build",
        .fix = "make it when the container starts, or mount it: RUN --mount=type=secret",
        .paths = "*/secrets.yml */.env */credentials.yml*",
        .check = secret_base},
    Row{.id = "I10",
        .kind = CauseClass::rand,
        .name = "a keyring or seed was made in the build",
        .fix = "rm -rf it in the RUN that makes it; make it when the container starts",
        .paths = "*/.gnupg/private-keys-v1.d/* */.gnupg/pubring.kbx */.gnupg/openpgp-revocs.d/* */.rnd "
                 "*/random_seed",
        .check = checks::secret,
        .presence = "*/.gnupg/private-keys-v1.d/* */.gnupg/openpgp-revocs.d/* */.rnd"},
    Row{.id = "I11",
        .kind = CauseClass::time,
        .name = "wget notes when a server asked for HTTPS",
        .fix = "wget --no-hsts, or rm -f /root/.wget-hsts in the RUN that fetches",
        .paths = "*/.wget-hsts",
        .check = checks::times,
        .presence = "*/.wget-hsts"},
    Row{.id = "I12",
        .kind = CauseClass::cache,
        .name = "caches or histories of the build's home folder were kept",
        .fix = "rm -rf /root/.cache in the RUN that fills it, or RUN --mount=type=cache,target=/root/.cache",
        .paths = "*/.cache/* */.gnupg/random_seed",
        .check = checks::secret,
        .presence = k_home},
    Row{.id = "I12",
        .kind = CauseClass::cache,
        .name = "the history of an interactive program was kept",
        .fix = "rm -f /root/.*_history /root/.viminfo /root/.lesshst",
        .paths = k_history,
        .check = by_path},
    Row{.id = "I13",
        .kind = CauseClass::rand,
        .name = "a database was initialised in the build and drew its ids",
        .fix = "initialise the database when the container starts",
        .paths =
            "*/auto.cnf */global/pg_control */var/lib/mysql/* */var/lib/mariadb/* */var/lib/postgresql/*",
        .check = database},
};

}  // namespace

std::span<const Row> ecosystem_rows() {
  return k_ecosystem_rows;
}

}  // namespace buildlab::causes
