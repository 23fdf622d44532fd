// A URL taken apart, for the rules of package_url. Private to this room.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/drift/package_url.h"

namespace buildlab::drift {

struct UrlParts {
  std::string host;               // lower case, without port and account
  std::vector<std::string> path;  // segments, percent signs decoded; at least one
  const std::string& file() const { return path.back(); }
  // The segment so many before the last; "" where there is none.
  std::string_view before_last(std::size_t count) const {
    return count < path.size() ? std::string_view(path[path.size() - 1 - count]) : std::string_view{};
  }
  // Segments [first, end) with '/' between them.
  std::string joined(std::size_t first, std::size_t end) const;
  // Where `segment` stands, from `from` on; the number of segments when it does not.
  std::size_t find(std::string_view segment, std::size_t from = 0) const;
};

// nullopt for what is no http(s) URL with a path.
std::optional<UrlParts> parts_of_url(std::string_view url);

bool starts_with_digit(std::string_view text);
// `text` without `end`; nullopt when it does not end so, or is nothing else.
std::optional<std::string_view> without_end(std::string_view text, std::string_view end);

// package_url_system.cc: what distributions install.
std::optional<Package> debian_package(const UrlParts& url);
std::optional<Package> alpine_package(const UrlParts& url);
std::optional<Package> rpm_package(const UrlParts& url);

// package_url_language.cc: what languages install.
std::optional<Package> python_package(const UrlParts& url);
std::optional<Package> node_package(const UrlParts& url);
std::optional<Package> go_module(const UrlParts& url);
std::optional<Package> crate(const UrlParts& url);
std::optional<Package> maven_artifact(const UrlParts& url);
std::optional<Package> ruby_gem(const UrlParts& url);

}  // namespace buildlab::drift
