// Rows B: Debian and Ubuntu.
#include <algorithm>
#include <array>

#include "framework/base/text.h"
#include "framework/causes/catalogue.h"
#include "framework/causes/checks.h"
#include "framework/causes/scan.h"

namespace buildlab::causes {
namespace {

using checks::by_path;
using checks::secret;
using checks::times;

bool is_machine_id(std::string_view text) {
  const std::string_view id = trim(text);
  return id.size() == 32 && std::all_of(id.begin(), id.end(), is_hex);
}

std::optional<Finding> machine_id(const ContentPair& pair, const Surroundings&) {
  const bool empty = trim(pair.a).empty() || trim(pair.b).empty();
  if (!(is_machine_id(pair.a) && is_machine_id(pair.b)) &&
      !(empty && is_machine_id(pair.a) != is_machine_id(pair.b))) {
    return std::nullopt;
  }
  return Finding{!empty, {change("line 1", trim(pair.a), trim(pair.b))}};
}

std::optional<Finding> adjtime(const ContentPair& pair, const Surroundings& surroundings) {
  return by_path(pair, surroundings);
}

std::optional<Finding> made_on(const ContentPair& pair, const Surroundings&) {
  return checks::lines_with(pair,
                            {"auto-generated on", "generated on", "This configuration was auto-generated"});
}

// Binary login records have no text to look at; bootstrap.log is a text.
std::optional<Finding> login_record(const ContentPair& pair, const Surroundings& surroundings) {
  return is_text(pair.a) && is_text(pair.b) ? times(pair, surroundings) : by_path(pair, surroundings);
}

std::optional<Finding> tex_tree(const ContentPair& pair, const Surroundings& surroundings) {
  if (!is_text(pair.a) || !is_text(pair.b)) return by_path(pair, surroundings);
  return checks::any_generic(pair, surroundings);
}

constexpr std::array k_debian_rows = {
    Row{.id = "B1",
        .kind = CauseClass::time,
        .name = "dpkg's log has the time of every step",
        .fix = "rm -f /var/log/dpkg.log in the RUN that installs",
        .paths = "*/var/log/dpkg.log",
        .check = times},
    Row{.id = "B2",
        .kind = CauseClass::time,
        .name = "apt's history has the times of its runs",
        .fix = "rm -f /var/log/apt/history.log in the RUN that installs",
        .paths = "*/var/log/apt/history.log",
        .check = times},
    Row{.id = "B3",
        .kind = CauseClass::time,
        .name = "apt's terminal log has the times of its runs",
        .fix = "rm -f /var/log/apt/term.log in the RUN that installs",
        .paths = "*/var/log/apt/term.log",
        .check = times},
    Row{.id = "B4",
        .kind = CauseClass::vers,
        .name = "apt dumped what it planned, with every version that it knew",
        .fix = "rm -f /var/log/apt/eipp.log.xz in the RUN that installs",
        .paths = "*/var/log/apt/eipp.log.xz",
        .check = by_path,
        .presence = "*/var/log/apt/eipp.log.xz"},
    Row{.id = "B5",
        .kind = CauseClass::time,
        .name = "update-alternatives' log has the time of every step",
        .fix = "rm -f /var/log/alternatives.log in the RUN that installs",
        .paths = "*/var/log/alternatives.log",
        .check = times},
    Row{.id = "B6",
        .kind = CauseClass::time,
        .name = "a log of the installation or of logins has its times",
        .fix = "find /var/log -type f -exec truncate -s 0 {} + at the end of the RUN that installs",
        .paths = "*/var/log/bootstrap.log */var/log/lastlog */var/log/faillog */var/log/btmp */var/log/wtmp",
        .check = login_record},
    Row{.id = "B7",
        .kind = CauseClass::fsmeta,
        .name = "ldconfig's cache keeps inode numbers and change times",
        .fix = "rm -f /var/cache/ldconfig/aux-cache in the RUN that installs",
        .presence = "*/var/cache/ldconfig/aux-cache"},
    Row{.id = "B8",
        .kind = CauseClass::vers,
        .name = "apt's lists and caches follow the mirror's state",
        .fix =
            "rm -rf /var/lib/apt/lists/* /var/cache/apt/* in the RUN that installs, or cache mounts on both",
        .paths = "*/var/lib/apt/lists/* */var/cache/apt/pkgcache.bin */var/cache/apt/srcpkgcache.bin",
        .check = by_path,
        .presence = "*/var/lib/apt/lists/* */var/cache/apt/pkgcache.bin */var/cache/apt/srcpkgcache.bin "
                    "*/var/cache/apt/archives/*"},
    Row{.id = "B9",
        .kind = CauseClass::cache,
        .name = "a backup of the file's previous state depends on the order of steps",
        .fix = "rm -f /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/lib/ucf/*.[0-9] in the RUN that "
               "installs",
        .paths = "*/var/cache/debconf/*-old */var/lib/dpkg/*-old */var/lib/ucf/hashfile.? "
                 "*/var/lib/ucf/registry.?",
        .check = by_path,
        .presence = "*/var/cache/debconf/*-old */var/lib/dpkg/*-old */var/lib/ucf/hashfile.? "
                    "*/var/lib/ucf/registry.?"},
    Row{.id = "B10",
        .kind = CauseClass::time,
        .name = "man-db's index keeps the times of pages",
        .fix = "rm -rf /var/cache/man in the RUN that installs",
        .presence = "*/var/cache/man/*"},
    Row{.id = "B11",
        .kind = CauseClass::host,
        .name = "apt's list of kernels to keep names the running kernel",
        .fix = "rm -f /etc/apt/apt.conf.d/01autoremove-kernels",
        .paths = "*/etc/apt/apt.conf.d/01autoremove-kernels",
        .check = by_path,
        .presence = "*/etc/apt/apt.conf.d/01autoremove-kernels"},
    Row{.id = "B12",
        .kind = CauseClass::time,
        .name = "gpg's trust database and backup keyring carry times",
        .fix = "rm -f /etc/apt/trusted.gpg~ /etc/apt/trustdb.gpg in the RUN that makes them",
        .paths = "*/trusted.gpg~ */trustdb.gpg",
        .check = by_path,
        .presence = "*/trusted.gpg~ */trustdb.gpg"},
    Row{.id = "B13",
        .kind = CauseClass::rand,
        .name = "journald's catalogue carries a random id and a time",
        .fix = "rm -f /var/lib/systemd/catalog/database; journalctl --update-catalog makes it again",
        .paths = "*/var/lib/systemd/catalog/database",
        .check = by_path,
        .presence = "*/var/lib/systemd/catalog/database"},
    Row{.id = "B14",
        .kind = CauseClass::time,
        .name = "Java's trust store has the time at which each certificate was added",
        .fix = "rm -f /etc/ssl/certs/java/cacerts, or build it again under SOURCE_DATE_EPOCH",
        .paths = "*/etc/ssl/certs/java/cacerts",
        .over = "J1 J2"},
    Row{.id = "B15",
        .kind = CauseClass::rand,
        .name = "the ssl-cert package made a key and a certificate",
        .fix = "rm -f /etc/ssl/certs/ssl-cert-snakeoil.pem /etc/ssl/private/ssl-cert-snakeoil.key",
        .paths = "*/etc/ssl/certs/ssl-cert-snakeoil.pem */etc/ssl/private/ssl-cert-snakeoil.key",
        .check = secret,
        .presence = "*/etc/ssl/certs/ssl-cert-snakeoil.pem */etc/ssl/private/ssl-cert-snakeoil.key"},
    Row{.id = "B16",
        .kind = CauseClass::rand,
        .name = "the ssh server's host keys were made in the build",
        .fix = "rm -f /etc/ssh/ssh_host_*_key* in the RUN that installs; make them when the container starts",
        .paths = "*/etc/ssh/ssh_host_*_key*",
        .check = secret,
        .presence = "*/etc/ssh/ssh_host_*_key*"},
    Row{.id = "B17",
        .kind = CauseClass::rand,
        .name = "the machine id was made in the build",
        .fix = ": > /etc/machine-id and rm -f /var/lib/dbus/machine-id in the RUN that installs",
        .paths = "*/etc/machine-id */var/lib/dbus/machine-id",
        .check = machine_id,
        .presence = "*/etc/machine-id */var/lib/dbus/machine-id"},
    Row{.id = "B18",
        .kind = CauseClass::time,
        .name = "mdadm's configuration has the time at which it was made",
        .fix = "rm -f /etc/mdadm/mdadm.conf, or run mkconf under SOURCE_DATE_EPOCH",
        .paths = "*/etc/mdadm/mdadm.conf",
        .check = made_on},
    Row{.id = "B19",
        .kind = CauseClass::host,
        .name = "the clock's drift or the machine's devices were written down",
        .fix = "rm -f /etc/adjtime /etc/udev/rules.d/70-persistent-*.rules in the RUN that makes them",
        .paths = "*/etc/adjtime */etc/udev/rules.d/70-persistent-*.rules",
        .check = adjtime,
        .presence = "*/etc/adjtime */etc/udev/rules.d/70-persistent-*.rules"},
    Row{.id = "B20",
        .kind = CauseClass::time,
        .name = "the cache of an icon theme follows times and order of the folder",
        .fix = "rm -f /usr/share/icons/*/icon-theme.cache in the RUN that installs",
        .paths = "*/usr/share/icons/*/icon-theme.cache",
        .check = by_path,
        .presence = "*/usr/share/icons/*/icon-theme.cache"},
    Row{.id = "B21",
        .kind = CauseClass::time,
        .name = "fontconfig's cache keeps the folder's modification time",
        .fix = "rm -rf /var/cache/fontconfig, or touch -d @$SOURCE_DATE_EPOCH the folders before fc-cache -f",
        .presence = "*/var/cache/fontconfig/*.cache-* */.uuid"},
    Row{.id = "B22",
        .kind = CauseClass::rand,
        .name = "the software catalogue's cache carries a random id",
        .fix = "rm -rf /var/cache/app-info /var/cache/swcatalog, or libxmlb 0.3.7 or newer",
        .presence = "*/var/cache/app-info/cache/*.xb */var/cache/swcatalog/cache/*.xb"},
    Row{.id = "B23",
        .kind = CauseClass::order,
        .name = "Perl's list of XML parsers stands in another order",
        .fix = "sort /etc/perl/XML/SAX/ParserDetails.ini in the RUN that installs",
        .paths = "*/XML/SAX/ParserDetails.ini",
        .check = checks::order},
    Row{.id = "B24",
        .kind = CauseClass::time,
        .name = "TeX's formats, logs and file lists carry times and the folder's order",
        .fix = "ENV FORCE_SOURCE_DATE=1 with SOURCE_DATE_EPOCH, and mktexlsr as the last step",
        .paths = "*/var/lib/texmf/*.fmt */updmap.log */texmf*/ls-R",
        .check = tex_tree,
        .mixed = true},
    Row{.id = "B25",
        .kind = CauseClass::time,
        .name = "the initial RAM disk packs files with their times",
        .fix = "run update-initramfs under SOURCE_DATE_EPOCH, or make the disk outside of the image",
        .paths = "*/boot/initrd.img* */boot/initramfs*",
        .check = by_path,
        .over = "K3 K5"},
    Row{.id = "B26",
        .kind = CauseClass::rand,
        .name = "what a running build leaves in run and tmp was kept",
        .fix = "rm -rf /tmp/* /var/tmp/* /run/mount /run/systemd in the RUN that makes it",
        .paths = "*/run/mount/utab */run/systemd/*",
        .check = by_path,
        .presence = "*/run/mount/utab */run/systemd/* /tmp/* /var/tmp/*"},
    Row{"B27", CauseClass::vers, "Debian packages have other versions",
        "apt-get --snapshot <day>T000000Z install … (apt 2.7 or newer; before: repro-sources-list.sh), or "
        "apt-get install "
        "<name>=<version>"},
    Row{"B28", CauseClass::order, "the archive of locales is in another order",
        "localedef --no-archive, or keep only C.UTF-8"},
};

}  // namespace

std::span<const Row> debian_rows() {
  return k_debian_rows;
}

}  // namespace buildlab::causes
