// What a matrix measured, a row for each backend; docs/numbers.md defines them. Values only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/metrics/statistics.h"
#include "framework/record/record.h"

namespace buildlab::record {

// Medians over the valid builds, those of times over the ones of them without a noisy network; nullopt where
// there is none, or it does not apply.
struct BackendSummary {
  std::string name;
  std::size_t builds = 0;
  std::size_t valid = 0;
  std::size_t noisy = 0;                              // of the valid ones
  std::size_t failed = 0;                             // those that filled its cache included
  std::optional<std::string> failure = std::nullopt;  // of the first that failed
  std::optional<int> least_hits = std::nullopt;       // of the valid builds
  std::optional<int> most_hits = std::nullopt;
  std::optional<double> hit_ratio = std::nullopt;
  std::optional<metrics::Estimate> duration = std::nullopt;
  std::optional<double> start_sec = std::nullopt;  // of the builder, before the duration
  std::optional<double> import_sec = std::nullopt;
  std::optional<double> hydration_sec = std::nullopt;
  std::optional<double> steps_sec = std::nullopt;
  std::optional<double> cache_export_sec = std::nullopt;
  std::optional<double> export_sec = std::nullopt;  // of the image
  std::optional<double> bytes_down = std::nullopt;
  std::optional<double> bytes_up = std::nullopt;
  // Duration without any cache less this one's, and of the same runner without this external cache less this
  // one's: a fresh builder with nothing, a kept one with its own cache.
  std::optional<metrics::Estimate> value = std::nullopt;
  std::optional<metrics::Estimate> value_on_runner = std::nullopt;
  // Of the valid builds those whose image has the layers of the round's uncached one; nullopt without such.
  std::optional<std::size_t> same_image = std::nullopt;
};

std::vector<BackendSummary> summarise_backends(const ScenarioRecord& record);

// A record of a matrix as one for each backend, "app.caches registry:zstd"; others as they are.
std::vector<ScenarioRecord> split_by_backend(std::vector<ScenarioRecord> records);

// Where a backend's value is 0: between two neighbouring points that were measured, linear in seconds a byte
// (bandwidth) or in seconds a request (latency).
struct BreakEven {
  enum class Of { bandwidth, latency };
  struct Point {
    double at = 0;  // bytes a second; milliseconds
    double value_sec = 0;
  };
  Of of = Of::bandwidth;
  std::string backend;  // the one without the fault
  std::vector<Point> points = {};
  std::optional<double> at = std::nullopt;  // nullopt: the value has one sign at all points
};

// Of each backend that stands beside others that differ in a bandwidth or a latency alone. A point without a
// fault has no bandwidth that could be told, and latency 0.
std::vector<BreakEven> break_evens(const ScenarioRecord& record);

}  // namespace buildlab::record
