// Dates, paths, random names and times among the bytes of a section.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "framework/causes/date_text.h"
#include "framework/causes/elf_readers.h"

namespace buildlab::causes::formats {

const Row k_elf_lto_name{
    CauseClass::rand, "H8", "GCC's link-time optimisation names sections at random",
    "compile with -frandom-seed=FILE (another value for each source), or strip the objects"};

namespace {

constexpr Row k_elf_date{
    CauseClass::time, "H6", "__DATE__ or __TIME__ stands in the program",
    "set SOURCE_DATE_EPOCH in the RUN that compiles (GCC and Clang then use it), or do not use "
    "these macros; -Wdate-time finds them"};
constexpr Row k_elf_go_date{
    CauseClass::time, "H5", "the Go program was linked with the time of the build",
    "take the commit's time: -ldflags \"-X main.buildTime=$(date -u -d @$SOURCE_DATE_EPOCH +%FT%TZ)\""};
constexpr Row k_elf_other_date{CauseClass::time, "G5", "a date of the build stands in the program",
                               "pass SOURCE_DATE_EPOCH or the commit's time to what writes the date"};
constexpr Row k_elf_number{CauseClass::time, "G6", "a moment of the build stands in the program as a number",
                           "set SOURCE_DATE_EPOCH in the RUN that compiles"};
constexpr Row k_elf_path{CauseClass::path, "H7", "the folder of the build stands in the program",
                         "build at a fixed path (WORKDIR), or compile with -ffile-prefix-map=OLD=NEW"};
constexpr Row k_elf_go_path{CauseClass::path, "H2", "the folder of the build stands in the Go program",
                            "go build -trimpath"};
constexpr Row k_elf_temporary{
    CauseClass::rand, "H14", "the name of a temporary file stands in the program",
    "compile to object files of fixed names (gcc -c, or -save-temps=obj), or strip"};
constexpr Row k_elf_random{CauseClass::rand, "G7", "random names or identifiers stand in the program",
                           "give what generates them a fixed seed"};
constexpr std::size_t k_most_region_runs = 4'000;

bool path_char(char c) {
  return is_alnum(c) || std::string_view("/._-~@,%").find(c) != std::string_view::npos;
}
bool symbol_char(char c) {
  return is_alnum(c) || c == '_' || c == '.' || c == '$';
}

// The run of such characters around `at`, on both sides; empty when it does not end on both at once.
template <typename IsChar>
Range token_around(std::string_view a, std::string_view b, std::size_t at, const IsChar& is_char) {
  constexpr std::size_t k_reach = 2048;
  const auto both = [&](std::size_t place) {
    return place < a.size() && place < b.size() && is_char(a[place]) && is_char(b[place]);
  };
  if (!both(at)) return {at, 0};
  std::size_t begin = at;
  while (begin > 0 && at - begin < k_reach && both(begin - 1)) --begin;
  std::size_t end = at + 1;
  while (end - at < k_reach && both(end)) ++end;
  const auto ends = [&](std::string_view bytes) { return end >= bytes.size() || !is_char(bytes[end]); };
  if (ends(a) != ends(b)) return {at, 0};
  return {begin, end - begin};
}

TokenAt token_of(std::string_view a, std::string_view b, Range range) {
  return {range, in_quotes(a.substr(range.begin, range.size)), in_quotes(b.substr(range.begin, range.size))};
}

// "ccAkoQ7x.s", as GCC names what it passes to the assembler and the linker.
std::optional<TokenAt> compiler_temporary_at(std::string_view a, std::string_view b, std::size_t at) {
  constexpr std::size_t k_drawn = 6;
  const Range token = token_around(a, b, at, symbol_char);
  const auto is_name = [&](std::string_view bytes, std::size_t from) {
    if (bytes.substr(from, 2) != "cc") return false;
    const std::string_view drawn = slice(bytes, from + 2, k_drawn);
    const std::string_view rest = slice(bytes, from + 2 + k_drawn, 3);
    return drawn.size() == k_drawn && std::all_of(drawn.begin(), drawn.end(), is_alnum) &&
           (rest.starts_with(".o") || rest.starts_with(".s") || rest.starts_with(".c") ||
            rest.starts_with(".l"));
  };
  const std::size_t first = std::max(token.begin, at < 1 + k_drawn ? 0 : at - 1 - k_drawn);
  for (std::size_t from = first; from < at && from < token.end(); ++from) {
    if (from > 0 && symbol_char(a[from - 1])) continue;
    if (is_name(a, from) && is_name(b, from)) return token_of(a, b, {from, 2 + k_drawn});
  }
  return std::nullopt;
}

std::optional<TokenAt> lto_name_at(std::string_view a, std::string_view b, std::size_t at) {
  const Range token = token_around(a, b, at, symbol_char);
  const std::string_view in_a = a.substr(token.begin, token.size);
  const std::string_view in_b = b.substr(token.begin, token.size);
  const std::size_t stem = without_lto_suffix(in_a).size();
  if (stem == in_a.size() || without_lto_suffix(in_b).size() != stem || at < token.begin + stem) {
    return std::nullopt;
  }
  return token_of(a, b, token);
}

struct RegionToken {
  const Row* row;
  TokenAt token;
  bool certain = true;
};

std::optional<RegionToken> region_token(const ElfRegion& region, const ElfPair& pair, std::size_t at) {
  const bool go = pair.a.go();
  if (const auto date = date_at(region.a, region.b, at, pair.surroundings)) {
    const Row* row = date->form == DateForm::calendar ? &k_elf_other_date : &k_elf_date;
    const DateFit fit = fit_of(*date, pair.surroundings);
    if (fit != DateFit::none) {
      return RegionToken{go ? &k_elf_go_date : row, token_of(region.a, region.b, date->range),
                         fit == DateFit::certain};
    }
  }
  if (auto token = lto_name_at(region.a, region.b, at))
    return RegionToken{&k_elf_lto_name, *std::move(token)};
  if (auto token = compiler_temporary_at(region.a, region.b, at)) {
    return RegionToken{&k_elf_temporary, *std::move(token)};
  }
  if (auto token = path_at(region.a, region.b, at, go)) {
    return RegionToken{go ? &k_elf_go_path : &k_elf_path, *std::move(token)};
  }
  if (auto token = random_name_at(region.a, region.b, at))
    return RegionToken{&k_elf_random, *std::move(token)};
  if (auto token = time_number_at(region.a, region.b, at, pair.surroundings)) {
    return RegionToken{&k_elf_number, *std::move(token)};
  }
  return std::nullopt;
}

}  // namespace

std::string_view without_lto_suffix(std::string_view name) {
  constexpr std::string_view k_start = ".gnu.lto_";
  const std::size_t dot = name.rfind('.');
  if (name.find(k_start) == std::string_view::npos || dot == std::string_view::npos) return name;
  const std::string_view drawn = name.substr(dot + 1);
  constexpr std::size_t k_least = 8;
  if (drawn.size() < k_least || drawn.size() > 16 || !std::all_of(drawn.begin(), drawn.end(), is_lower_hex)) {
    return name;
  }
  return name.substr(0, dot + 1);
}

std::optional<TokenAt> path_at(std::string_view a, std::string_view b, std::size_t at, bool glued) {
  Range token = token_around(a, b, at, path_char);
  if (token.size < 4) return std::nullopt;
  std::string_view in_a = a.substr(token.begin, token.size);
  std::string_view in_b = b.substr(token.begin, token.size);
  if (glued) {
    // Go keeps its strings without anything between them, so that a path begins where a known root does.
    constexpr std::array<std::string_view, 11> k_roots = {
        "/home/", "/root/", "/tmp/", "/build", "/src/", "/go/", "/work", "/usr/", "/opt/", "/var/", "/app/"};
    std::size_t root = std::string_view::npos;
    for (const std::string_view name : k_roots) {
      const std::size_t found = in_a.rfind(name, at - token.begin);
      if (found != std::string_view::npos && in_b.substr(found, name.size()) == name)
        root = std::min(root, found);
    }
    if (root == std::string_view::npos) return std::nullopt;
    token = {token.begin + root, token.size - root};
    in_a.remove_prefix(root);
    in_b.remove_prefix(root);
  }
  if (in_a.front() != '/' || in_b.front() != '/') return std::nullopt;
  if (std::count(in_a.begin(), in_a.end(), '/') < 2 || std::count(in_b.begin(), in_b.end(), '/') < 2) {
    return std::nullopt;
  }
  return token_of(a, b, token);
}

bool explain_region(const ElfRegion& region, const ElfPair& pair, Findings& findings,
                    std::vector<Mask>& masks) {
  const auto runs = differing(region.a, region.b, k_most_region_runs);
  if (!runs) return false;
  std::size_t covered = 0;
  for (const Range& run : *runs) {
    for (std::size_t at = std::max(covered, run.begin); at < run.end(); at = covered) {
      // A mask of before (Go's settings) may cover it.
      const auto known = std::find_if(masks.begin(), masks.end(), [&](const Mask& mask) {
        return mask.a.begin <= region.base + at && region.base + at < mask.a.end();
      });
      if (known != masks.end()) {
        covered = known->a.end() - region.base;
        continue;
      }
      const auto found = region_token(region, pair, at);
      if (!found || found->token.range.end() <= at) return false;
      const Range range = found->token.range;
      findings.add(*found->row,
                   change(fmt::format("offset {} ({})", region.base + range.begin, region.section),
                          found->token.a, found->token.b));
      if (!found->certain) findings.suppose();
      masks.push_back(same_place(region.base + range.begin, range.size));
      covered = range.end();
    }
  }
  return true;
}

}  // namespace buildlab::causes::formats
