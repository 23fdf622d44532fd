// What the comparison said of a pair, against what it had to say.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "framework/base/json.h"
#include "framework/base/result.h"
#include "tests/corpus/pair.h"

namespace buildlab::corpus {

struct Score {
  std::size_t pairs = 0;
  std::size_t planted = 0;  // differences
  std::size_t found = 0;
  std::size_t caused = 0;  // pairs whose first cause is judged
  std::size_t cause_first = 0;
  std::size_t stepped = 0;  // planted differences within layers
  std::size_t step_right = 0;
  std::size_t verdicts_right = 0;

  void add(const Score& other);
};

struct Judgement {
  Score score;
  std::vector<std::string> complaints;  // with the pair's name
  std::set<std::string> rows;           // that were rightly named
};

// `document` is that of `build-lab diff --json`.
Judgement judge(const Pair& pair, const Json& document);

// Both images and both builds' provenance in a folder.
struct Stored {
  std::filesystem::path a;
  std::filesystem::path b;
  std::filesystem::path provenance_a;
  std::filesystem::path provenance_b;
};
Stored store(const Pair& pair, const std::filesystem::path& folder);

// The document of the comparison in this process, and of the command.
Result<Json> compared(const Pair& pair, const Stored& stored);
Result<Json> compared_by(const std::string& command, const Pair& pair, const Stored& stored);

}  // namespace buildlab::corpus
