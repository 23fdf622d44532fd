#include "framework/drift/order.h"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <tuple>

namespace buildlab::drift {
namespace {

int rank_of(Attribute attribute) {
  switch (attribute) {
    case Attribute::content:
      return 0;
    case Attribute::missing:
    case Attribute::added:
    case Attribute::type:
      return 1;
    case Attribute::config:
    case Attribute::linktarget:
    case Attribute::device:
      return 2;
    case Attribute::xattr:
    case Attribute::mode:
    case Attribute::uid:
    case Attribute::gid:
      return 3;
    case Attribute::size:
    case Attribute::nlink:
      return 4;
    case Attribute::uname:
    case Attribute::gname:
      return 5;
    case Attribute::mtime:
    case Attribute::atime:
    case Attribute::ctime:
      return 6;
    case Attribute::history:
      return 7;
    default:
      return 8;
  }
}

}  // namespace

std::string attribute_name(const Difference& difference) {
  if (difference.attribute != Attribute::config) return std::string(causes::to_string(difference.attribute));
  // Of members with members of their own the first one; "moby.buildkit.cache.v0" is one name.
  for (const std::string_view whole : {"Labels", "rootfs"}) {
    if (difference.key.starts_with(std::string(whole) + ".")) return fmt::format("config.{}", whole);
  }
  return "config." + difference.key;
}

void sort_worst_first(std::vector<Difference>& differences) {
  const auto key = [](const Difference& difference) {
    const bool follows = difference.cause && !difference.cause->root.empty();
    return std::make_tuple(difference.representation, follows, rank_of(difference.attribute),
                           difference.layer, std::cref(difference.path), difference.attribute,
                           std::cref(difference.key));
  };
  std::stable_sort(differences.begin(), differences.end(),
                   [&](const Difference& a, const Difference& b) { return key(a) < key(b); });
}

Share explained_share(const std::vector<Difference>& differences) {
  std::map<std::pair<std::size_t, std::string>, std::pair<bool, bool>> places;
  std::size_t nameless = 0;
  for (const Difference& difference : differences) {
    const std::string name = difference.path.empty() ? fmt::format("\n{}", nameless++) : difference.path;
    auto& [with_cause, proven] =
        places.emplace(std::pair(difference.layer, name), std::pair(true, true)).first->second;
    with_cause = with_cause && difference.cause.has_value();
    proven = proven && difference.cause && difference.cause->proven;
  }
  Share share;
  share.places = places.size();
  for (const auto& [name, state] : places) {
    if (state.first) ++share.with_cause;
    if (state.second) ++share.proven;
  }
  return share;
}

std::vector<Group> groups(const std::vector<Difference>& differences) {
  std::vector<Group> all;
  std::map<std::string, std::size_t> known;
  for (const Difference& difference : differences) {
    std::string key;
    if (difference.cause) {
      const causes::Cause& cause = *difference.cause;
      // The content and its size of one path are one matter, as are all files that follow from one.
      key = fmt::format("{}\n{}\n{}\n{}\n{}\n{}", causes::to_string(cause.kind), cause.row, cause.name,
                        cause.root, cause.proven, difference.input);
      if (difference.attribute != Attribute::content && difference.attribute != Attribute::size &&
          cause.root.empty()) {
        key += fmt::format("\n{}\n{}", causes::to_string(difference.attribute), difference.key);
      }
    } else if (difference.attribute == Attribute::content || difference.attribute == Attribute::size) {
      key = "content\n" + difference.path;
    } else {
      key = fmt::format("{}\n{}\n{}", causes::to_string(difference.attribute), difference.key,
                        difference.path.empty() ? std::to_string(difference.layer) : "");
    }
    key += fmt::format("\n{}", difference.layer);
    const auto [at, is_new] = known.emplace(std::move(key), all.size());
    if (is_new) all.emplace_back();
    all[at->second].members.push_back(&difference);
  }
  return all;
}

}  // namespace buildlab::drift
