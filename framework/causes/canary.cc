#include "framework/causes/canary.h"

#include <fmt/format.h>
#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "framework/base/text.h"
#include "framework/causes/evidence.h"

namespace buildlab::causes {
namespace {

constexpr std::size_t k_most_places = 10'000;

std::vector<std::size_t> places_of(std::string_view text, std::string_view value) {
  std::vector<std::size_t> places;
  const std::boyer_moore_horspool_searcher searcher(value.begin(), value.end());
  auto at = text.begin();
  while (places.size() < k_most_places) {
    const auto found = std::search(at, text.end(), searcher);
    if (found == text.end()) break;
    places.push_back(static_cast<std::size_t>(found - text.begin()));
    at = found + static_cast<std::ptrdiff_t>(value.size());
  }
  return places;
}

// Whether `other` is `planted` with one same value in the place of every canary.
bool all_else_equal(std::string_view planted, const std::vector<std::size_t>& places, std::size_t size,
                    std::string_view other) {
  const std::size_t kept = planted.size() - places.size() * size;
  if (other.size() < kept || (other.size() - kept) % places.size() != 0) return false;
  const std::size_t width = (other.size() - kept) / places.size();
  std::optional<std::string_view> value;
  std::size_t at = 0;
  std::size_t at_other = 0;
  for (const std::size_t place : places) {
    if (planted.substr(at, place - at) != other.substr(at_other, place - at)) return false;
    at_other += place - at;
    const std::string_view here = other.substr(at_other, width);
    if (value && *value != here) return false;
    value = here;
    at = place + size;
    at_other += width;
  }
  return planted.substr(at) == other.substr(at_other);
}

bool is_folder(std::string_view variation) {
  const std::string name = to_lower(variation);
  for (const char* word : {"folder", "directory", "build_path", "build-path", "cwd", "workdir"}) {
    if (name.find(word) != std::string::npos) return true;
  }
  return false;
}

Cause cause_of_canary(const Canary& canary, bool folder) {
  Cause cause;
  cause.kind = folder ? CauseClass::path : CauseClass::host;
  cause.row = "G9";
  cause.recogniser = "G9";
  cause.proven = true;
  cause.name = fmt::format("the {} of the build's environment is written into the image", canary.variation);
  cause.fix = folder ? "build in a fixed folder (WORKDIR), or map it away: -ffile-prefix-map, -trimpath, "
                       "--remap-path-prefix"
                     : fmt::format("give the program that writes it a fixed {}, or keep it from writing it",
                                   canary.variation);
  return cause;
}

CauseClass class_of(std::string_view variation) {
  constexpr std::pair<std::string_view, CauseClass> k_classes_of[] = {
      {"clock", CauseClass::time},           {"context_mtime", CauseClass::time},
      {"umask", CauseClass::perm},           {"context_umask", CauseClass::perm},
      {"context_order", CauseClass::order},  {"file_order", CauseClass::order},
      {"parallelism", CauseClass::order},    {"aslr", CauseClass::rand},
      {"cache_mounts", CauseClass::cache},   {"network", CauseClass::vers},
      {"builder_options", CauseClass::tool},
  };
  for (const auto& [name, kind] : k_classes_of) {
    if (name == variation) return kind;
  }
  return CauseClass::host;
}

// What takes the variation's influence away, where there is one way for all programs.
std::string_view fix_of(std::string_view variation) {
  constexpr std::pair<std::string_view, std::string_view> k_fixes[] = {
      {"umask", "RUN umask 022 && … in the instruction that writes it, or install -m 0644 there"},
      {"context_umask", "COPY --chmod=644 (folders and programs: 755), ADD --chmod=644"},
      {"clock",
       "ARG SOURCE_DATE_EPOCH in the stage, for programs that take it; for times of files build with "
       "--output "
       "type=image,rewrite-timestamp=true"},
      {"context_mtime",
       "build with --build-arg SOURCE_DATE_EPOCH=<seconds> --output type=image,rewrite-timestamp=true, or "
       "before it: git "
       "ls-files -z | xargs -0 touch -hd @$SOURCE_DATE_EPOCH"},
      {"time_zone", "ENV TZ=UTC in the stage, or TZ=UTC before the program that writes it"},
      {"locale", "ENV LC_ALL=C.UTF-8 in the stage, or LC_ALL=C before the program that writes it"},
      {"user",
       "USER and COPY --chown=<uid>:<gid> with numbers; USER=build LOGNAME=build before the program that "
       "writes it"},
      {"cpus", "make -j1, or the program's option for one thread, for what is written in another order"},
      {"parallelism",
       "make -j1, or the program's option for one thread, for what is written in another order"},
      {"context_order", "sort what the program lists: find … -print0 | LC_ALL=C sort -z; tar --sort=name"},
      {"file_order", "sort what the program lists: find … -print0 | LC_ALL=C sort -z; tar --sort=name"},
      {"aslr",
       "setarch -R before the program that writes it, or let it write no addresses and sort by names"},
      {"network", "ADD --checksum=sha256:<digest> what is fetched, and RUN --network=none where it is used"},
      {"cache_mounts",
       "leave RUN --mount=type=cache out where the result is kept, or fill the cache with pinned versions "
       "only"},
  };
  for (const auto& [name, fix] : k_fixes) {
    if (name == variation) return fix;
  }
  return "";
}

}  // namespace

Cause of_variation(std::string_view variation) {
  Cause cause;
  cause.kind = class_of(variation);
  cause.row = "G9";
  cause.recogniser = "G9";
  cause.proven = true;
  cause.name = fmt::format("it depends on the build's surroundings: {}", variation);
  const std::string_view fix = fix_of(variation.substr(0, variation.find('=')));
  cause.fix = !fix.empty()
                  ? std::string(fix)
                  : fmt::format(
                        "keep the instruction that writes it from reading this ({}), or set it there to a "
                        "fixed value",
                        variation);
  return cause;
}

std::optional<Cause> of_canary(std::string_view a, std::string_view b, const Surroundings& surroundings) {
  for (const Canary& canary : surroundings.canaries) {
    if (canary.value.size() < 4) continue;  // shorter ones stand in any file
    const std::vector<std::size_t> in_a = places_of(a, canary.value);
    const std::vector<std::size_t> in_b = places_of(b, canary.value);
    if (in_a.size() == in_b.size()) continue;
    Cause cause = cause_of_canary(canary, is_folder(canary.variation));
    const bool planted_in_b = in_b.size() > in_a.size();
    const auto& places = planted_in_b ? in_b : in_a;
    const std::string_view planted = planted_in_b ? b : a;
    const std::string_view other = planted_in_b ? a : b;
    cause.evidence.push_back(fmt::format("{}: {}, which only the {} build was given",
                                         place_of(planted, places.front()), shown(canary.value),
                                         planted_in_b ? "second" : "first"));
    const bool one_sided = in_a.empty() || in_b.empty();
    if (!one_sided || !all_else_equal(planted, places, canary.value.size(), other)) {
      cause.evidence.emplace_back("the rest differs as well");
    }
    return cause;
  }
  return std::nullopt;
}

}  // namespace buildlab::causes
