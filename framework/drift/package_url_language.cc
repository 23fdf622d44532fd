// Archives of languages' package managers.
#include <algorithm>

#include "framework/base/text.h"
#include "framework/drift/package_url_parts.h"

namespace buildlab::drift {
namespace {

// PEP 503: "Foo._Bar" and "foo-bar" are one project.
std::string project_name(std::string_view text) {
  std::string name;
  for (const char c : to_lower(text)) {
    const char plain = c == '_' || c == '.' ? '-' : c;
    if (plain != '-' || name.empty() || name.back() != '-') name += plain;
  }
  return name;
}

// "requests-2.31.0-py3-none-any": five parts, or six with a build number.
std::optional<Package> wheel(std::string_view stem) {
  const auto parts = split(stem, '-');
  if ((parts.size() != 5 && parts.size() != 6) || parts[0].empty() || !starts_with_digit(parts[1]))
    return std::nullopt;
  if (parts.size() == 6 && !starts_with_digit(parts[2])) return std::nullopt;
  return Package{Ecosystem::pypi, project_name(parts[0]), std::string(parts[1])};
}

// "!azure" is "Azure" (module paths have no capitals in a proxy's URLs).
std::optional<std::string> unescaped_module(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '!') {
      result += text[i];
      continue;
    }
    if (i + 1 == text.size() || text[i + 1] < 'a' || text[i + 1] > 'z') return std::nullopt;
    result += static_cast<char>(text[++i] - 'a' + 'A');
  }
  return result;
}

// Behind what mirrors put before it: a module's path begins with a host name.
std::optional<std::string> module_path(const UrlParts& url, std::size_t end) {
  std::size_t first = 0;
  while (first < end && url.path[first].find('.') == std::string::npos) ++first;
  if (first == end) first = 0;
  return end == 0 ? std::nullopt : unescaped_module(url.joined(first, end));
}

bool is_npm_registry(const std::string& host) {
  return host == "registry.npmjs.org" || host == "registry.yarnpkg.com" || host == "npm.pkg.github.com";
}

// "left-pad-1.3.1" of the package "left-pad"
std::string version_behind(std::string_view stem, std::string_view name) {
  if (stem.size() < name.size() + 2 || !stem.starts_with(name) || stem[name.size()] != '-') return "";
  const std::string_view version = stem.substr(name.size() + 1);
  return starts_with_digit(version) ? std::string(version) : "";
}

}  // namespace

// …/packages/HASH/requests-2.31.0-py3-none-any.whl[.metadata], …/packages/…/six-1.16.0.tar.gz, …/simple/six/,
// …/pypi/six/json
std::optional<Package> python_package(const UrlParts& url) {
  std::string_view file = url.file();
  if (const auto described = without_end(file, ".metadata")) file = *described;
  if (const auto stem = without_end(file, ".whl")) return wheel(*stem);
  const std::size_t count = url.path.size();
  if (url.before_last(1) == "simple") return Package{Ecosystem::pypi, project_name(url.file()), "", true};
  if (count >= 3 && url.before_last(2) == "pypi" && url.file() == "json")
    return Package{Ecosystem::pypi, project_name(url.before_last(1)), "", true};
  if (url.find("packages") + 1 >= count) return std::nullopt;
  for (const std::string_view end : {".tar.gz", ".zip", ".tar.bz2"}) {
    const auto stem = without_end(file, end);
    if (!stem) continue;
    const std::size_t dash = stem->rfind('-');
    if (dash == std::string_view::npos || dash == 0 || !starts_with_digit(stem->substr(dash + 1)))
      return std::nullopt;
    return Package{Ecosystem::pypi, project_name(stem->substr(0, dash)), std::string(stem->substr(dash + 1))};
  }
  return std::nullopt;
}

// …/left-pad/-/left-pad-1.3.1.tgz, …/@types/node/-/node-20.1.0.tgz; of npm's own hosts the document that
// lists a package's versions
std::optional<Package> node_package(const UrlParts& url) {
  const std::size_t count = url.path.size();
  const bool scoped = count >= 2 && url.path[count - 2].starts_with('@');
  if (count >= 3 && url.before_last(1) == "-") {
    const auto stem = without_end(url.file(), ".tgz");
    const std::string_view plain = url.before_last(2);
    const std::string_view scope = url.before_last(3);
    const std::string version = stem ? version_behind(*stem, plain) : "";
    if (version.empty()) return std::nullopt;
    std::string name = scope.starts_with('@') ? std::string(scope) + "/" : "";
    return Package{Ecosystem::npm, name.append(plain), version};
  }
  if (!is_npm_registry(url.host) || url.file().starts_with('-')) return std::nullopt;
  if (count == 1 || (count == 2 && scoped)) return Package{Ecosystem::npm, url.joined(0, count), "", true};
  return std::nullopt;
}

