// Which edits of a context re-run which steps, and what that costs. Pure values; what was measured is put in
// by whoever built it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "framework/invalidation/graph.h"

namespace buildlab::invalidation {

// An edit of one file of the class, built on a primed builder.
struct Probe {
  std::string path;
  std::vector<std::size_t> ran;  // indexes into the steps
  std::size_t unknown = 0;       // steps that ran and are not among them
  double own_sec = 0;            // of the steps that ran
  double critical_path_sec = 0;
  double duration_sec = 0;
  // Whether the graph foretold it: all certain steps ran, and none that it does not name.
  bool as_derived = false;
};

struct ClassRow {
  std::string name;
  std::size_t files = 0;
  std::uint64_t size_bytes = 0;
  std::string example;  // the largest file
  std::vector<std::size_t> readers = {};
  std::vector<Affected> affected = {};  // empty: no step reads it
  std::optional<double> own_sec = {};   // derived: from a build from nothing
  std::optional<double> chain_sec = {};
  std::optional<Probe> probe = {};
  std::optional<std::string> unprobed = {};  // why a probe that was asked for says nothing
};

struct Map {
  std::string subject;
  std::string dockerfile;  // for file:line
  StepGraph steps = {};
  std::vector<ClassRow> rows = {};               // costliest first
  std::optional<std::string> seconds_from = {};  // the run whose cold build the seconds are of
  std::vector<std::string> notes = {};
};

struct File {
  std::string path;  // relative to the context
  std::uint64_t size_bytes = 0;
};

// Files of one class that are read by different steps are rows of their own, which say the line of the first
// step that reads them.
std::vector<ClassRow> class_rows(const StepGraph& graph, const std::vector<File>& files);

// Costliest first, then what re-runs most, then by name.
void sort_rows(std::vector<ClassRow>& rows);

// What a build of an edit ran.
struct ProbedStep {
  std::string stage;
  int line = 0;
  std::string text;
  double seconds = 0;
};
Probe judge_probe(const StepGraph& graph, const ClassRow& row, const std::vector<ProbedStep>& ran);

// Own seconds of a row: measured where there is a probe, else derived.
std::optional<double> cost_of(const ClassRow& row);

}  // namespace buildlab::invalidation
