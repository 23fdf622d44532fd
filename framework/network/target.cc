#include "framework/network/target.h"

#include <optional>

#include "framework/base/digest.h"
#include "framework/base/percent.h"
#include "framework/base/text.h"

namespace buildlab::network {
namespace {

constexpr std::size_t k_longest_path = 1024;

std::string digest_or_empty(std::string_view text) {
  const auto digest = Digest::parse(text);
  return digest ? digest->text() : "";
}

std::string digest_of_query(std::string_view query) {
  for (const std::string_view part : split(query, '&')) {
    if (part.starts_with("digest=")) return digest_or_empty(percent_decoded(part.substr(7)));
  }
  return "";
}

// The text before and behind the last `mark`; nullopt without one or where either is empty.
struct Halves {
  std::string_view before;
  std::string_view behind;
};
std::optional<Halves> halves(std::string_view path, std::string_view mark) {
  const std::size_t at = path.rfind(mark);
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  return Halves{path.substr(0, at), path.substr(at + mark.size())};
}

}  // namespace

std::string_view to_string(PathClass path_class) {
  switch (path_class) {
    case PathClass::manifest:
      return "manifest";
    case PathClass::blob:
      return "blob";
    case PathClass::upload:
      return "upload";
    case PathClass::other:
      return "other";
  }
  return "";
}

Target parse_target(std::string_view text) {
  Target target;
  const std::size_t mark = text.find('?');
  const std::string_view path = text.substr(0, mark);
  const std::string_view query = mark == std::string_view::npos ? "" : text.substr(mark + 1);
  target.path = path.substr(0, k_longest_path);
  if (path.size() > k_longest_path || !path.starts_with("/v2/")) return target;
  const std::string_view rest = path.substr(4);
  if (const auto upload = halves(rest, "/blobs/uploads")) {
    if (!upload->behind.empty() && upload->behind.front() != '/') return target;
    target.path_class = PathClass::upload;
    target.repository = upload->before;
    if (!upload->behind.empty()) target.upload = upload->behind.substr(1);
    target.digest = digest_of_query(query);
  } else if (const auto blob = halves(rest, "/blobs/")) {
    target.digest = digest_or_empty(blob->behind);
    if (target.digest.empty()) return target;
    target.path_class = PathClass::blob;
    target.repository = blob->before;
  } else if (const auto manifest = halves(rest, "/manifests/")) {
    if (manifest->behind.empty()) return target;
    target.path_class = PathClass::manifest;
    target.repository = manifest->before;
    target.reference = manifest->behind;
    target.digest = digest_or_empty(manifest->behind);
  }
  return target;
}

std::string rewrite_location(std::string_view location, const Upstream& upstream, std::string_view own) {
  constexpr std::string_view k_scheme = "http://";
  if (!location.starts_with(k_scheme)) return std::string(location);
  const std::string_view rest = location.substr(k_scheme.size());
  const std::size_t end = rest.find_first_of("/?#");
  const std::string_view authority = rest.substr(0, end);
  const bool usual_port = upstream.port == 80 && authority == upstream.host;
  if (authority != upstream.text() && !usual_port) return std::string(location);
  std::string result(k_scheme);
  result += own;
  if (end != std::string_view::npos) result += rest.substr(end);
  return result;
}

}  // namespace buildlab::network
