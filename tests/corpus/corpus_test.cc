// Generated pairs of images, compared and judged: what was found, named and blamed, of how many. No network.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>

#include "framework/base/environment.h"
#include "framework/base/file.h"
#include "framework/causes/catalogue.h"
#include "tests/corpus/judge.h"

namespace buildlab::corpus {
namespace {

constexpr std::uint64_t k_seed = 20'261'124;
// Beyond those that need time at the most, of one pair in so many the command's own answer is judged too.
constexpr std::size_t k_by_command = 12;

struct Totals {
  std::map<std::string, Score> groups;
  std::vector<std::string> complaints;
  std::set<std::string> rows;

  void add(const Pair& pair, Result<Json> document) {
    if (!document) {
      complaints.push_back(fmt::format("{}, {}: {}", pair.group, pair.name, document.error().message));
      Score score;
      score.pairs = 1;
      score.planted = pair.expected.planted.size();
      groups[pair.group].add(score);
      return;
    }
    const Judgement judgement = judge(pair, *document);
    groups[pair.group].add(judgement.score);
    complaints.insert(complaints.end(), judgement.complaints.begin(), judgement.complaints.end());
    rows.insert(judgement.rows.begin(), judgement.rows.end());
  }

  Score all() const {
    Score sum;
    for (const auto& [name, score] : groups) sum.add(score);
    return sum;
  }
};

void print_line(const std::string& name, const Score& score) {
  fmt::print("{:<30} {:>6} {:>6}/{:<6} {:>6}/{:<6} {:>6}/{:<6} {:>6}/{:<6}\n", name, score.pairs, score.found,
             score.planted, score.cause_first, score.caused, score.step_right, score.stepped,
             score.verdicts_right, score.pairs);
}

std::size_t catalogued(const std::set<std::string>& rows) {
  return static_cast<std::size_t>(std::count_if(
      rows.begin(), rows.end(), [](const std::string& row) { return causes::find_row(row) != nullptr; }));
}

void print(const Totals& totals) {
  fmt::print("{:<30} {:>6} {:>13} {:>13} {:>13} {:>13}\n", "", "pairs", "found", "cause first", "step right",
             "verdict");
  for (const auto& [name, score] : totals.groups) print_line(name, score);
  print_line("all", totals.all());
  std::set<std::string_view> known;
  for (const causes::Row& row : causes::catalogue()) known.insert(row.id);
  fmt::print("rows of the catalogue recognised: {} of {}\n", catalogued(totals.rows), known.size());
  for (const std::string& complaint : totals.complaints) fmt::print("  {}\n", complaint);
  std::fflush(stdout);
}

// The bars.
void expect_bars(const Totals& totals) {
  const Score sum = totals.all();
  EXPECT_EQ(sum.found, sum.planted) << "a planted difference was missed";
  EXPECT_GE(static_cast<double>(sum.cause_first), 0.95 * static_cast<double>(sum.caused));
  EXPECT_EQ(sum.step_right, sum.stepped);
  EXPECT_EQ(sum.verdicts_right, sum.pairs) << "an equal pair is called different, or a different one equal";
  EXPECT_EQ(totals.complaints.size(), 0U);
}

// BUILDLAB_CORPUS_ROUNDS trees for each pair, each of another seed.
std::uint64_t rounds() {
  const std::string text = environment("BUILDLAB_CORPUS_ROUNDS");
  return text.empty() ? 1 : std::strtoull(text.c_str(), nullptr, 10);
}

class Corpus : public ::testing::Test {
 protected:
  Corpus() : m_dir(TempDir::create(std::filesystem::temp_directory_path(), "buildlab-corpus-").value()) {}

  Totals run(const Pairs& pairs, const std::string& command = "", std::size_t every = 1) {
    Totals totals;
    for (std::size_t i = 0; i < pairs.size(); i += every) {
      // A canary is the gate's knowledge; the command has none.
      if (!command.empty() && !pairs[i].canaries.empty()) continue;
      const auto folder = m_dir.path() / fmt::format("{}", m_count++);
      const Stored stored = store(pairs[i], folder);
      totals.add(pairs[i],
                 command.empty() ? compared(pairs[i], stored) : compared_by(command, pairs[i], stored));
      std::filesystem::remove_all(folder);
    }
    return totals;
  }

  static Pairs pairs_of(std::uint64_t seed) {
    Pairs all;
    for (Pairs (*make)(std::uint64_t) : {row_pairs, sample_pairs, recogniser_pairs, attribute_pairs,
                                         representation_pairs, replaced_pairs, hidden_pairs}) {
      Pairs some = make(seed);
      all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
    }
    return all;
  }

  TempDir m_dir;
  std::size_t m_count = 0;
};

TEST_F(Corpus, EveryPlantedDifferenceIsFoundNamedAndBlamed) {
  Totals totals;
  for (std::uint64_t round = 0; round < rounds(); ++round) {
    const std::uint64_t seed = k_seed + 1'000'000 * round;
    fmt::print("seed {}\n", seed);
    Totals some = run(pairs_of(seed));
    for (const auto& [name, score] : some.groups) totals.groups[name].add(score);
    for (std::string& complaint : some.complaints) {
      totals.complaints.push_back(fmt::format("seed {}: {}", seed, complaint));
    }
    totals.rows.merge(some.rows);
  }
  print(totals);
  expect_bars(totals);
  EXPECT_GE(catalogued(totals.rows), 100U);
}

TEST_F(Corpus, TheCommandSaysTheSame) {
  const std::string command = environment("BUILDLAB_COMMAND");
  ASSERT_FALSE(command.empty()) << "BUILDLAB_COMMAND names the program";
  fmt::print("seed {}\n", k_seed);
  const Totals totals = run(pairs_of(k_seed), command, k_by_command);
  print(totals);
  expect_bars(totals);
}

}  // namespace
}  // namespace buildlab::corpus
