// Which package a URL is of, from the way that the archives of package managers are laid out. What follows no
// such layout is of none: a name is never guessed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace buildlab::drift {

enum class Ecosystem { debian, alpine, rpm, pypi, npm, go, cargo, maven, rubygems, github, image };
std::string_view to_string(Ecosystem ecosystem);  // "debian", …

struct Package {
  Ecosystem ecosystem = Ecosystem::debian;
  std::string name;     // "left-pad", "org.slf4j:slf4j-api", "github.com/pkg/errors"
  std::string version;  // "" of an index
  // A list of packages and their versions, which changes whenever one of them does. Its name says of what:
  // "bookworm/main Packages", "requests".
  bool index = false;

  friend bool operator==(const Package&, const Package&) = default;
};

// Of a URL, or of the "pkg:docker/…" by which provenance names base images.
std::optional<Package> package_of_url(std::string_view url);

// What to write so that the package no longer moves. Of an image or another thing without a version: how to
// check it.
std::string pin_words(const Package& package, std::string_view digest);

}  // namespace buildlab::drift
