// Private to the room: the problems of a scenario file, of its text and of what it names on the disk, and
// what a list of them is told as.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"
#include "framework/scenario/fields.h"

namespace buildlab::scenario {

// What could be read of a text. What reads with a problem is left out of the look at the disk, where a
// default in its place would only tell of files that nobody named.
struct Parsed {
  ScenarioFile file;
  std::string name;  // of the file, as messages write it
  std::vector<Problem> problems;
  std::set<std::string> unsound_subjects;
  std::set<std::size_t> unsound_mutations;  // indices of scenarios
  std::set<std::size_t> unsound_gates;
};

Parsed parse(std::string_view text, const std::filesystem::path& path);
// Adds to `parsed.problems` what needs the disk.
void look_at_disk(Parsed& parsed);

// A usage error "N problems in FILE, nothing was run" with one detail a problem, in the file's order.
tl::unexpected<Error> fail_with(const std::string& file, std::vector<Problem> problems);
// The file, where there is no problem.
Result<ScenarioFile> finish(Parsed parsed);

}  // namespace buildlab::scenario
