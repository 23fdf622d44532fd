// Contents of rows H, and entries that only one image has.
#include "tests/unit/causes/row_case.h"

namespace buildlab::causes {

using namespace std::string_literals;
namespace {

std::string elf(const std::string& rest) {
  return std::string(
             "\x7f"
             "ELF\2\1\1\0",
             8) +
         rest + std::string(4, '\0');
}

std::string go(const std::string& settings) {
  return elf("\xff Go buildinf:\n" + settings);
}

std::string names(std::initializer_list<const char*> all) {
  std::string table(1, '\0');
  for (const char* name : all) {
    table += name;
    table += '\0';
  }
  return table;
}

}  // namespace

std::vector<RowCase> compiled_cases() {
  return {
      {"H2", "bin/app", go("/tmp/go-build4711815/src"), go("/tmp/go-build9911223/src"), CauseClass::path,
       true},
      {"H3", "bin/app", go("build\tvcs.revision=aaaa\nbuild\tvcs.modified=true\n"),
       go("build\tvcs.revision=bbbb\nbuild\tvcs.modified=true\n"), CauseClass::vers, true},
      {"H4", "bin/app", go("build\tCGO_CFLAGS=-I/a\n"), go("build\tCGO_CFLAGS=-I/b\n"), CauseClass::path,
       true},
      {"H5", "bin/app", go("main.buildTime 2026-11-24T10:00:00Z"), go("main.buildTime 2026-11-24T10:01:41Z"),
       CauseClass::time, true},
      {"H6", "bin/app", elf("built Nov 24 2026 10:00:00"), elf("built Nov 24 2026 10:01:41"),
       CauseClass::time, true},
      {"H7", "bin/app", elf("/tmp/build-aX93kd2/src/x.c"), elf("/tmp/build-Qm27cc1/src/x.c"),
       CauseClass::path, true},
      {"H8", "lib/x.o", elf(names({".gnu.lto_.decls.1a2b3c", ".text"})),
       elf(names({".gnu.lto_.decls.9f8e7d", ".text"})), CauseClass::rand, true},
      {"H9", "lib/x.so", elf(names({"first_symbol", "second_symbol", "third_symbol", "fourth_symbol"})),
       elf(names({"third_symbol", "first_symbol", "fourth_symbol", "second_symbol"})), CauseClass::order,
       false},
      {"H12", "src/x.gcda", "adcg\0a"s, "adcg\0b"s, CauseClass::rand, false},
      {"H13", "doc/x.html", "<Object at 0x7f3a52c81d30>\n", "<Object at 0x7f11aab01d30>\n", CauseClass::rand,
       false},
      {"H14", "bin/app", elf("ccAkoQ7x.s"), elf("ccZ91bbQ.s"), CauseClass::path, true},
      {"H15", "bin/app", elf("/rustc/90b35a6 /tmp/build-aX93kd2/src"),
       elf("/rustc/90b35a6 /tmp/build-Qm27cc1/src"), CauseClass::path, true},
      {"H16", "usr/local/cargo/registry/cache/x", "a", "b", CauseClass::cache, false},
      {"H17", "src/config.log", "uname -r = 6.1.0-1\n", "uname -r = 6.1.0-2\n", CauseClass::host, true},
  };
}

std::vector<NearMiss> compiled_near_misses() {
  return {
      {"H2", "bin/app", elf("/tmp/go-build4711815/src"), elf("/tmp/go-build9911223/src")},
      {"H3", "bin/app", go("build\tvcs.revision=aaaa\nx"), go("build\tvcs.revision=aaaa\ny")},
      {"H4", "bin/app", elf("build\tCGO_CFLAGS=-I/a\n"), elf("build\tCGO_CFLAGS=-I/b\n")},
      {"H5", "bin/app", go("version 1"), go("version 2")},
      {"H6", "bin/app", elf("at 2026-11-24T10:00:00Z"), elf("at 2026-11-24T10:01:41Z")},
      {"H7", "doc/x.txt", "/tmp/build-aX93kd2/src/x.c", "/tmp/build-Qm27cc1/src/x.c"},
      {"H8", "lib/x.o", elf(names({".text.aaaa"})), elf(names({".text.bbbb"}))},
      {"H9", "lib/x.so", elf(names({"first_symbol", "second_symbol", "third_symbol", "fourth_symbol"})),
       elf(names({"third_symbol", "first_symbol", "other_symbol", "second_symbol"}))},
      {"H12", "src/x.gcda", "text", "other"},
      {"H13", "doc/x.html", "colour 0x123456\n", "colour 0x654321\n"},
      {"H14", "bin/app", elf("ccache1x.t"), elf("ccache2x.t")},
      {"H15", "bin/app", elf("/rustc/90b35a6 one"), elf("/rustc/90b35a6 two")},
      {"H16", "src/cargo.toml", "a", "b"},
      {"H17", "src/config.log", "gcc: a\n", "gcc: b\n"},
  };
}

std::vector<PresenceCase> presence_cases() {
  return {
      {"A15", "srv/.wh..wh..opq", CauseClass::tool},
      {"A15", "srv/data", CauseClass::tool, EntryKind::opaque},
      {"", "srv/.wh.file"},
      {"A25", "src/.git/HEAD", CauseClass::fsmeta},
      {"", "src/git/HEAD"},
      {"A30", "etc/resolv.conf", CauseClass::host},
      {"B4", "var/log/apt/eipp.log.xz", CauseClass::vers},
      {"B7", "var/cache/ldconfig/aux-cache", CauseClass::fsmeta},
      {"", "var/cache/ldconfig/other"},
      {"B8", "var/cache/apt/archives/bash_5_amd64.deb", CauseClass::vers},
      {"B9", "var/lib/dpkg/status-old", CauseClass::cache},
      {"", "var/lib/dpkg/status"},
      {"B10", "var/cache/man/de/index.db", CauseClass::time},
      {"B15", "etc/ssl/private/ssl-cert-snakeoil.key", CauseClass::rand},
      {"B16", "etc/ssh/ssh_host_rsa_key", CauseClass::rand},
      {"B21", "var/cache/fontconfig/3830d5c3ddfd5cd38a049b759396e72e-le64.cache-8", CauseClass::time},
      {"B22", "var/cache/swcatalog/cache/en.xb", CauseClass::rand},
      {"B26", "run/systemd/x", CauseClass::rand},
      {"B26", "tmp/tmpab12cd34", CauseClass::path},
      {"", "tmp/product.bin"},
      {"C6", "var/lib/rpm/rpmdb.sqlite-shm", CauseClass::fsmeta},
      {"C8", "var/lib/dnf/history.sqlite-wal", CauseClass::time},
      {"", "var/lib/app/state.sqlite-wal"},
      {"C11", "run/zypp.pid", CauseClass::time},
      {"D2", "etc/shadow-", CauseClass::cache},
      {"", "etc/shadow"},
      {"E1", "usr/lib/python3/__pycache__/x.cpython-311.pyc", CauseClass::cache},
      {"", "usr/lib/python3/x.py"},
      {"E8", "root/.cache/uv/archive-v0/Xy12", CauseClass::rand},
      {"E10", "usr/lib/python3/site-packages/requests-2.31.0.dist-info/METADATA", CauseClass::vers},
      {"F1", "root/.npm/_logs/2026-11-24T10_00_00_123Z-debug-0.log", CauseClass::time},
      {"F2", "root/.npm/_cacache/content-v2/sha512/aa/bb/cc", CauseClass::time},
      {"F4", "tmp/node-compile-cache/v22-x64/12ab", CauseClass::fsmeta},
      {"F6", "app/.next/static/aB3_dEfGh1jKlMn0pQrSt/_buildManifest.js", CauseClass::rand},
      {"", "app/.next/static/chunks/main.js"},
      {"H16", "root/.cargo/.package-cache", CauseClass::cache},
      {"I4", "ext/siteconf20261124-14-1p1kra6.rb", CauseClass::path},
      {"I12", "root/.cache/pip/x", CauseClass::cache},
      {"J8", "src/target/javac.sh", CauseClass::path},
      {"J10", "tmp/hsperfdata_root/12", CauseClass::host},
      {"K1", "src/.git/index", CauseClass::fsmeta},
      {"K2", "src/.git/objects/pack/pack-1.pack", CauseClass::time},
      {"G5", "srv/dump-20261124T100000Z.sql", CauseClass::time},
      {"", "srv/dump.sql"},
      {"G7", "srv/3f2504e0-4f89-41d3-9a0c-0305e82c3301/x", CauseClass::rand},
      {"", "srv/0af7651916cd43dd8448eb211c80319c/x"},
  };
}

}  // namespace buildlab::causes
