#include "framework/drift/package_url.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/percent.h"
#include "framework/base/text.h"
#include "framework/drift/package_url_parts.h"

namespace buildlab::drift {
namespace {

// "v1.2.3.tar.gz" -> "v1.2.3"
std::string without_archive_end(std::string_view file) {
  for (const std::string_view end : {".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".zip"}) {
    if (const auto stem = without_end(file, end)) return std::string(*stem);
  }
  return std::string(file);
}

// OWNER/REPO/releases/download/TAG/FILE, OWNER/REPO/archive/[refs/tags/|refs/heads/]TAG.tar.gz, and
// codeload's OWNER/REPO/tar.gz/[refs/tags/|refs/heads/]TAG. A tag may have slashes.
std::optional<Package> github_archive(const UrlParts& url) {
  const bool codeload = url.host == "codeload.github.com";
  if ((url.host != "github.com" && !codeload) || url.path.size() < 4) return std::nullopt;
  const std::string repository = url.joined(0, 2);
  const std::string& what = url.path[2];
  if (what == "releases" && url.path[3] == "download" && url.path.size() >= 6) {
    return Package{Ecosystem::github, repository, url.joined(4, url.path.size() - 1)};
  }
  const bool archive =
      codeload ? what == "tar.gz" || what == "zip" || what == "legacy.tar.gz" : what == "archive";
  if (!archive) return std::nullopt;
  std::size_t first = 3;
  if (url.path.size() >= 6 && url.path[3] == "refs" && (url.path[4] == "tags" || url.path[4] == "heads"))
    first = 5;
  const std::string named = url.joined(first, url.path.size());
  return Package{Ecosystem::github, repository, codeload ? named : without_archive_end(named)};
}

// "pkg:docker/library/debian@bookworm?digest=…&platform=…"
std::optional<Package> base_image(std::string_view uri) {
  constexpr std::string_view start = "pkg:docker/";
  if (!uri.starts_with(start)) return std::nullopt;
  uri.remove_prefix(start.size());
  uri = uri.substr(0, uri.find('?'));
  const std::size_t at = uri.rfind('@');
  if (at == 0 || uri.empty()) return std::nullopt;
  if (at == std::string_view::npos) return Package{Ecosystem::image, percent_decoded(uri), "latest"};
  return Package{Ecosystem::image, percent_decoded(uri.substr(0, at)), percent_decoded(uri.substr(at + 1))};
}

}  // namespace

std::string UrlParts::joined(std::size_t first, std::size_t end) const {
  std::string text;
  for (std::size_t i = first; i < end && i < path.size(); ++i) text += (i == first ? "" : "/") + path[i];
  return text;
}

std::size_t UrlParts::find(std::string_view segment, std::size_t from) const {
  const auto begin = path.begin() + static_cast<std::ptrdiff_t>(std::min(from, path.size()));
  return static_cast<std::size_t>(std::find(begin, path.end(), segment) - path.begin());
}

std::optional<UrlParts> parts_of_url(std::string_view url) {
  const std::size_t mark = url.find("://");
  if (mark == std::string_view::npos) return std::nullopt;
  const std::string scheme = to_lower(url.substr(0, mark));
  if (scheme != "http" && scheme != "https") return std::nullopt;
  url.remove_prefix(mark + 3);
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t slash = url.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::string_view authority = url.substr(0, slash);
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos)
    authority.remove_prefix(at + 1);
  UrlParts parts;
  parts.host = to_lower(authority.substr(0, authority.find(':')));
  for (const std::string_view segment : split(url.substr(slash + 1), '/')) {
    if (segment.empty()) continue;
    // A scope's slash is often written %2f: it divides all the same.
    const std::string decoded = percent_decoded(segment);
    for (const std::string_view piece : split(decoded, '/')) {
      if (!piece.empty()) parts.path.emplace_back(piece);
    }
  }
  if (parts.path.empty()) return std::nullopt;
  return parts;
}

bool starts_with_digit(std::string_view text) {
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

std::optional<std::string_view> without_end(std::string_view text, std::string_view end) {
  if (text.size() <= end.size() || !text.ends_with(end)) return std::nullopt;
  return text.substr(0, text.size() - end.size());
}

std::string_view to_string(Ecosystem ecosystem) {
  switch (ecosystem) {
    case Ecosystem::debian:
      return "debian";
    case Ecosystem::alpine:
      return "alpine";
    case Ecosystem::rpm:
      return "rpm";
    case Ecosystem::pypi:
      return "pypi";
    case Ecosystem::npm:
      return "npm";
    case Ecosystem::go:
      return "go";
    case Ecosystem::cargo:
      return "cargo";
    case Ecosystem::maven:
      return "maven";
    case Ecosystem::rubygems:
      return "rubygems";
    case Ecosystem::github:
      return "github";
    case Ecosystem::image:
      return "image";
  }
  return "";
}

std::optional<Package> package_of_url(std::string_view url) {
  if (auto image = base_image(url)) return image;
  const auto parts = parts_of_url(url);
  if (!parts) return std::nullopt;
  for (auto* rule : {github_archive, debian_package, alpine_package, rpm_package, go_module, crate,
                     node_package, python_package, maven_artifact, ruby_gem}) {
    if (auto package = rule(*parts)) return package;
  }
  return std::nullopt;
}

std::string pin_words(const Package& package, std::string_view digest) {
  if (package.index)
    return "an index moves whenever a package in it does: pin the packages that were read through it";
  const std::string& name = package.name;
  const std::string& version = package.version;
  switch (package.ecosystem) {
    case Ecosystem::debian:
      return fmt::format("apt-get install {}={}, or take all packages from one state of the archive", name,
                         version);
    case Ecosystem::alpine:
      return fmt::format("apk add {}={}", name, version);
    case Ecosystem::rpm:
      return fmt::format("dnf install {}-{}", name, version);
    case Ecosystem::pypi:
      return fmt::format("pip install {}=={}, better a requirements file with --hash and --require-hashes",
                         name, version);
    case Ecosystem::npm:
      return fmt::format("\"{}\": \"{}\" with a lock file and npm ci", name, version);
    case Ecosystem::go:
      return fmt::format("require {} {} in go.mod, go.sum beside it, and go build -mod=readonly", name,
                         version);
    case Ecosystem::cargo:
      return fmt::format("{} = \"={}\", Cargo.lock in the context and cargo build --locked", name, version);
    case Ecosystem::maven:
      return fmt::format("{}:{} as a fixed version: no range, no SNAPSHOT, no LATEST", name, version);
    case Ecosystem::rubygems:
      return fmt::format("gem install {} -v {}, or Gemfile.lock and bundle install with BUNDLE_FROZEN=1",
                         name, version);
    case Ecosystem::github:
      return fmt::format("fetch {} by a fixed tag or commit and check its content: ADD --checksum={} …", name,
                         digest);
    case Ecosystem::image:
      return fmt::format("FROM {}:{}@{}", name, version, digest);
  }
  return "";
}

}  // namespace buildlab::drift
