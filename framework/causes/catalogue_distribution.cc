// Rows C: Alpine, RPM, SUSE, Arch.
#include <array>

#include "framework/base/text.h"
#include "framework/causes/catalogue.h"
#include "framework/causes/checks.h"
#include "framework/causes/generic.h"
#include "framework/causes/package_files.h"

namespace buildlab::causes {
namespace {

using checks::by_path;
using checks::secret;
using checks::times;

// ".build-deps=20240424.070733" in world; the same as P: and V: of a record in installed.
std::optional<Finding> virtual_package(const ContentPair& pair, const Surroundings& surroundings) {
  const auto lines = checks::differing_lines(pair);
  if (!lines || lines->empty()) return std::nullopt;
  Finding finding = {true, {}};
  for (const LinePair& line : *lines) {
    if (line.a.starts_with("C:Q") && line.b.starts_with("C:Q")) continue;  // row C3
    const bool named = line.a.starts_with('.') && line.b.starts_with('.');
    const bool version = line.a.starts_with("V:") && line.b.starts_with("V:");
    if (!named && !version) return std::nullopt;
    const ContentPair one{pair.path, line.a, line.b};
    const auto generic = of_generic(one, surroundings);
    if (!generic || generic->cause.kind != CauseClass::time) return std::nullopt;
    finding.proven = finding.proven && generic->cause.proven;
    finding.evidence.push_back(change("line " + std::to_string(line.number), line.a, line.b));
  }
  if (finding.evidence.empty()) return std::nullopt;
  return finding;
}

std::optional<Finding> virtual_sum(const ContentPair& pair, const Surroundings&) {
  const auto records_a = apk_records(pair.a);
  const auto records_b = apk_records(pair.b);
  if (records_a.empty() || records_a.size() != records_b.size()) return std::nullopt;
  Finding finding = {true, {}};
  for (std::size_t i = 0; i < records_a.size(); ++i) {
    const ApkRecord& a = records_a[i];
    const ApkRecord& b = records_b[i];
    if (a.text == b.text) continue;
    if (a.name != b.name || !a.name.starts_with('.')) return std::nullopt;
    const ContentPair one{pair.path, a.text, b.text};
    const auto only_sum = checks::lines_with(one, {"C:Q"});
    if (!only_sum || !only_sum->proven) return std::nullopt;
    finding.evidence.push_back(std::string(a.name) + ": " + only_sum->evidence.front());
  }
  if (finding.evidence.empty()) return std::nullopt;
  return finding;
}

std::optional<Finding> sqlite_or_berkeley(const ContentPair& pair, const Surroundings& surroundings) {
  if (is_text(pair.a)) return std::nullopt;
  return by_path(pair, surroundings);
}

std::optional<Finding> certificates_in_order(const ContentPair& pair, const Surroundings& surroundings) {
  if (pair.a.find("-----BEGIN CERTIFICATE-----") == std::string_view::npos) return std::nullopt;
  if (std::max(pair.a.size(), pair.b.size()) > k_text_limit || !same_lines(pair.a, pair.b))
    return std::nullopt;
  return checks::order(pair, surroundings);
}

std::optional<Finding> install_date(const ContentPair& pair, const Surroundings&) {
  return checks::values(pair, {{"%INSTALLDATE%\n", "\n"}});
}

std::optional<Finding> log_or_path(const ContentPair& pair, const Surroundings& surroundings) {
  if (auto found = times(pair, surroundings)) return found;
  return by_path(pair, surroundings);
}

constexpr std::array k_distribution_rows = {
    Row{.id = "C1",
        .kind = CauseClass::time,
        .name = "apk packs its scripts with the times of installation",
        .fix = "install with SOURCE_DATE_EPOCH in the RUN's environment (ARG SOURCE_DATE_EPOCH)",
        .paths = "*/lib/apk/db/scripts.tar */lib/apk/db/scripts.tar.gz",
        .over = "K7 K3"},
    Row{.id = "C2",
        .kind = CauseClass::time,
        .name = "a virtual package's version is the time of installation",
        .fix = "name a version: apk add --virtual .build-deps=0 …",
        .paths = "*/etc/apk/world */lib/apk/db/installed",
        .check = virtual_package},
    Row{.id = "C3",
        .kind = CauseClass::derived,
        .name = "the checksum of a virtual package changes with each installation",
        .fix = "apk del the virtual package in the RUN that adds it",
        .paths = "*/lib/apk/db/installed",
        .check = virtual_sum},
    Row{.id = "C4",
        .kind = CauseClass::vers,
        .name = "Alpine packages have other versions",
        .fix = "name versions (apk add name=version) and keep a mirror: Alpine removes old ones",
        .paths = "*/lib/apk/db/triggers",
        .check = by_path},
    Row{.id = "C5",
        .kind = CauseClass::time,
        .name = "rpm's database has the time of each installation",
        .fix = "rpm 4.18 or newer with SOURCE_DATE_EPOCH in the RUN's environment, then rpmdb --rebuilddb",
        .paths = "*/rpmdb.sqlite */lib/rpm/Packages */lib/rpm/Packages.db */sysimage/rpm/Packages.db",
        .check = sqlite_or_berkeley,
        .over = "C7"},
    Row{.id = "C6",
        .kind = CauseClass::fsmeta,
        .name = "rpm's database left its write-ahead log",
        .fix = "sqlite3 rpmdb.sqlite 'PRAGMA journal_mode=DELETE' after the last installation",
        .paths = "*/rpmdb.sqlite-shm */rpmdb.sqlite-wal",
        .check = by_path,
        .presence = "*/rpmdb.sqlite-shm */rpmdb.sqlite-wal"},
    Row{"C7", CauseClass::tool, "SQLite counts the changes to its file",
        "write the database anew as the last step: sqlite3 file 'VACUUM'"},
    Row{.id = "C8",
        .kind = CauseClass::time,
        .name = "dnf's history has the times of its transactions",
        .fix = "dnf5 with SOURCE_DATE_EPOCH, or rm -f the history in the RUN that installs",
        .paths = "*/var/lib/dnf/history.sqlite* */transaction_history.sqlite*",
        .check = by_path,
        .presence = "*/var/lib/dnf/history.sqlite-* */transaction_history.sqlite-*",
        .over = "C7"},
    Row{.id = "C9",
        .kind = CauseClass::time,
        .name = "dnf's logs and counters have the times of its runs",
        .fix = "rm -rf /var/lib/dnf/repos /var/log/dnf*.log /var/log/hawkey.log in the RUN that installs",
        .paths = "*/var/lib/dnf/repos/*/countme */var/log/hawkey.log */var/log/dnf*.log",
        .check = log_or_path,
        .presence = "*/var/lib/dnf/repos/*/countme"},
    Row{.id = "C10",
        .kind = CauseClass::rand,
        .name = "systemd's random seed was kept",
        .fix = "rm -f /var/lib/systemd/random-seed",
        .paths = "*/var/lib/systemd/random-seed",
        .check = secret,
        .presence = "*/var/lib/systemd/random-seed"},
    Row{.id = "C11",
        .kind = CauseClass::time,
        .name = "logs, ids and locks of zypper were kept",
        .fix = "rm -rf /var/log/zypp /var/log/zypper.log /var/log/YaST2 /var/lib/zypp/AnonymousUniqueId in "
               "the RUN "
               "that installs",
        .paths =
            "*/var/log/zypper.log */var/log/zypp/* */var/log/YaST2/* */var/log/suseconnect.log "
            "*/var/log/tallylog */run/zypp.pid */var/lib/zypp/AnonymousUniqueId */var/lib/zypp/AutoInstalled "
            "*/sysimage/rpm/.rpm.lock",
        .check = log_or_path,
        .presence = "*/run/zypp.pid */var/lib/zypp/AnonymousUniqueId */var/lib/zypp/AutoInstalled "
                    "*/sysimage/rpm/.rpm.lock */var/log/YaST2/*",
        .mixed = true},
    Row{.id = "C12",
        .kind = CauseClass::time,
        .name = "caches and databases of tdnf were kept",
        .fix = "rm -rf /var/cache/tdnf /var/lib/tdnf /var/lib/rpm/__db* in the RUN that installs",
        .paths = "*/var/cache/tdnf/* */var/lib/rpm/__db* */var/lib/tdnf/*",
        .check = by_path,
        .presence = "*/var/cache/tdnf/* */var/lib/rpm/__db* */var/lib/tdnf/*"},
    Row{.id = "C13",
        .kind = CauseClass::order,
        .name = "a bundle lists the same certificates in another order",
        .fix = "join the certificates sorted by name: LC_ALL=C, cat $(ls | sort)",
        .paths = "*.pem *.crt *ca-bundle*",
        .check = certificates_in_order},
    Row{.id = "C14",
        .kind = CauseClass::time,
        .name = "pacman's local database has the time of each installation",
        .fix = "set the dates in /var/lib/pacman/local/*/desc to SOURCE_DATE_EPOCH after installing",
        .paths = "*/var/lib/pacman/local/*/desc",
        .check = install_date},
    Row{.id = "C14",
        .kind = CauseClass::rand,
        .name = "pacman's keyring was made in the build",
        .fix = "rm -rf /etc/pacman.d/gnupg in the RUN that makes it; pacman-key --init when the container "
               "starts",
        .paths = "*/etc/pacman.d/gnupg/*",
        .check = secret,
        .presence = "*/etc/pacman.d/gnupg/*"},
    Row{.id = "C14",
        .kind = CauseClass::time,
        .name = "pacman's log has the times of its runs",
        .fix = "pacman --logfile /dev/null",
        .paths = "*/var/log/pacman.log",
        .check = times},
    Row{.id = "C14",
        .kind = CauseClass::vers,
        .name = "pacman's lists follow the mirror's state",
        .fix = "rm -rf /var/lib/pacman/sync, and install from the archive of one day",
        .paths = "*/var/lib/pacman/sync/*",
        .check = by_path,
        .presence = "*/var/lib/pacman/sync/*"},
    Row{"C15", CauseClass::time, "ostree wrote the time of encapsulation into the history",
        "a version of rpm-ostree that takes SOURCE_DATE_EPOCH"},
};

}  // namespace

std::span<const Row> distribution_rows() {
  return k_distribution_rows;
}

}  // namespace buildlab::causes
