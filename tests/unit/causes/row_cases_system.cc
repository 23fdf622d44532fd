// Contents of rows A to D.
#include "tests/unit/causes/row_case.h"

namespace buildlab::causes {

using namespace std::string_literals;
namespace {

const std::string k_binary_a = "\0\1binary\0one"s;
const std::string k_binary_b = "\0\1binary\0two"s;

std::string certificate(const char* name) {
  return std::string("-----BEGIN CERTIFICATE-----\n") + name + "\n" + name + "2\n-----END CERTIFICATE-----\n";
}

}  // namespace

std::vector<RowCase> image_and_debian_cases() {
  return {
      {"A6", "attest/provenance.json",
       R"({"predicateType":"https://slsa.dev/provenance/v0.2","id":"3f2504e0-4f89-41d3-9a0c-0305e82c3301"})",
       R"({"predicateType":"https://slsa.dev/provenance/v0.2","id":"442504e0-4f89-41d3-9a0c-0305e82c3301"})",
       CauseClass::rand, true},
      {"A7", "usr/share/app.spdx.json",
       R"({"spdxVersion":"SPDX-2.3","creationInfo":{"created":"2026-11-24T10:00:00Z"}})",
       R"({"spdxVersion":"SPDX-2.3","creationInfo":{"created":"2026-11-24T10:01:41Z"}})", CauseClass::time,
       true},
      {"A25", "src/.git/config", "[core]\nbare = true\n", "[core]\nbare = false\n", CauseClass::fsmeta,
       false},
      {"A30", "etc/resolv.conf", "nameserver 10.0.0.1\n", "nameserver 10.0.0.2\n", CauseClass::host, false},
      {"A30", "rootfs/etc/hosts", "127.0.0.1 a\n", "127.0.0.1 b\n", CauseClass::host, false},
      {"B1", "var/log/dpkg.log",
       "2026-11-24 10:00:00 startup archives unpack\n2026-11-24 10:00:01 install x\n",
       "2026-11-24 10:01:40 startup archives unpack\n2026-11-24 10:01:42 install x\n", CauseClass::time,
       true},
      {"B1", "var/log/dpkg.log", "2026-11-24 10:00:00 install x 1\n", "2026-11-24 10:01:40 install x 2\n",
       CauseClass::time, false},
      {"B2", "var/log/apt/history.log",
       "\nStart-Date: 2026-11-24  10:00:00\nCommandline: apt-get install x\n",
       "\nStart-Date: 2026-11-24  10:01:41\nCommandline: apt-get install x\n", CauseClass::time, true},
      {"B3", "var/log/apt/term.log", "Log started: 2026-11-24  10:00:00\n",
       "Log started: 2026-11-24  10:01:41\n", CauseClass::time, true},
      {"B4", "var/log/apt/eipp.log.xz", k_binary_a, k_binary_b, CauseClass::vers, false},
      {"B5", "var/log/alternatives.log", "update-alternatives 2026-11-24 10:00:00: run with --install\n",
       "update-alternatives 2026-11-24 10:01:41: run with --install\n", CauseClass::time, true},
      {"B6", "var/log/bootstrap.log", "2026-11-24 10:00:00 URL:http\n", "2026-11-24 10:01:40 URL:http\n",
       CauseClass::time, true},
      {"B6", "var/log/lastlog", k_binary_a, k_binary_b, CauseClass::time, false},
      {"B8", "var/lib/apt/lists/archive.example_debian_dists_bookworm_InRelease", "Version: 12.7\n",
       "Version: 12.8\n", CauseClass::vers, false},
      {"B8", "var/cache/apt/pkgcache.bin", k_binary_a, k_binary_b, CauseClass::vers, false},
      {"B9", "var/cache/debconf/config.dat-old", "Name: a\n", "Name: b\n", CauseClass::cache, false},
      {"B9", "var/lib/dpkg/status-old", "Package: a\n", "Package: b\n", CauseClass::cache, false},
      {"B11", "etc/apt/apt.conf.d/01autoremove-kernels", "6.1.0-1\n", "6.1.0-2\n", CauseClass::host, false},
      {"B12", "root/.gnupg/trustdb.gpg", k_binary_a, k_binary_b, CauseClass::time, false},
      {"B13", "var/lib/systemd/catalog/database", k_binary_a, k_binary_b, CauseClass::rand, false},
      {"B15", "etc/ssl/certs/ssl-cert-snakeoil.pem", certificate("a"), certificate("b"), CauseClass::rand,
       false},
      {"B16", "etc/ssh/ssh_host_ed25519_key", "-----BEGIN OPENSSH PRIVATE KEY-----\naa\n",
       "-----BEGIN OPENSSH PRIVATE KEY-----\nbb\n", CauseClass::rand, false},
      {"B16", "etc/ssh/ssh_host_rsa_key.pub", "ssh-rsa AAAA root@a\n", "ssh-rsa BBBB root@a\n",
       CauseClass::rand, false},
      {"B17", "etc/machine-id", "0af7651916cd43dd8448eb211c80319c\n", "1bf7651916cd43dd8448eb211c80319c\n",
       CauseClass::rand, true},
      {"B17", "var/lib/dbus/machine-id", "", "1bf7651916cd43dd8448eb211c80319c\n", CauseClass::rand, false},
      {"B18", "etc/mdadm/mdadm.conf", "# auto-generated on Tue, 24 Nov 2026 10:00:00 +0000 by mkconf\n",
       "# auto-generated on Tue, 24 Nov 2026 10:01:41 +0000 by mkconf\n", CauseClass::time, true},
      {"B19", "etc/adjtime", "0.0 0 0.0\n", "0.1 0 0.0\n", CauseClass::host, false},
      {"B20", "usr/share/icons/hicolor/icon-theme.cache", k_binary_a, k_binary_b, CauseClass::time, false},
      {"B23", "etc/perl/XML/SAX/ParserDetails.ini", "[XML::A]\nx\n[XML::B]\ny\n",
       "[XML::B]\ny\n[XML::A]\nx\n", CauseClass::order, true},
      {"B24", "var/lib/texmf/web2c/tex.fmt", k_binary_a, k_binary_b, CauseClass::time, false},
      {"B24", "usr/share/texmf/ls-R", "./a:\nx\ny\n", "./a:\ny\nx\n", CauseClass::order, true},
      {"B25", "boot/initrd.img-6.1.0", k_binary_a, k_binary_b, CauseClass::time, false},
      {"B26", "run/mount/utab", "ID=1\n", "ID=2\n", CauseClass::rand, false},
  };
}

std::vector<RowCase> distribution_cases() {
  return {
      {"C2", "etc/apk/world", "bash\n.build-deps=20261124.100000\n", "bash\n.build-deps=20261124.100141\n",
       CauseClass::time, true},
      {"C2", "lib/apk/db/installed", "C:Q1aa=\nP:.build-deps\nV:20261124.100000\n\nP:bash\nV:5\n",
       "C:Q1bb=\nP:.build-deps\nV:20261124.100141\n\nP:bash\nV:5\n", CauseClass::time, true},
      {"C3", "lib/apk/db/installed", "C:Q1aa=\nP:.build-deps\nV:0\n\nP:bash\nV:5\n",
       "C:Q1bb=\nP:.build-deps\nV:0\n\nP:bash\nV:5\n", CauseClass::derived, true},
      {"C4", "lib/apk/db/triggers", "Q1aa /usr/lib\n", "Q1bb /usr/lib\n", CauseClass::vers, false},
      {"C5", "var/lib/rpm/rpmdb.sqlite", k_binary_a, k_binary_b, CauseClass::time, false},
      {"C6", "var/lib/rpm/rpmdb.sqlite-wal", k_binary_a, k_binary_b, CauseClass::fsmeta, false},
      {"C8", "var/lib/dnf/history.sqlite", k_binary_a, k_binary_b, CauseClass::time, false},
      {"C9", "var/log/dnf.log", "2026-11-24T10:00:00+0000 INFO x\n", "2026-11-24T10:01:41+0000 INFO x\n",
       CauseClass::time, true},
      {"C9", "var/lib/dnf/repos/fedora-1/countme", "COUNTME 1 1\n", "COUNTME 1 2\n", CauseClass::time, false},
      {"C10", "var/lib/systemd/random-seed", k_binary_a, k_binary_b, CauseClass::rand, false},
      {"C11", "var/log/zypp/history", "2026-11-24 10:00:00|install|x\n", "2026-11-24 10:01:41|install|x\n",
       CauseClass::time, true},
      {"C11", "var/lib/zypp/AnonymousUniqueId", "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
       "442504e0-4f89-41d3-9a0c-0305e82c3301", CauseClass::rand, true},
      {"C12", "var/lib/rpm/__db.001", k_binary_a, k_binary_b, CauseClass::time, false},
      {"C13", "etc/ssl/certs/ca-bundle.crt", certificate("a") + certificate("b"),
       certificate("b") + certificate("a"), CauseClass::order, true},
      {"C14", "var/lib/pacman/local/bash-5/desc", "%NAME%\nbash\n\n%INSTALLDATE%\n1795514400\n\n%SIZE%\n1\n",
       "%NAME%\nbash\n\n%INSTALLDATE%\n1795514501\n\n%SIZE%\n1\n", CauseClass::time, true},
      {"C14", "etc/pacman.d/gnupg/secring.gpg", k_binary_a, k_binary_b, CauseClass::rand, false},
      {"C14", "var/log/pacman.log", "[2026-11-24T10:00:00+0000] [ALPM] installed\n",
       "[2026-11-24T10:01:41+0000] [ALPM] installed\n", CauseClass::time, true},
      {"C14", "var/lib/pacman/sync/core.db", k_binary_a, k_binary_b, CauseClass::vers, false},
      {"D1", "etc/shadow", "root:*:20781:0:99999:7:::\napp:!:20781:0:99999:7:::\n",
       "root:*:20781:0:99999:7:::\napp:!:20782:0:99999:7:::\n", CauseClass::time, true},
      {"D2", "etc/passwd-", "root:x:0:0::/root:/bin/sh\n", "root:x:0:0::/root:/bin/bash\n", CauseClass::cache,
       false},
      {"D2", "etc/gshadow-", "a:!::\n", "b:!::\n", CauseClass::cache, false},
      {"D3", "etc/passwd", "root:x:0:0:r:/root:/bin/sh\na:x:100:101::/a:/bin/sh\nb:x:101:102::/b:/bin/sh\n",
       "root:x:0:0:r:/root:/bin/sh\nb:x:100:101::/b:/bin/sh\na:x:101:102::/a:/bin/sh\n", CauseClass::perm,
       true},
      {"D3", "etc/group", "a:x:100:\nb:x:101:\n", "a:x:101:\nb:x:100:\n", CauseClass::perm, true},
      {"D4", "etc/shadow", "app:$6$saltaaaa$hashaaaa:20781:0:99999:7:::\n",
       "app:$6$saltbbbb$hashbbbb:20781:0:99999:7:::\n", CauseClass::rand, true},
      {"D4", "etc/shadow", "app:$6$same$hashaaaa:20781:0:99999:7:::\n",
       "app:$6$same$hashbbbb:20782:0:99999:7:::\n", CauseClass::rand, false},
  };
}

}  // namespace buildlab::causes
