// libFuzzer on what looks into files: each reader of a format, and what knows none. Any two contents.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string_view>

#include "framework/causes/binary_tokens.h"
#include "framework/causes/format_readers.h"
#include "framework/causes/formats.h"
#include "framework/causes/generic.h"
#include "framework/causes/recognise.h"
#include "tests/fuzz/target.h"

namespace {

namespace formats = buildlab::causes::formats;
using buildlab::causes::Cause;
using buildlab::causes::ContentPair;
using buildlab::causes::Surroundings;
using Found = std::optional<Cause>;

Found of_any_format(const ContentPair& pair, const Surroundings& surroundings) {
  return buildlab::causes::of_format(pair, surroundings, of_any_format);
}

template <Found (*reader)(const formats::Reading&)>
Found by(const ContentPair& pair, const Surroundings& surroundings) {
  if (pair.a == pair.b) return std::nullopt;  // as of_format() does for all of them
  const formats::Descent descent;
  return reader(formats::Reading{pair, surroundings, of_any_format});
}

Found of_text(const ContentPair& pair, const Surroundings& surroundings) {
  auto found = buildlab::causes::of_generic(pair, surroundings);
  return found ? Found(found->cause) : std::nullopt;
}

Found of_binary(const ContentPair& pair, const Surroundings& surroundings) {
  if (auto cause = buildlab::causes::of_binary_times(pair, surroundings)) return cause;
  return buildlab::causes::of_binary_random(pair);
}

// A list of sums or of packages, and a file that it may name.
Found of_lists(const ContentPair& pair, const Surroundings& /*surroundings*/) {
  using buildlab::causes::Attribute;
  std::vector<buildlab::causes::Known> known;
  known.push_back({pair.path, {Attribute::content}, pair.a, pair.b, std::nullopt});
  known.push_back({"usr/bin/x", {Attribute::content}, "1", "2", std::nullopt});
  buildlab::causes::Files files;
  for (const std::string& path : buildlab::causes::wanted(known)) {
    files[path] = {std::string(pair.a), std::string(pair.b)};
  }
  for (const auto& consequence : buildlab::causes::consequences(known, files)) {
    if (consequence.follower >= known.size()) std::abort();
  }
  return std::nullopt;
}

struct Target {
  const char* name;
  std::string_view path;
  Found (*run)(const ContentPair&, const Surroundings&);
};

constexpr Target k_targets[] = {
    {"compressed", "a.gz", by<formats::of_compressed>},
    {"python", "x/__pycache__/m.cpython-311.pyc", by<formats::of_python>},
    {"zip", "a.jar", by<formats::of_zip>},
    {"tar", "lib/apk/db/scripts.tar", by<formats::of_tar>},
    {"ar", "a.a", by<formats::of_ar>},
    {"cpio", "boot/initrd.img", by<formats::of_cpio>},
    {"manifest", "META-INF/MANIFEST.MF", by<formats::of_manifest>},
    {"properties", "a.properties", by<formats::of_properties>},
    {"elf", "usr/bin/a", by<formats::of_elf>},
    {"sqlite", "var/lib/rpm/rpmdb.sqlite", by<formats::of_sqlite>},
    {"jks", "etc/ssl/certs/java/cacerts", by<formats::of_jks>},
    {"pkcs12", "a.p12", by<formats::of_pkcs12>},
    {"git_index", "src/.git/index", by<formats::of_git_index>},
    {"aux_cache", "var/cache/ldconfig/aux-cache", by<formats::of_aux_cache>},
    {"font_cache", "var/cache/fontconfig/a-le64.cache-8", by<formats::of_font_cache>},
    {"gdbm", "var/cache/man/index.db", by<formats::of_gdbm>},
    {"machine_id", "etc/machine-id", by<formats::of_machine_id>},
    {"xmlb", "var/cache/swcatalog/cache/a.xb", by<formats::of_xmlb>},
    {"png", "a.png", by<formats::of_png>},
    {"pdf", "a.pdf", by<formats::of_pdf>},
    {"gettext", "a.mo", by<formats::of_gettext>},
    {"json", "x-1.dist-info/uv_cache.json", by<formats::of_json>},
    {"any_format", "a.tar", of_any_format},
    {"rows", "etc/shadow", buildlab::causes::of_content},
    {"text", "a.log", of_text},
    {"binary", "a.bin", of_binary},
    {"dpkg_status", "var/lib/dpkg/status", of_lists},
    {"apk_installed", "lib/apk/db/installed", of_lists},
    {"record", "x-1.dist-info/RECORD", of_lists},
    {"sums", "opt/SHA256SUMS", of_lists},
    {"package_json", "node_modules/x/package.json", of_lists},
};

// Other paths that lead into the same readers.
constexpr std::string_view k_paths[] = {"a",
                                        "a.gz",
                                        "a.jar",
                                        "usr/lib/python3/a.pyc",
                                        "etc/passwd",
                                        "etc/group",
                                        "etc/apk/world",
                                        "var/log/dpkg.log",
                                        "root/.wget-hsts",
                                        "a.html",
                                        "x/git.properties",
                                        "vendor/composer/autoload_real.php"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t k_head = 3;
  const Target& target =
      buildlab::fuzz::target_for(std::span<const Target>(k_targets), size == 0 ? 0 : data[0] / 8);
  if (size < k_head) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + k_head, size - k_head);
  const std::size_t middle = std::min<std::size_t>(data[1] | data[2] << 8, bytes.size());
  Surroundings surroundings;
  if (data[0] % 2 == 0) {
    surroundings.build_a = {1'795'514'400, 1'795'516'200};
    surroundings.build_b = {1'795'516'200, 1'795'518'000};
  }
  const bool other_path = data[0] % 8 >= 6;
  const std::string_view path = other_path ? k_paths[data[0] / 8 % std::size(k_paths)] : target.path;
  const ContentPair pair{std::string(path), bytes.substr(0, middle), bytes.substr(middle), data[0] % 8 != 5};
  const Found cause = target.run(pair, surroundings);
  // What every cause has.
  if (cause && (cause->row.empty() || cause->fix.empty() || cause->evidence.empty() || pair.a == pair.b))
    std::abort();
  return 0;
}
