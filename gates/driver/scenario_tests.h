// The GoogleTest tests of one scenario: one a measured build, one a gate, registered at run time.
#pragma once

#include <string>
#include <vector>

#include "framework/record/record.h"
#include "framework/scenario/scenario.h"
#include "framework/verdict/verdict.h"
#include "gates/driver/scenario_execution.h"

namespace buildlab::gates {

// What a test says when it fails, or nothing.
using Complaint = std::optional<std::string>;

// Of a build: it failed, it was no sample, or the scenario ended without it.
Complaint complaint_of_build(const std::optional<record::Build>& build, const Ending& ending);
// Of a gate of the ended scenario; what could not be evaluated is a complaint too.
Complaint complaint_of_gate(const std::string& gate, const Ending& ending);

// The gates that the scenario sets, in the rules' own order.
std::vector<std::string> gate_names(const scenario::GateSettings& settings);

enum class WhenNoBuilder { fails, skips };
struct Registration {
  ScenarioExecution* execution = nullptr;  // outlives the tests
  std::string suite;
  int builds = 0;
  std::vector<std::string> gates;
  scenario::SourceLine where;
  WhenNoBuilder when_no_builder = WhenNoBuilder::fails;
};
// GoogleTest owns the tests that this makes.
void register_tests(const Registration& registration);

// Whether the ending is "there is no builder on this machine", asked of the toolchain itself.
bool is_without_builder(const Ending& ending);

}  // namespace buildlab::gates
