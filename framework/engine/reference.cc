#include "framework/engine/reference.h"

#include <algorithm>
#include <array>

#include "framework/base/text.h"

namespace buildlab::engine {
namespace {

bool all_of(std::string_view text, std::string_view others) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [others](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos;
  });
}

constexpr std::string_view k_upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

}  // namespace

std::string ImageReference::canonical() const {
  std::string text = registry + "/" + repository;
  if (!tag.empty()) text += ":" + tag;
  if (digest) text += "@" + digest->text();
  return text;
}

std::optional<ImageReference> parse_reference(std::string_view text) {
  ImageReference reference;
  if (text == "scratch") return std::nullopt;
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    const auto digest = Digest::parse(text.substr(at + 1));
    if (!digest) return std::nullopt;
    reference.digest = *digest;
    text = text.substr(0, at);
  }
  const std::size_t slash = text.find('/');
  const std::string_view first = text.substr(0, slash);
  if (slash != std::string_view::npos &&
      (first.find_first_of(".:") != std::string_view::npos || first == "localhost")) {
    reference.registry = std::string(first);
    text.remove_prefix(slash + 1);
  } else {
    reference.registry = "docker.io";
  }
  if (reference.registry == "index.docker.io") reference.registry = "docker.io";
  const std::size_t colon = text.find(':');
  reference.repository = std::string(text.substr(0, colon));
  if (colon != std::string_view::npos) {
    reference.tag = std::string(text.substr(colon + 1));
    if (reference.tag.size() > 128 || !all_of(to_lower(reference.tag), "._-")) return std::nullopt;
  } else if (!reference.digest) {
    reference.tag = "latest";
  }
  if (!all_of(reference.repository, "._-/") || reference.repository.front() == '/' ||
      reference.repository.back() == '/') {
    return std::nullopt;
  }
  if (reference.registry.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-:[]" +
                                           std::string(k_upper)) != std::string::npos) {
    return std::nullopt;
  }
  if (reference.registry == "docker.io" && reference.repository.find('/') == std::string::npos) {
    reference.repository = "library/" + reference.repository;
  }
  return reference;
}

std::optional<std::string> debian_suite(const ImageReference& reference) {
  if (reference.registry != "docker.io" || reference.repository != "library/debian" || reference.digest) {
    return std::nullopt;
  }
  std::string_view suite = reference.tag;
  constexpr std::string_view slim = "-slim";
  if (suite.ends_with(slim)) suite.remove_suffix(slim.size());
  // Numbers and "latest" move with Debian's releases: what they mean is the hub's to say.
  if (suite == "latest" ||
      !std::all_of(suite.begin(), suite.end(), [](char c) { return c >= 'a' && c <= 'z'; }) ||
      suite.empty()) {
    return std::nullopt;
  }
  return std::string(suite);
}

std::optional<Digest> resolved_digest(std::string_view progress, const std::string& canonical) {
  const std::string mark = "FROM " + canonical + "@";
  const std::size_t at = progress.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const auto digest = Digest::parse(progress.substr(at + mark.size(), 71));  // "sha256:" and 64 digits
  return digest ? std::optional<Digest>(*digest) : std::nullopt;
}

}  // namespace buildlab::engine
