// Differences of two images that provably follow from inputs which moved.
#include <fmt/format.h>
#include <map>

#include "framework/base/text.h"
#include "framework/causes/evidence.h"
#include "framework/drift/inputs.h"

namespace buildlab::drift {
namespace {

// The rows of the catalogue that compare packages' versions, by what fetches such packages.
std::string_view row_of(Ecosystem ecosystem) {
  switch (ecosystem) {
    case Ecosystem::debian:
      return "B27";
    case Ecosystem::alpine:
      return "C4";
    case Ecosystem::pypi:
      return "E10";
    case Ecosystem::npm:
      return "F5";
    default:
      return "";
  }
}

// A package's name in a file name and in a database: "Foo.Bar" and "foo-bar" are one project of PyPI.
std::string plain_name(std::string_view name) {
  std::string plain = to_lower(name);
  for (char& c : plain) c = c == '_' || c == '.' ? '-' : c;
  return plain;
}

// The epoch ("1:7.88") stands in a database and not in a file's name.
std::string_view without_epoch(std::string_view version) {
  const std::size_t colon = version.find(':');
  return colon == std::string_view::npos ? version : version.substr(colon + 1);
}

struct Versions {
  std::string_view name;
  std::string_view a;
  std::string_view b;
};

// causes::change() back into its parts: "left-pad: 1.3.0, then 1.3.1".
std::optional<Versions> versions_in(std::string_view evidence) {
  constexpr std::string_view then = ", then ";
  const std::size_t colon = evidence.find(": ");
  const std::size_t at = evidence.find(then);
  if (colon == std::string_view::npos || at == std::string_view::npos || at < colon) return std::nullopt;
  return Versions{evidence.substr(0, colon), evidence.substr(colon + 2, at - colon - 2),
                  evidence.substr(at + then.size())};
}

bool tells_of(const causes::Cause& cause, const MovedInput& input, const std::string& evidence) {
  if (!input.package || input.package->index || row_of(input.package->ecosystem) != cause.row) return false;
  const auto told = versions_in(evidence);
  return told && plain_name(told->name) == plain_name(input.package->name) && !input.version_a.empty() &&
         !input.version_b.empty() && without_epoch(told->a) == input.version_a &&
         without_epoch(told->b) == input.version_b;
}

bool gave(const std::vector<Given>& fetched, const std::string& digest) {
  for (const Given& one : fetched) {
    if (one.digest == digest) return true;
  }
  return false;
}

// The file is what a URL gave: with the same content under that URL both sides would be equal.
void take_content(Difference& difference, const MovedInput& input) {
  causes::Cause cause;
  cause.kind = causes::CauseClass::vers;
  cause.recogniser = "input";
  cause.name = "it has the bytes that a URL gave, which gave others to the other build";
  cause.proven = true;
  cause.evidence = url_lines(input);
  cause.fix = input.fix;
  difference.cause = std::move(cause);
  difference.input = input.what;
}

void tie_one(Difference& difference, const std::vector<MovedInput>& inputs) {
  if (difference.attribute == Attribute::content) {
    for (const MovedInput& input : inputs) {
      if (!difference.a.starts_with("sha256:") || !gave(input.a, difference.a) ||
          !gave(input.b, difference.b))
        continue;
      return take_content(difference, input);
    }
  }
  if (!difference.cause || difference.cause->kind != causes::CauseClass::vers) return;
  for (const std::string& evidence : difference.cause->evidence) {
    for (const MovedInput& input : inputs) {
      if (!tells_of(*difference.cause, input, evidence)) continue;
      if (difference.input.find(input.what) == std::string::npos)
        difference.input += (difference.input.empty() ? "" : ", ") + input.what;
    }
  }
}

}  // namespace

void tie_to_inputs(Comparison& comparison) {
  if (comparison.inputs.empty()) return;
  std::map<std::string, const Difference*> by_path;  // those of a content that an input gave
  for (Difference& difference : comparison.differences) {
    tie_one(difference, comparison.inputs);
    if (difference.cause && difference.cause->recogniser == "input") by_path[difference.path] = &difference;
  }
  for (Difference& difference : comparison.differences) {
    if (!difference.input.empty()) continue;
    // The size of such a file, and files whose cause leads to it.
    const bool same_file = difference.attribute == Attribute::size && by_path.contains(difference.path);
    const std::string root = same_file ? difference.path : difference.cause ? difference.cause->root : "";
    const auto found = root.empty() ? by_path.end() : by_path.find(root);
    if (found == by_path.end()) continue;
    difference.input = found->second->input;
    if (same_file) difference.cause = found->second->cause;
  }
}

}  // namespace buildlab::drift
