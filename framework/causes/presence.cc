// Causes of an entry that only one image has.
#include "framework/causes/catalogue.h"
#include "framework/causes/evidence.h"
#include "framework/causes/paths.h"
#include "framework/causes/recognise.h"
#include "framework/causes/text_tokens.h"

namespace buildlab::causes {
namespace {

std::string where(const Presence& presence) {
  return presence.only_in_a ? "only the first image has it" : "only the second image has it";
}

// A time of these builds, or a random name, in the last component that has one.
std::optional<Cause> by_name(const Presence& presence, const Surroundings& surroundings) {
  for (std::string_view path = presence.path; !path.empty(); path = parent_path(path)) {
    const std::string_view name = base_name(path);
    for (const Token& token : time_tokens(name)) {
      const bool whole = token.kind == TokenKind::moment;
      if (!token.time || !near_builds(*token.time, surroundings).value_or(whole)) continue;
      Cause cause;
      cause.kind = CauseClass::time;
      cause.row = "G5";
      cause.recogniser = "G5";
      cause.name = "the name holds the time of the build";
      cause.fix =
          "name it after $SOURCE_DATE_EPOCH in place of $(date), or end the RUN that makes it with && rm -rf "
          "<it>";
      cause.evidence = {where(presence) + "; the name holds " + time_text(*token.time)};
      return cause;
    }
    for (const Token& token : random_tokens(name)) {
      // A long number may be a sum of the content, which says nothing of chance.
      if (token.kind == TokenKind::hex) continue;
      const std::string_view text = name.substr(token.begin, token.size);
      if (fit(token, text, token, text, surroundings) == Fit::no) continue;
      Cause cause;
      cause.kind = token.kind == TokenKind::temporary ? CauseClass::path : CauseClass::rand;
      cause.row = "G7";
      cause.recogniser = "G7";
      cause.name = "the name is random";
      cause.fix =
          "mkdir a folder of a fixed name in place of mktemp -d, or end the RUN that makes it with && rm -rf "
          "<it>";
      cause.evidence = {where(presence) + "; the name holds " + shown(text, 60)};
      return cause;
    }
  }
  return std::nullopt;
}

bool is_leftover(std::string_view row) {
  return row == "B26";
}

}  // namespace

std::optional<Cause> of_presence(const Presence& presence, const Surroundings& surroundings) {
  const std::string_view name = base_name(presence.path);
  if (presence.kind == EntryKind::opaque || name == ".wh..wh..opq") {
    Cause cause = cause_of(*find_row("A15"));
    cause.evidence = {where(presence)};
    return cause;
  }
  const Row* row = row_for_presence(presence.path);
  if (row != nullptr && is_leftover(row->id) && matches_path("/tmp/* /var/tmp/*", presence.path)) {
    // A build may well put its product there: only chance in the name makes it a leftover.
    const auto named = by_name(presence, surroundings);
    if (!named) return std::nullopt;
    Cause cause = cause_of(*row);
    cause.kind = named->kind;
    cause.evidence = named->evidence;
    return cause;
  }
  if (row != nullptr) {
    Cause cause = cause_of(*row);
    cause.evidence = {where(presence)};
    return cause;
  }
  if (matches_path("*/__pycache__ */__pycache__/* *.pyc", presence.path)) {
    Cause cause;
    cause.kind = CauseClass::cache;
    cause.row = "E1";
    cause.recogniser = "E1";
    cause.name = "Python wrote byte code in one build only";
    cause.fix =
        "ENV PYTHONDONTWRITEBYTECODE=1, or RUN python -m compileall --invalidation-mode unchecked-hash "
        "<folder>";
    cause.evidence = {where(presence)};
    return cause;
  }
  return by_name(presence, surroundings);
}

}  // namespace buildlab::causes
