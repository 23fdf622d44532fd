#include "framework/statement/statement.h"

#include <fmt/format.h>
#include <algorithm>
#include <numeric>
#include <set>

#include "framework/base/text.h"

namespace buildlab::statement {
namespace {

Grade grade_of(const Statement& statement) {
  if (!statement.failed.empty()) return Grade::failed;
  return statement.warned.empty() ? Grade::passed : Grade::warned;
}

void check_tests(const Statement& statement, std::vector<std::string>& found) {
  if (statement.result != grade_of(statement)) {
    found.push_back(fmt::format("the result is {}, its tests come to {} ({} passed, {} warned, {} failed)",
                                to_string(statement.result), to_string(grade_of(statement)),
                                statement.passed.size(), statement.warned.size(), statement.failed.size()));
  }
  if (statement.passed.empty() && statement.warned.empty() && statement.failed.empty()) {
    found.emplace_back("it names no test");
  }
  std::set<std::string> names;
  for (const auto* list : {&statement.passed, &statement.warned, &statement.failed}) {
    for (const std::string& name : *list) {
      if (!names.insert(name).second)
        found.push_back(fmt::format("test \"{}\" is named twice", one_line(name, 60)));
    }
  }
}

void check_subjects(const Statement& statement, std::vector<std::string>& found) {
  std::set<std::string> digests;
  for (const Subject& subject : statement.subjects) {
    if (!digests.insert(subject.digest).second)
      found.push_back(fmt::format("subject {} is named twice", subject.digest));
  }
  if (digests.empty()) found.emplace_back("it has no subject");
  if (!statement.rounds) return;
  const Rounds& rounds = *statement.rounds;
  std::set<std::string> built;
  std::int64_t builds = 0;
  for (const DigestCount& count : rounds.digests) {
    built.insert(count.digest);
    builds += count.builds;
  }
  if (built != digests) found.emplace_back("its subjects are not the digests that its rounds came to");
  if (built.size() != rounds.digests.size()) found.emplace_back("its rounds name a digest twice");
  if (builds > rounds.runs) {
    found.push_back(fmt::format("its digests are of {} builds, its rounds are {}", builds, rounds.runs));
  }
  if (statement.result == Grade::passed && built.size() > 1) {
    found.push_back(fmt::format("the result is PASSED with {} different digests", built.size()));
  }
}

}  // namespace

std::string_view to_string(Grade grade) {
  switch (grade) {
    case Grade::passed:
      return "PASSED";
    case Grade::warned:
      return "WARNED";
    case Grade::failed:
      return "FAILED";
  }
  return "";
}

Result<Grade> parse_grade(std::string_view text) {
  for (const Grade grade : {Grade::passed, Grade::warned, Grade::failed}) {
    if (text == to_string(grade)) return grade;
  }
  return fail(ErrorKind::usage, fmt::format("\"{}\" is none of PASSED, WARNED, FAILED", one_line(text, 60)));
}

std::vector<std::string> contradictions(const Statement& statement) {
  std::vector<std::string> found;
  check_tests(statement, found);
  check_subjects(statement, found);
  return found;
}

bool has_subject(const Statement& statement, std::string_view digest) {
  return std::any_of(statement.subjects.begin(), statement.subjects.end(),
                     [&](const Subject& subject) { return subject.digest == digest; });
}

}  // namespace buildlab::statement