// …/github.com/pkg/errors/@v/v0.9.1.zip (.mod, .info), …/@v/list, …/@latest
std::optional<Package> go_module(const UrlParts& url) {
  const std::size_t count = url.path.size();
  if (url.file() == "@latest") {
    const auto module = module_path(url, count - 1);
    return module ? std::optional(Package{Ecosystem::go, *module, "", true}) : std::nullopt;
  }
  if (count < 3 || url.before_last(1) != "@v") return std::nullopt;
  const auto module = module_path(url, count - 2);
  if (!module) return std::nullopt;
  if (url.file() == "list") return Package{Ecosystem::go, *module, "", true};
  for (const std::string_view end : {".zip", ".mod", ".info"}) {
    const auto version = without_end(url.file(), end);
    if (!version || !version->starts_with('v') || !starts_with_digit(version->substr(1))) continue;
    const auto plain = unescaped_module(*version);
    if (plain) return Package{Ecosystem::go, *module, *plain};
  }
  return std::nullopt;
}

// …/crates/serde/serde-1.0.1.crate, …/crates/serde/1.0.1/download; the sparse index of crates.io
std::optional<Package> crate(const UrlParts& url) {
  if (url.host == "index.crates.io") {
    if (url.path.size() < 2) return std::nullopt;
    return Package{Ecosystem::cargo, url.file(), "", true};
  }
  if (url.before_last(3) == "crates" && url.file() == "download" && starts_with_digit(url.before_last(1)))
    return Package{Ecosystem::cargo, std::string(url.before_last(2)), std::string(url.before_last(1))};
  const auto stem = without_end(url.file(), ".crate");
  if (!stem) return std::nullopt;
  const std::string version = version_behind(*stem, url.before_last(1));
  if (version.empty()) return std::nullopt;
  return Package{Ecosystem::cargo, std::string(url.before_last(1)), version};
}

// …/maven2/org/slf4j/slf4j-api/2.0.9/slf4j-api-2.0.9.jar, …/maven-metadata.xml
std::optional<Package> maven_artifact(const UrlParts& url) {
  const std::size_t count = url.path.size();
  std::size_t first = url.find("maven2");
  first = first == count ? 0 : first + 1;
  // Nexus: /repository/NAME/, Artifactory: /artifactory/NAME/
  if (first == 0 && count > 2 && (url.path[0] == "repository" || url.path[0] == "artifactory")) first = 2;
  const auto named = [&](std::size_t artifact) {
    std::string group = url.joined(first, artifact);
    std::replace(group.begin(), group.end(), '/', '.');
    return group + ":" + url.path[artifact];
  };
  if (url.file().starts_with("maven-metadata.xml")) {
    if (count < first + 3) return std::nullopt;
    return Package{Ecosystem::maven, named(count - 2), "", true};
  }
  if (count < first + 4) return std::nullopt;
  const std::string artifact(url.before_last(2));
  std::string version(url.before_last(1));
  const std::string_view file = url.file();
  if (!file.starts_with(artifact + "-")) return std::nullopt;
  const std::string_view rest = file.substr(artifact.size() + 1);
  if (const auto base = without_end(version, "-SNAPSHOT")) {
    // The folder keeps its name, the file has the time: "1.0-20240101.120000-1.jar".
    if (!rest.starts_with(*base)) return std::nullopt;
    const std::size_t dot = rest.rfind('.');
    version = std::string(rest.substr(0, dot == std::string_view::npos ? rest.size() : dot));
  } else if (!rest.starts_with(version) || rest.size() == version.size() ||
             (rest[version.size()] != '.' && rest[version.size()] != '-')) {
    return std::nullopt;
  }
  return Package{Ecosystem::maven, named(count - 3), version};
}

// …/gems/rake-13.0.6.gem, …/gems/nokogiri-1.15.4-x86_64-linux.gem,
// …/quick/Marshal.4.8/rake-13.0.6.gemspec.rz, …/info/rake, …/versions
std::optional<Package> ruby_gem(const UrlParts& url) {
  auto stem = without_end(url.file(), ".gem");
  if (!stem) stem = without_end(url.file(), ".gemspec.rz");
  if (stem) {
    // The version is the first part behind a dash that begins with a digit; a platform may follow.
    for (std::size_t dash = stem->find('-'); dash != std::string_view::npos;
         dash = stem->find('-', dash + 1)) {
      const std::string_view rest = stem->substr(dash + 1);
      if (dash == 0 || !starts_with_digit(rest)) continue;
      return Package{Ecosystem::rubygems, std::string(stem->substr(0, dash)),
                     std::string(rest.substr(0, rest.find('-')))};
    }
    return std::nullopt;
  }
  const bool of_rubygems = url.host == "rubygems.org" || url.host == "index.rubygems.org";
  if (of_rubygems && url.path.size() == 2 && url.path[0] == "info")
    return Package{Ecosystem::rubygems, url.file(), "", true};
  if (of_rubygems && (url.file() == "versions" || url.file().starts_with("specs.")))
    return Package{Ecosystem::rubygems, "all gems", "", true};
  return std::nullopt;
}

}  // namespace buildlab::drift
