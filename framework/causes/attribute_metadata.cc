// Causes of what differs about a layer, the manifest or the config.
#include <array>

#include "framework/base/json.h"
#include "framework/base/moment.h"
#include "framework/base/time.h"
#include "framework/causes/attribute.h"
#include "framework/causes/canary.h"
#include "framework/causes/catalogue.h"
#include "framework/causes/evidence.h"
#include "framework/causes/paths.h"
#include "framework/causes/recognise.h"
#include "framework/causes/text_tokens.h"

namespace buildlab::causes {
namespace {

struct KnownKey {
  std::string_view pattern;  // of paths.h, for the key
  std::string_view row;
};

// Annotations of manifest and layers, and labels.
constexpr std::array k_known_keys = {
    KnownKey{"/org.opencontainers.image.created /org.label-schema.build-date /build-date", "A3"},
    KnownKey{"/org.opencontainers.image.revision /org.opencontainers.image.version /io.buildah.version "
             "/org.label-schema.vcs-ref /vcs-ref",
             "A4"},
    KnownKey{"/io.containerd.image.name /org.opencontainers.image.ref.name", "A5"},
    KnownKey{"/vnd.docker.reference.* /in-toto.io/*", "A6"},
    KnownKey{"/buildkit/rewritten-timestamp", "A11"},
    KnownKey{"/org.opencontainers.image.base.digest /org.opencontainers.image.base.name", "A29"},
};

const Row* row_of_key(std::string_view key) {
  for (const KnownKey& known : k_known_keys) {
    if (matches_path(known.pattern, key)) return find_row(known.row);
  }
  return nullptr;
}

// As documents.cc of framework/drift writes a member that is not there.
bool is_absent(std::string_view text) {
  return text.empty() || text == "(absent)";
}

Cause fact(std::string_view row, std::string_view what, const AttributePair& pair) {
  Cause cause = cause_of(*find_row(row));
  cause.proven = true;
  if (pair.a != pair.b) cause.evidence.push_back(change(what, pair.a, pair.b));
  return cause;
}

std::optional<Cause> of_labelled(std::string_view key, const AttributePair& pair,
                                 const Surroundings& surroundings) {
  if (auto cause = of_canary(pair.a, pair.b, surroundings)) return cause;
  const Row* row = row_of_key(key);
  if (row == nullptr) return of_value(pair, surroundings);
  Cause cause = fact(row->id, shown(key, 80), pair);
  // Another revision was built; what only names the builder's own version is the tool's.
  if (row->id == "A4" && key != "io.buildah.version") cause.kind = CauseClass::vers;
  // It repeats digests, which may differ for other reasons.
  if (row->id == "A6") cause.proven = false;
  return cause;
}

// A whole object of labels: one known key for all that differs.
std::optional<Cause> of_label_object(const AttributePair& pair, const Surroundings& surroundings) {
  const auto a = parse_json(pair.a, "labels");
  const auto b = parse_json(pair.b, "labels");
  if (!a || !b || !a->is_object() || !b->is_object()) return of_value(pair, surroundings);
  std::optional<Cause> found;
  const auto look = [&](const Json& one, const Json& other) {
    for (const auto& [key, value] : one.items()) {
      const auto same = other.find(key);
      if (same != other.end() && (&one != &*a || *same == value)) continue;
      const std::string text = value.is_string() ? value.get<std::string>() : to_line(value);
      AttributePair single = pair;
      single.key = key;
      std::string other_text;
      if (same != other.end()) {
        other_text = same->is_string() ? same->get<std::string>() : to_line(*same);
      }
      single.a = &one == &*a ? text : other_text;
      single.b = &one == &*a ? other_text : text;
      auto cause = of_labelled(key, single, surroundings);
      if (!cause) return false;
      if (found && found->row != cause->row) {
        found->proven = false;
        found->evidence.insert(found->evidence.end(), cause->evidence.begin(), cause->evidence.end());
        continue;
      }
      if (found) {
        found->evidence.insert(found->evidence.end(), cause->evidence.begin(), cause->evidence.end());
      } else {
        found = std::move(cause);
      }
    }
    return true;
  };
  if (!look(*a, *b) || !look(*b, *a)) return std::nullopt;
  return found;
}

std::optional<Cause> of_history(const AttributePair& pair, const Surroundings& surroundings) {
  if (auto cause = of_canary(pair.a, pair.b, surroundings)) return cause;
  auto cause = of_value(pair, surroundings);
  if (!cause) return std::nullopt;
  if (cause->kind != CauseClass::time) return cause;
  Cause row = cause_of(*find_row("A2"));
  row.proven = cause->proven || (parse_rfc3339(pair.a) && parse_rfc3339(pair.b));
  row.evidence = cause->evidence;
  row.recogniser = cause->recogniser;
  return row;
}

std::string_view after(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

std::optional<Cause> of_config(const AttributePair& pair, const Surroundings& surroundings) {
  const std::string_view key = after(pair.key, "config.");
  if (key == "created") {
    auto cause = of_value(pair, surroundings);
    if (!cause || cause->kind != CauseClass::time) {
      // Only one of the two says a time at all.
      if (!is_absent(pair.a) && !is_absent(pair.b)) return std::nullopt;
    }
    Cause row = fact("A1", "created", pair);
    if (cause) row.proven = cause->proven || (parse_rfc3339(pair.a) && parse_rfc3339(pair.b));
    return row;
  }
  if (key == "moby.buildkit.cache.v0") {
    Cause row = cause_of(*find_row("A8"));
    row.proven = true;
    row.evidence.push_back(is_absent(pair.a) || is_absent(pair.b) ? "only one image has it"
                                                                  : "its records differ");
    return row;
  }
  if (key == "history" || key.starts_with("history.")) return of_history(pair, surroundings);
  if (key == "Labels") return of_label_object(pair, surroundings);
  if (key.starts_with("Labels.")) return of_labelled(after(key, "Labels."), pair, surroundings);
  return of_value(pair, surroundings);
}

// A media type without what it says of compression.
std::string_view uncompressed(std::string_view type) {
  for (const std::string_view end : {"+gzip", "+zstd"}) {
    if (type.ends_with(end)) return type.substr(0, type.size() - end.size());
  }
  return type;
}

Cause of_mediatype(const AttributePair& pair) {
  const bool misnamed = pair.key == "compression";
  if (misnamed || (!pair.a.empty() && uncompressed(pair.a) == uncompressed(pair.b))) {
    Cause cause = fact("A10", "media type", pair);
    cause.recogniser = "G2";
    return cause;
  }
  return fact("A9", "media type", pair);
}

Cause same_moment(const AttributePair& pair) {
  Cause cause;
  cause.kind = CauseClass::tool;
  cause.row = "G3";
  cause.recogniser = "G3";
  cause.name = "the same moment is written in another form";
  cause.fix = "export both images with the same builder and version";
  cause.proven = true;
  cause.evidence.push_back(change("created", pair.a, pair.b));
  return cause;
}

std::optional<Cause> of_order(const AttributePair& pair) {
  if (pair.path.empty() && (pair.key == "manifests" || pair.key == "index"))
    return fact("A28", "order", pair);
  Cause cause;
  cause.kind = CauseClass::order;
  cause.row = "G3";
  cause.recogniser = "G3";
  cause.name = "the layer has the same entries in another order";
  cause.proven = true;
  if (pair.a != pair.b) cause.evidence.push_back(change("first entry out of place", pair.a, pair.b));
  cause.fix =
      "pin the builder's image and its snapshotter (buildkitd --oci-worker-snapshotter=overlayfs); a tar for "
      "ADD: "
      "tar --sort=name";
  return cause;
}

std::optional<Cause> of_tar_format(const AttributePair& pair) {
  Cause cause;
  cause.kind = CauseClass::tool;
  cause.row = "G3";
  cause.recogniser = "G3";
  if (pair.key == "division into layers") {
    cause.name = "the images are divided into layers differently";
    cause.fix = "build both from the same instructions, and squash both or neither";
  } else if (pair.key.starts_with("JSON of the ")) {
    cause.name = "the same values are written as JSON in another way";
    cause.fix = "export both images with the same builder and version";
  } else if (pair.key == "entries that others replace") {
    cause.name = "the layer has entries that others of the same layer replace";
    cause.fix =
        "write each path once into the tar (GNU tar appends with -r and -u), through folders and not links";
  } else {
    cause.name = "the layer has the same entries in another format of tar or with other padding";
    cause.fix = "export both images with the same builder and version";
  }
  cause.proven = true;
  if (pair.a != pair.b) cause.evidence.push_back(change("format", pair.a, pair.b));
  return cause;
}

}  // namespace

std::optional<Cause> of_metadata(const AttributePair& pair, const Surroundings& surroundings) {
  const bool of_image = pair.attribute == Attribute::config || pair.attribute == Attribute::history;
  if (of_image && is_same_moment(pair.a, pair.b)) return same_moment(pair);
  switch (pair.attribute) {
    case Attribute::order:
      return of_order(pair);
    case Attribute::format:
      return of_tar_format(pair);
    case Attribute::compression: {
      Cause cause = fact("A10", "compression", pair);
      cause.recogniser = "G2";
      return cause;
    }
    case Attribute::mediatype:
      return of_mediatype(pair);
    case Attribute::annotation:
      return of_labelled(pair.key, pair, surroundings);
    case Attribute::history:
      return of_history(pair, surroundings);
    case Attribute::config:
      return of_config(pair, surroundings);
    default:
      return std::nullopt;
  }
}

}  // namespace buildlab::causes
