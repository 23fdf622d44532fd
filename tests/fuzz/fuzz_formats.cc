// libFuzzer on the readers of binary formats: any two files under a path that chooses a reader.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string_view>

#include "framework/causes/binary_tokens.h"
#include "framework/causes/formats.h"

namespace {

using buildlab::causes::Cause;
using buildlab::causes::ContentPair;
using buildlab::causes::Surroundings;

constexpr std::string_view k_paths[] = {"usr/bin/a",
                                        "a.tar",
                                        "lib/apk/db/scripts.tar",
                                        "a.jar",
                                        "META-INF/MANIFEST.MF",
                                        "a.properties",
                                        "etc/machine-id",
                                        "etc/ssl/certs/java/cacerts",
                                        "var/lib/rpm/rpmdb.sqlite",
                                        "var/cache/man/index.db",
                                        "x/__pycache__/m.cpython-311.pyc",
                                        "x-1.dist-info/uv_cache.json"};

std::optional<Cause> of_any(const ContentPair& pair, const Surroundings& surroundings) {
  if (auto cause = buildlab::causes::of_format(pair, surroundings, of_any)) return cause;
  if (auto cause = buildlab::causes::of_binary_times(pair, surroundings)) return cause;
  return buildlab::causes::of_binary_random(pair);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t k_head = 3;
  if (size < k_head) return 0;
  const std::string_view path = k_paths[data[0] % std::size(k_paths)];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + k_head, size - k_head);
  const std::size_t middle = std::min<std::size_t>(data[1] | data[2] << 8, bytes.size());
  Surroundings surroundings;
  if (data[0] % 2 == 0) {
    surroundings.build_a = {1'795'514'400, 1'795'516'200};
    surroundings.build_b = {1'795'516'200, 1'795'518'000};
  }
  const ContentPair pair{std::string(path), bytes.substr(0, middle), bytes.substr(middle)};
  const auto cause = of_any(pair, surroundings);
  // What every cause has.
  if (cause && (cause->row.empty() || cause->fix.empty() || cause->evidence.empty() || pair.a == pair.b))
    std::abort();
  return 0;
}
