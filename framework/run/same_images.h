// Which images of a scenario's builds count as one: those that agree in what its digest policy asks for, and
// those in which nothing differs but what `ignore_differences` passes over.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "framework/run/scenario_run.h"

namespace buildlab::run {

// What two images have to agree in, by the scenario's digest policy.
std::string fingerprint_of(const record::ImageRow& image, const scenario::GateSettings& settings);

class SameImages {
 public:
  SameImages(const scenario::GateSettings& gates, std::string platform)
      : m_gates(gates), m_platform(std::move(platform)) {}

  struct Kind {
    std::string fingerprint;  // of the first image of this kind
    bool first = false;       // it is that image: its file must stay while others come
    std::optional<std::string> same_as = std::nullopt;  // as in record::ImageRow
    std::vector<record::PassedOver> passed_over = {};
    std::optional<std::string> not_compared = std::nullopt;  // why; then it counts as another image
  };

  // The same answer each time for images of one digest. May be called from several threads: images are
  // compared one after the other.
  Kind kind_of(const record::ImageRow& image, const std::filesystem::path& file);

 private:
  struct Known {
    std::string digest;
    std::filesystem::path file;
  };
  Kind compare_with_known(const record::ImageRow& image, const std::filesystem::path& file);

  const scenario::GateSettings& m_gates;
  std::string m_platform;
  std::mutex m_guard;
  std::map<std::string, Kind> m_kinds;                 // by digest
  std::vector<std::pair<std::string, Known>> m_known;  // by fingerprint, in the order of their coming
};

// Writes into the record of a build of which other image it counts as; returns the fingerprint. The build has
// an image. What could not be compared becomes a note.
std::string take_kind(ScenarioRun& run, SameImages& same, record::Build& build);

}  // namespace buildlab::run
