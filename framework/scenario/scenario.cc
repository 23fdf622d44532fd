#include "framework/scenario/scenario.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

namespace buildlab::scenario {
namespace {

struct Describe {
  std::string operator()(const AppendText& m) const { return "append " + m.path.string(); }
  std::string operator()(const ReplaceText& m) const { return "replace " + m.path.string(); }
  std::string operator()(const Touch& m) const { return "touch " + m.path.string(); }
  std::string operator()(const Chmod& m) const {
    return fmt::format("chmod {:04o} {}", m.mode, m.path.string());
  }
  std::string operator()(const AddFile& m) const { return "add " + m.path.string(); }
  std::string operator()(const Delete& m) const { return "delete " + m.path.string(); }
  std::string operator()(const Rename& m) const {
    return fmt::format("rename {} to {}", m.from.string(), m.to.string());
  }
  std::string operator()(const ApplyPatch& m) const { return "patch " + m.patch.string(); }
  // The value may be a credential, so it is not told.
  std::string operator()(const SetBuildArg& m) const { return "set build arg " + m.name; }
  std::string operator()(const RunCommand& m) const { return fmt::format("run {}", fmt::join(m.argv, " ")); }
};

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::cold:
      return "cold";
    case Kind::warm:
      return "warm";
    case Kind::edit:
      return "edit";
    case Kind::reproducibility:
      return "reproducibility";
    case Kind::ephemeral:
      return "ephemeral";
    case Kind::matrix:
      return "matrix";
    case Kind::replay:
      return "replay";
  }
  return "";
}

bool has_like_builds(Kind kind) {
  return kind == Kind::cold || kind == Kind::warm || kind == Kind::edit || kind == Kind::ephemeral;
}

std::string_view to_string(CacheMode mode) {
  switch (mode) {
    case CacheMode::none:
      return "none";
    case CacheMode::builder:
      return "builder";
    case CacheMode::local:
      return "local";
    case CacheMode::registry:
      return "registry";
    case CacheMode::inlined:
      return "inline";
    case CacheMode::s3:
      return "s3";
    case CacheMode::azblob:
      return "azblob";
    case CacheMode::gha:
      return "gha";
  }
  return "";
}

std::string_view to_string(Network network) {
  switch (network) {
    case Network::direct:
      return "direct";
    case Network::proxy:
      return "proxy";
    case Network::observed:
      return "observed";
  }
  return "";
}

std::string_view to_string(DigestPolicy policy) {
  switch (policy) {
    case DigestPolicy::manifest:
      return "manifest";
    case DigestPolicy::config:
      return "config";
    case DigestPolicy::layers:
      return "layers";
  }
  return "";
}

std::string to_string(const Mutation& mutation) {
  return std::visit(Describe{}, mutation);
}

std::string to_string(const std::vector<Mutation>& mutations) {
  std::vector<std::string> parts;
  parts.reserve(mutations.size());
  for (const Mutation& mutation : mutations) parts.push_back(to_string(mutation));
  return fmt::format("{}", fmt::join(parts, ", "));
}

const Subject* ScenarioFile::find_subject(std::string_view name) const {
  const auto found =
      std::find_if(subjects.begin(), subjects.end(), [&](const Subject& s) { return s.name == name; });
  return found == subjects.end() ? nullptr : &*found;
}

const Scenario* ScenarioFile::find_scenario(std::string_view name) const {
  const auto found =
      std::find_if(scenarios.begin(), scenarios.end(), [&](const Scenario& s) { return s.name == name; });
  return found == scenarios.end() ? nullptr : &*found;
}

}  // namespace buildlab::scenario
