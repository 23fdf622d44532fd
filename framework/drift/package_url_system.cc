// Archives of distributions: Debian and its kin, Alpine, RPM.
#include <algorithm>

#include "framework/base/text.h"
#include "framework/drift/package_url_parts.h"

namespace buildlab::drift {
namespace {

bool is_hex(std::string_view text) {
  return text.size() >= 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// "Packages.xz" -> "Packages"
std::string without_compression(std::string_view file) {
  for (const std::string_view end : {".xz", ".gz", ".bz2", ".lzma", ".zst", ".lz4"}) {
    if (const auto stem = without_end(file, end)) return std::string(*stem);
  }
  return std::string(file);
}

}  // namespace

// …/pool/main/c/curl/curl_7.88.1-10_amd64.deb, …/dists/bookworm/InRelease,
// …/dists/bookworm/main/binary-amd64/[Packages.xz|by-hash/SHA256/…]
std::optional<Package> debian_package(const UrlParts& url) {
  for (const std::string_view end : {".deb", ".udeb", ".ddeb"}) {
    const auto stem = without_end(url.file(), end);
    if (!stem) continue;
    const auto words = split(*stem, '_');
    if (words.size() != 3 || words[0].empty() || !starts_with_digit(words[1]) || words[2].empty())
      return std::nullopt;
    return Package{Ecosystem::debian, std::string(words[0]), std::string(words[1])};
  }
  const std::size_t lists = url.find("dists");
  if (lists + 2 >= url.path.size()) return std::nullopt;
  const std::size_t hash = url.find("by-hash", lists);
  std::string name = url.joined(lists + 1, std::min(hash, url.path.size() - 1));
  if (hash < url.path.size()) return Package{Ecosystem::debian, name, "", true};
  const std::string file = without_compression(url.file());
  const bool known = file == "InRelease" || file == "Release" || file == "Release.gpg" ||
                     file == "Packages" || file == "Sources" || file.starts_with("Contents-") ||
                     file.starts_with("Translation-");
  if (!known) return std::nullopt;
  // Several of one folder are one matter: the lists of a component.
  return Package{Ecosystem::debian, std::move(name), "", true};
}

// …/v3.20/main/x86_64/busybox-1.36.1-r29.apk, …/APKINDEX.tar.gz
std::optional<Package> alpine_package(const UrlParts& url) {
  if (url.file() == "APKINDEX.tar.gz") {
    const std::size_t count = url.path.size();
    return Package{Ecosystem::alpine, url.joined(count > 4 ? count - 4 : 0, count - 1), "", true};
  }
  const auto stem = without_end(url.file(), ".apk");
  if (!stem) return std::nullopt;
  const std::size_t release = stem->rfind("-r");
  if (release == std::string_view::npos || release == 0 || !starts_with_digit(stem->substr(release + 2)))
    return std::nullopt;
  const std::size_t version = stem->rfind('-', release - 1);
  if (version == std::string_view::npos || version == 0 || !starts_with_digit(stem->substr(version + 1)))
    return std::nullopt;
  return Package{Ecosystem::alpine, std::string(stem->substr(0, version)),
                 std::string(stem->substr(version + 1))};
}

// …/Packages/c/curl-8.9.1-3.fc41.x86_64.rpm, …/repodata/repomd.xml, …/repodata/HASH-primary.xml.zst
std::optional<Package> rpm_package(const UrlParts& url) {
  if (url.before_last(1) == "repodata") {
    const std::string& file = url.file();
    const std::size_t dash = file.find('-');
    const bool listed =
        file.starts_with("repomd.xml") || (dash != std::string::npos && is_hex(file.substr(0, dash)));
    if (!listed) return std::nullopt;
    return Package{Ecosystem::rpm, url.joined(0, url.path.size() - 2), "", true};
  }
  const auto stem = without_end(url.file(), ".rpm");
  if (!stem) return std::nullopt;
  const std::size_t architecture = stem->rfind('.');
  if (architecture == std::string_view::npos) return std::nullopt;
  const std::string_view named = stem->substr(0, architecture);
  const std::size_t release = named.rfind('-');
  if (release == std::string_view::npos || release == 0) return std::nullopt;
  const std::size_t version = named.rfind('-', release - 1);
  if (version == std::string_view::npos || version == 0 || release + 1 == named.size() ||
      version + 1 == release)
    return std::nullopt;
  return Package{Ecosystem::rpm, std::string(named.substr(0, version)),
                 std::string(named.substr(version + 1))};
}

}  // namespace buildlab::drift
