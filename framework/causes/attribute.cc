// Causes of what differs about an entry, its content aside.
#include "framework/causes/attribute.h"

#include <fmt/format.h>
#include <charconv>

#include "framework/base/text.h"
#include "framework/causes/canary.h"
#include "framework/causes/catalogue.h"
#include "framework/causes/evidence.h"
#include "framework/causes/generic.h"
#include "framework/causes/paths.h"
#include "framework/causes/recognise.h"

namespace buildlab::causes {
namespace {

std::optional<std::int64_t> whole_number(std::string_view text, int base = 10) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Moment {
  std::int64_t seconds = 0;
  std::string_view fraction;
};

std::optional<Moment> moment_of(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto seconds = whole_number(text.substr(0, dot));
  if (!seconds) return std::nullopt;
  return Moment{*seconds, dot == std::string_view::npos ? std::string_view{} : text.substr(dot)};
}

std::string moment_text(const Moment& moment) {
  std::string text = time_text(moment.seconds);
  if (!moment.fraction.empty() && text.ends_with('Z')) {
    text.pop_back();
    text += std::string(moment.fraction.substr(0, 10)) + "Z";
  }
  return text;
}

Cause generic_time() {
  Cause cause;
  cause.kind = CauseClass::time;
  cause.row = "G1";
  cause.recogniser = "G1";
  return cause;
}

// The times of files say by themselves why they were not clamped.
Cause file_time(const Moment& a, const Moment& b, const Surroundings& surroundings) {
  const auto epoch = surroundings.source_date_epoch;
  const bool both_built = near_builds(a.seconds, surroundings).value_or(false) &&
                          near_builds(b.seconds, surroundings).value_or(false);
  if (epoch && a.seconds <= *epoch && b.seconds <= *epoch) {
    Cause cause = cause_of(*find_row("A18"));
    cause.name =
        "both times are older than SOURCE_DATE_EPOCH, which clamping keeps: they came with the sources";
    return cause;
  }
  Cause cause = generic_time();
  if (epoch && a.seconds > *epoch && b.seconds > *epoch) {
    cause.name = "the modification time is later than SOURCE_DATE_EPOCH: the export did not rewrite it";
    cause.fix = "export with rewrite-timestamp=true: --output type=image,rewrite-timestamp=true";
    return cause;
  }
  if (epoch) {
    cause.name = "one modification time was clamped to SOURCE_DATE_EPOCH, the other not or was older";
    cause.fix =
        "build both with --output type=image,rewrite-timestamp=true, and before it: git ls-files -z | xargs "
        "-0 touch "
        "-hd @$SOURCE_DATE_EPOCH";
    return cause;
  }
  if (both_built) {
    cause.name = "the modification time is that of the build";
    cause.fix =
        "build with --build-arg SOURCE_DATE_EPOCH=<seconds> --output type=image,rewrite-timestamp=true";
    return cause;
  }
  cause.name = "the modification time differs";
  cause.fix =
      "set the sources' times before the build (git ls-files -z | xargs -0 touch -hd @$SOURCE_DATE_EPOCH), "
      "or build with --build-arg SOURCE_DATE_EPOCH=<seconds> --output type=image,rewrite-timestamp=true";
  return cause;
}

bool is_whiteout(const AttributePair& pair) {
  return pair.kind == EntryKind::whiteout || pair.kind == EntryKind::opaque ||
         base_name(pair.path).starts_with(".wh.");
}

std::optional<Cause> of_mtime(const AttributePair& pair, const Surroundings& surroundings) {
  const auto a = moment_of(pair.a);
  const auto b = moment_of(pair.b);
  if (!a || !b) return std::nullopt;
  Cause cause;
  if (is_whiteout(pair)) {
    cause = cause_of(*find_row("A14"));
  } else if (pair.kind == EntryKind::directory) {
    const bool mount = pair.path == "proc" || pair.path == "sys" || pair.path == "dev";
    cause = cause_of(*find_row(mount ? "A13" : "A12"));
  } else if (matches_path("*/.npm/_update-notifier-last-checked", pair.path)) {
    cause = cause_of(*find_row("F3"));
  } else {
    cause = file_time(*a, *b, surroundings);
  }
  const auto epoch = surroundings.source_date_epoch;
  if (pair.kind == EntryKind::directory && epoch && a->seconds <= *epoch && b->seconds <= *epoch) {
    cause = file_time(*a, *b, surroundings);
  }
  cause.recogniser = "G1";
  cause.proven = true;
  cause.evidence.push_back(change("modification time", moment_text(*a), moment_text(*b)));
  if (epoch) cause.evidence.push_back("SOURCE_DATE_EPOCH is " + time_text(*epoch));
  return cause;
}

std::optional<Cause> of_other_time(const AttributePair& pair) {
  const auto a = moment_of(pair.a);
  const auto b = moment_of(pair.b);
  if ((!a && !pair.a.empty()) || (!b && !pair.b.empty()) || (!a && !b)) return std::nullopt;
  Cause cause = cause_of(*find_row("A31"));
  cause.proven = true;
  const auto text = [](const std::optional<Moment>& moment) { return moment ? moment_text(*moment) : ""; };
  cause.evidence.push_back(
      change(pair.attribute == Attribute::atime ? "time of access" : "time of change", text(a), text(b)));
  return cause;
}

std::optional<Cause> of_mode(const AttributePair& pair) {
  const auto a = whole_number(pair.a, 8);
  const auto b = whole_number(pair.b, 8);
  if (!a || !b || *a < 0 || *b < 0) return std::nullopt;
  const auto left = static_cast<std::uint64_t>(*a) & 07777U;
  const auto right = static_cast<std::uint64_t>(*b) & 07777U;
  const std::uint64_t bits = left ^ right;
  std::optional<Cause> cause;
  if (pair.kind == EntryKind::directory && bits == 02000U) {
    cause = cause_of(*find_row("A21"));
    cause->proven = true;
  } else if (pair.kind == EntryKind::file && std::min(left, right) == 0644U &&
             std::max(left, right) == 0666U) {
    cause = cause_of(*find_row("A20"));
  } else if (bits != 0 && (bits & ~std::uint64_t{0022}) == 0) {
    cause = cause_of(*find_row("A19"));
    cause->proven = true;
  } else if (bits != 0 && (bits & ~std::uint64_t{0077}) == 0) {
    cause = cause_of(*find_row("A19"));
  }
  if (cause && cause->row == "A19") {
    // What the usual umask would have left.
    const auto usual = static_cast<unsigned>((left | right) & ~std::uint64_t{0022});
    cause->fix = fmt::format(
        "RUN umask 022 && … where RUN writes it (or chmod {0:o} in that RUN); where it comes from the "
        "context: COPY --chmod={0:o}",
        usual);
  }
  if (cause) cause->evidence.push_back(change("mode", fmt::format("{:o}", left), fmt::format("{:o}", right)));
  return cause;
}

// Ids that useradd or adduser gave out in the order of the calls.
bool was_given_out(std::int64_t id) {
  return (id >= 100 && id <= 999) || (id >= 1000 && id < 60'000);
}

std::optional<Cause> of_owner(const AttributePair& pair) {
  const char* what = "";
  bool numeric = false;
  switch (pair.attribute) {
    case Attribute::uid:
      what = "user id";
      numeric = true;
      break;
    case Attribute::gid:
      what = "group id";
      numeric = true;
      break;
    case Attribute::uname:
      what = "user's name";
      break;
    default:
      what = "group's name";
      break;
  }
  const auto a = whole_number(pair.a);
  const auto b = whole_number(pair.b);
  if (numeric && (!a || !b)) return std::nullopt;
  const bool allocated = numeric && was_given_out(*a) && was_given_out(*b) && (*a < 1000) == (*b < 1000);
  Cause cause = cause_of(*find_row(allocated ? "D3" : "A22"));
  cause.evidence.push_back(change(what, pair.a, pair.b));
  return cause;
}

std::optional<Cause> of_xattr(const AttributePair& pair) {
  Cause cause = cause_of(*find_row("A23"));
  const std::string_view key = pair.key;
  cause.proven = key == "security.capability" || key == "security.selinux" || key == "security.ima" ||
                 key.starts_with("user.overlay.") || key.starts_with("trusted.overlay.");
  if (key == "security.capability") {
    cause.name = "file capabilities are set on one side or have another value";
    cause.fix =
        "RUN setcap <capabilities> <file> in the last RUN that touches the file, with the same privileges of "
        "the "
        "worker";
  }
  cause.evidence.push_back(change(shown(key, 60), pair.a, pair.b));
  return cause;
}

bool swaps_link(const AttributePair& pair) {
  const auto is_link = [](std::string_view type) {
    return type == "hardlink" || type.starts_with("hardlink to ");
  };
  return (is_link(pair.a) && pair.b == "file") || (pair.a == "file" && is_link(pair.b));
}

std::optional<Cause> of_link(const AttributePair& pair, const Surroundings& surroundings) {
  if (pair.attribute == Attribute::type) {
    if (!swaps_link(pair)) return std::nullopt;
    Cause cause = cause_of(*find_row("A17"));
    cause.recogniser = "G4";
    cause.evidence.push_back(change("type", pair.a, pair.b));
    return cause;
  }
  if (pair.attribute == Attribute::nlink || pair.kind == EntryKind::hardlink) {
    Cause cause = cause_of(*find_row("A16"));
    cause.recogniser = "G4";
    cause.evidence.push_back(
        change(pair.attribute == Attribute::nlink ? "number of links" : "target", pair.a, pair.b));
    return cause;
  }
  // A symbolic link's target is a text.
  return of_value(pair, surroundings);
}

}  // namespace

std::optional<Cause> of_value(const AttributePair& pair, const Surroundings& surroundings) {
  if (auto cause = of_canary(pair.a, pair.b, surroundings)) return cause;
  auto generic = of_generic(ContentPair{"", pair.a, pair.b}, surroundings);
  if (!generic) return std::nullopt;
  generic->cause.fix = generic->cause.kind == CauseClass::time
                           ? "pass a fixed value, made from SOURCE_DATE_EPOCH"
                           : "pass a fixed value";
  return generic->cause;
}

std::optional<Cause> of_attribute(const AttributePair& pair, const Surroundings& surroundings) {
  if (pair.a == pair.b && pair.attribute != Attribute::order && pair.attribute != Attribute::format &&
      pair.attribute != Attribute::compression) {
    return std::nullopt;
  }
  switch (pair.attribute) {
    case Attribute::mtime:
      return of_mtime(pair, surroundings);
    case Attribute::atime:
    case Attribute::ctime:
      return of_other_time(pair);
    case Attribute::mode:
      return of_mode(pair);
    case Attribute::uid:
    case Attribute::gid:
    case Attribute::uname:
    case Attribute::gname:
      return of_owner(pair);
    case Attribute::xattr:
      return of_xattr(pair);
    case Attribute::type:
    case Attribute::linktarget:
    case Attribute::nlink:
      return of_link(pair, surroundings);
    case Attribute::order:
    case Attribute::format:
    case Attribute::compression:
    case Attribute::mediatype:
    case Attribute::annotation:
    case Attribute::history:
    case Attribute::config:
      return of_metadata(pair, surroundings);
    case Attribute::content:
    case Attribute::size:
    case Attribute::device:
    case Attribute::missing:
    case Attribute::added:
      // The first two are of_content's, the last two of_presence's; of a device's numbers nothing is known.
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace buildlab::causes
