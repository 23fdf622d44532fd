// Private to the room: one function for each object of a scenario file. Problems go into the document; what
// is returned is complete only when there is none.
#pragma once

#include <optional>
#include <string_view>

#include "framework/base/bytes.h"
#include "framework/scenario/fields.h"
#include "framework/scenario/scenario.h"

namespace buildlab::scenario {

// A scenario, and which of its parts read without a problem.
struct ReadScenario {
  Scenario scenario;
  bool mutations_sound = true;
  bool gates_sound = true;
};

Subject read_subject(const std::string& name, Fields& fields);
// `subjects` are the names that exist.
ReadScenario read_scenario(Fields& fields, const std::vector<std::string>& subjects);
std::vector<Mutation> read_mutations(Fields& scenario, std::vector<SourceLine>& where);
// After kind and cache_mode were read.
void read_cache(Fields& fields, Scenario& scenario);
// After name and kind were read.
void read_backends(Fields& fields, Scenario& scenario);
// After name, kind and cache were read, which say whether there can be any.
void read_faults(Fields& fields, Scenario& scenario);
// Of the key "faults" of whatever has it; `subject` is for messages.
std::vector<fault::Fault> read_fault_list(Fields& fields, const std::string& subject);
// After kind was read. Of other kinds, `commits` is a problem.
void read_commits(Fields& fields, Scenario& scenario);
void read_no_cache(Fields& fields, Scenario& scenario);
// After kind and cache_mode were read.
void read_preimages(Fields& fields, Scenario& scenario);
// After kind and runs were read.
void read_adaptive(Fields& fields, Scenario& scenario);

// "200MiB", "1.5 GB", "4096": decimal and binary units up to T; nullopt for anything else and above 2^63.
std::optional<Bytes> parse_size(std::string_view text);

}  // namespace buildlab::scenario
