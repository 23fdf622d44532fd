#include "framework/causes/generic.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>

#include "framework/base/json.h"
#include "framework/base/text.h"
#include "framework/causes/compare_tokens.h"
#include "framework/causes/evidence.h"
#include "framework/causes/paths.h"
#include "framework/causes/scan.h"

namespace buildlab::causes {
namespace {

constexpr std::size_t k_shown_pairs = 3;

bool is_time(TokenKind kind) {
  return kind <= TokenKind::duration;
}

std::string describe(const TokenPair& pair, std::string_view place, std::string_view a, std::string_view b) {
  std::string text = change(place, a, b);
  const bool both = pair.a.time && pair.b.time && pair.a.kind != TokenKind::month;
  if (both && (a.size() < 11 || a[10] != 'T' || !a.ends_with("Z"))) {
    text += fmt::format(" ({}, then {})", time_text(*pair.a.time), time_text(*pair.b.time));
  }
  return text;
}

struct Wording {
  const char* name;
  const char* fix;
};

Wording time_wording(bool log) {
  if (log) {
    return {"a log with the times of the build",
            "end the RUN that writes it with && rm -f <the log>, or send the output to /dev/null there"};
  }
  return {
      "the time of the build is written into the file",
      "let the program that writes it take SOURCE_DATE_EPOCH (declare ARG SOURCE_DATE_EPOCH in the stage), "
      "or write a fixed time"};
}

Wording random_wording(const std::set<TokenKind>& kinds) {
  const TokenKind kind = *kinds.begin();
  if (kinds.size() == 1 && kind == TokenKind::temporary) {
    return {
        "the random name of a temporary file or folder is written into the file",
        "mkdir a folder of a fixed name in place of mktemp -d, or rm -f the file in the RUN that writes it"};
  }
  if (kinds.size() == 1 && kind == TokenKind::trace) {
    return {"the trace id that BuildKit hands to every RUN is written into the file",
            "unset TRACEPARENT in the RUN that dumps its environment"};
  }
  if (kinds.size() == 1 && kind == TokenKind::pointer) {
    return {"addresses of memory, which change with every start of a program, are written into the file",
            "print no pointers; setarch -R proves the cause"};
  }
  if (kinds.size() == 1 && kind == TokenKind::pid) {
    return {"process numbers are written into the file",
            "end the RUN that writes it with && rm -f <the file>"};
  }
  if (kinds.size() == 1 && kind == TokenKind::fingerprint) {
    return {
        "fingerprints of SSH keys that were drawn in the build are written into the file",
        "end the RUN that writes it with && rm -f <the file>, and make the keys when the container starts"};
  }
  return {"random identifiers are written into the file",
          "give the identifier a fixed value, or make it when the container starts"};
}

// Files that list what has no order: what is installed, sums of files, what a program told of its work.
bool is_unordered(std::string_view path) {
  return is_log(path) ||
         matches_path(
             "*.list *.md5sums *SUMS *sums.txt *.sha256 */RECORD */installed-files.txt */SOURCES.txt "
             "*.manifest */ls-R",
             path);
}

Generic from_tokens(const ContentPair& pair, const Region& region, const Alike& alike, bool log) {
  Generic generic;
  bool times = false;
  bool random = false;
  std::set<TokenKind> random_kinds;
  for (const TokenPair& tokens : alike.differing) {
    generic.kinds.insert(tokens.a.kind);
    if (is_time(tokens.a.kind)) {
      times = true;
    } else {
      random = true;
      random_kinds.insert(tokens.a.kind);
    }
    const std::string_view a = region.a.substr(tokens.a.begin, tokens.a.size);
    const std::string_view b = region.b.substr(tokens.b.begin, tokens.b.size);
    if (generic.first_a.empty() && generic.first_b.empty()) {
      generic.first_a = a;
      generic.first_b = b;
    }
    if (generic.cause.evidence.size() >= k_shown_pairs) continue;
    const std::string place = place_of(pair.a, region.begin + tokens.a.begin);
    generic.cause.evidence.push_back(describe(tokens, place, a, b));
  }
  if (alike.count > k_shown_pairs) {
    generic.cause.evidence.push_back(fmt::format("{} more such values", alike.count - k_shown_pairs));
  }
  if (alike.moved) generic.cause.evidence.emplace_back("its lines stand in another order as well");
  Cause& cause = generic.cause;
  const Wording wording = times ? time_wording(log) : random_wording(random_kinds);
  cause.name = wording.name;
  cause.fix = wording.fix;
  cause.kind = CauseClass::time;
  if (!times) {
    const bool temporary = random_kinds == std::set<TokenKind>{TokenKind::temporary};
    cause.kind = temporary ? CauseClass::path : CauseClass::rand;
  }
  cause.row = times ? "G5" : "G7";
  cause.recogniser = cause.row;
  if (times && random) cause.recogniser += "+G7";
  if (alike.moved) cause.recogniser += "+G8";
  cause.proven = alike.certain && (!alike.moved || is_unordered(pair.path));
  return generic;
}

Generic from_order(const ContentPair& pair, const Reordered& order) {
  Generic generic;
  generic.cause.kind = CauseClass::order;
  generic.cause.row = "G8";
  generic.cause.recogniser = "G8";
  generic.cause.name = fmt::format("the same {} in another order", order.what);
  generic.cause.proven = order.certain && (order.members || is_unordered(pair.path));
  const LinePair line = first_differing_line(pair.a, pair.b);
  generic.cause.evidence.push_back(change(fmt::format("line {}", line.number), line.a, line.b));
  generic.cause.fix =
      "sort what the program reads or writes (LC_ALL=C sort, PYTHONHASHSEED=0, make without -j for this "
      "file)";
  return generic;
}

std::optional<Generic> by_tokens(const ContentPair& pair, const Region& region,
                                 const Surroundings& surroundings, bool text) {
  const bool log = is_log(pair.path);
  constexpr std::array<TokenUse, 3> uses = {TokenUse{true, false}, TokenUse{false, true},
                                            TokenUse{true, true}};
  for (TokenUse use : uses) {
    use.durations = log && use.times;
    if (const auto alike = alike_in_place(region.a, region.b, use, surroundings)) {
      return from_tokens(pair, region, *alike, log);
    }
  }
  if (!text) return std::nullopt;
  for (TokenUse use : uses) {
    use.durations = log && use.times;
    const auto alike = alike_in_any_order(region.a, region.b, use, surroundings);
    if (alike && alike->count > 0) return from_tokens(pair, region, *alike, log);
  }
  return std::nullopt;
}

void clear_notes(std::string& binary) {
  // An ELF note: size of the name, size of the value, kind 3, "GNU".
  constexpr std::array<std::size_t, 4> sizes = {8, 16, 20, 32};
  for (const std::size_t size : sizes) {
    const char head[] = {4, 0, 0, 0, static_cast<char>(size), 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0};
    const std::string_view mark(head, sizeof head);
    for (std::size_t at = binary.find(mark); at != std::string::npos; at = binary.find(mark, at + 1)) {
      const std::size_t value = at + mark.size();
      if (value + size > binary.size()) break;
      std::fill_n(binary.begin() + static_cast<std::ptrdiff_t>(value), size, '\0');
    }
  }
}

void clear_go_ids(std::string& binary) {
  constexpr std::string_view mark = "\xff Go build ID: \"";
  for (std::size_t at = binary.find(mark); at != std::string::npos; at = binary.find(mark, at + 1)) {
    const std::size_t value = at + mark.size();
    const std::size_t end = binary.find('"', value);
    if (end == std::string::npos || end - value > 200) continue;
    std::fill_n(binary.begin() + static_cast<std::ptrdiff_t>(value), end - value, '0');
  }
}

}  // namespace

std::string without_build_ids(std::string_view binary) {
  std::string copy(binary);
  clear_notes(copy);
  clear_go_ids(copy);
  return copy;
}

std::optional<Generic> of_generic(const ContentPair& pair, const Surroundings& surroundings) {
  if (pair.a == pair.b) return std::nullopt;
  Region region = differing_region(pair.a, pair.b);
  if (std::max(region.a.size(), region.b.size()) > k_text_limit) return std::nullopt;
  const bool text = is_text(region.a) && is_text(region.b) && is_text(pair.a);
  const bool small = std::max(pair.a.size(), pair.b.size()) <= k_text_limit;
  std::optional<Generic> generic = by_tokens(pair, region, surroundings, text);
  if (!generic && text && pair.complete && small) {
    if (const auto order = reordered(pair.a, pair.b)) generic = from_order(pair, *order);
  }
  if (!generic && !text && small && pair.a.size() == pair.b.size()) {
    // A binary's own sum of itself follows from the rest.
    const std::string a = without_build_ids(pair.a);
    const std::string b = without_build_ids(pair.b);
    if (a != b && a.size() == b.size()) {
      const ContentPair rest{pair.path, a, b, pair.complete};
      region = differing_region(a, b);
      generic = by_tokens(rest, region, surroundings, false);
      if (generic) generic->cause.evidence.emplace_back("its build id follows");
    }
  }
  if (generic && !pair.complete) generic->cause.proven = false;
  return generic;
}

}  // namespace buildlab::causes
