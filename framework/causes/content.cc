#include <algorithm>

#include "framework/causes/binary_tokens.h"
#include "framework/causes/canary.h"
#include "framework/causes/catalogue.h"
#include "framework/causes/checks.h"
#include "framework/causes/evidence.h"
#include "framework/causes/formats.h"
#include "framework/causes/generic.h"
#include "framework/causes/paths.h"
#include "framework/causes/recognise.h"

namespace buildlab::causes {
namespace {

bool lists(std::string_view ids, std::string_view id) {
  std::size_t at = 0;
  while (at < ids.size()) {
    const std::size_t end = std::min(ids.find(' ', at), ids.size());
    if (ids.substr(at, end - at) == id) return true;
    at = end + 1;
  }
  return false;
}

void take_row(Cause& cause, const Row& row) {
  cause.row = row.id;
  cause.name = row.name;
  cause.fix = row.fix;
}

void take_row(Cause& cause, std::string_view id) {
  if (const Row* row = find_row(id)) take_row(cause, *row);
}

// A generic recogniser may prove what the row's own check only supports.
void prove(Cause& cause, const Row& row, const std::optional<Generic>& generic) {
  if (!generic) return;
  const bool same_class = generic->cause.kind == cause.kind;
  if (!same_class && !row.mixed) return;
  cause.kind = generic->cause.kind;
  if (!generic->cause.proven) return;
  cause.proven = true;
  cause.recogniser = generic->cause.recogniser;
  cause.evidence = generic->cause.evidence;
}

std::optional<Cause> by_row(const Row& row, const ContentPair& pair, const Surroundings& surroundings) {
  auto finding = row.check(pair, surroundings);
  if (!finding) return std::nullopt;
  Cause cause = cause_of(row);
  cause.proven = finding->proven;
  cause.evidence = std::move(finding->evidence);
  if (finding->kind) cause.kind = *finding->kind;
  // What names no values keeps silent about them also when a generic recogniser would show them.
  const bool silent = !cause.evidence.empty() && cause.evidence.front().ends_with("values are not shown");
  if (!cause.proven && !silent) prove(cause, row, of_generic(pair, surroundings));
  if (!pair.complete) cause.proven = false;
  return cause;
}

enum class Nature { other, object, go, rust };

Nature nature_of(std::string_view bytes) {
  const bool object = bytes.starts_with(
                          "\x7f"
                          "ELF") ||
                      bytes.starts_with("MZ") || bytes.starts_with("\xcf\xfa\xed\xfe") ||
                      bytes.starts_with("!<arch>\n");
  if (!object) return Nature::other;
  const std::string_view head = bytes.substr(0, k_text_limit);
  if (head.find("\xff Go buildinf:") != std::string_view::npos) return Nature::go;
  if (head.find("/rustc/") != std::string_view::npos) return Nature::rust;
  return Nature::object;
}

void refine_folder(Cause& cause, Nature nature) {
  if (nature == Nature::go) take_row(cause, "H2");
  if (nature == Nature::rust) take_row(cause, "H15");
  if (nature == Nature::object) take_row(cause, "H7");
}

bool all_of(const std::set<TokenKind>& kinds, std::initializer_list<TokenKind> allowed) {
  return std::all_of(kinds.begin(), kinds.end(), [&](TokenKind kind) {
    return std::find(allowed.begin(), allowed.end(), kind) != allowed.end();
  });
}

// A generic finding in a file of a known nature is a row of its own.
void refine(Cause& cause, const Generic& generic, const ContentPair& pair) {
  const Nature nature = nature_of(pair.a);
  if (cause.kind == CauseClass::time) {
    if (nature == Nature::go) take_row(cause, "H5");
    const bool macros = all_of(generic.kinds, {TokenKind::date, TokenKind::clock});
    if (nature != Nature::go && nature != Nature::other && macros) take_row(cause, "H6");
    return;
  }
  if (cause.kind == CauseClass::rand && all_of(generic.kinds, {TokenKind::pointer})) take_row(cause, "H13");
  if (cause.kind != CauseClass::path) return;
  const std::string_view first = generic.first_a;
  const bool compiler = first.size() == 8 && first.starts_with("cc");
  if (compiler) {
    take_row(cause, "H14");
  } else if (first.find('-') != std::string_view::npos && first.starts_with("20")) {
    take_row(cause, "I4");
  } else if (nature != Nature::other && matches_path("*.node", pair.path)) {
    take_row(cause, "F7");
  } else {
    refine_folder(cause, nature);
  }
}

constexpr std::string_view k_secret_paths =
    "*/etc/shadow* */etc/gshadow* */private/* *.key */.gnupg/* */.ssh/id_* */.netrc */.npmrc */.pgpass";

}  // namespace

std::optional<Cause> of_content(const ContentPair& pair, const Surroundings& surroundings) {
  if (pair.a == pair.b) return std::nullopt;
  if (auto cause = of_canary(pair.a, pair.b, surroundings)) {
    if (cause->kind == CauseClass::path) refine_folder(*cause, nature_of(pair.a));
    return cause;
  }
  const std::vector<const Row*> rows = rows_for_content(pair.path);
  const auto anywhere = [](const Row* row) { return row->paths == "*"; };
  for (const Row* row : rows) {
    if (row->check == nullptr || !row->over.empty() || anywhere(row)) continue;
    if (auto cause = by_row(*row, pair, surroundings)) return cause;
  }
  if (auto cause = of_format(pair, surroundings)) {
    for (const Row* row : rows) {
      if (!lists(row->over, cause->row)) continue;
      take_row(*cause, *row);
      break;
    }
    return cause;
  }
  for (const Row* row : rows) {
    if (row->check == nullptr || (row->over.empty() && !anywhere(row))) continue;
    if (auto cause = by_row(*row, pair, surroundings)) return cause;
  }
  auto generic = of_generic(pair, surroundings);
  if (!generic) {
    if (auto cause = of_binary_times(pair, surroundings)) return cause;
    return of_binary_random(pair);
  }
  refine(generic->cause, *generic, pair);
  if (matches_path(k_secret_paths, pair.path)) {
    generic->cause.evidence = checks::secret(pair, surroundings)->evidence;
  }
  return generic->cause;
}

}  // namespace buildlab::causes
