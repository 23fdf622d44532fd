#include "framework/misses/why_missed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>

#include "framework/dockerfile/inputs.h"
#include "framework/invalidation/graph.h"

namespace buildlab::misses {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

BuildFacts facts_of(std::string_view dockerfile) {
  BuildFacts facts;
  facts.dockerfile_text = dockerfile;
  facts.files = {{"a.txt", {'f', 0644, "1", {}}},
                 {"src", {'d', 0755, "", {}}},
                 {"src/x.c", {'f', 0644, "2", {}}},
                 {"tool.sh", {'f', 0755, "3", {}}}};
  return facts;
}

// Rows as a build has them; all ran but those whose lines are given.
std::vector<metrics::Step> rows_of(const BuildFacts& facts, const std::vector<int>& hits = {}) {
  const auto file = dockerfile::parse_dockerfile(facts.dockerfile_text, "Dockerfile");
  EXPECT_TRUE(file) << file.error().message;
  const auto inputs = dockerfile::target_inputs(*file, facts.target, facts.build_args);
  EXPECT_TRUE(inputs) << inputs.error().message;
  std::vector<metrics::Step> steps;
  for (const auto& node : invalidation::make_graph(*file, *inputs, {})) {
    metrics::Step step;
    step.stage = node.stage;
    step.lines = {node.line, node.line};
    step.text = node.text;
    const bool hit = std::find(hits.begin(), hits.end(), node.line) != hits.end();
    step.outcome = hit ? metrics::StepOutcome::hit : metrics::StepOutcome::ran;
    steps.push_back(std::move(step));
  }
  return steps;
}

std::vector<std::string> texts(const BuildFacts& before, const BuildFacts& now,
                               const std::vector<int>& hits = {}, const Source& source = {}) {
  std::vector<std::string> result;
  for (const auto& miss : why_missed(rows_of(now, hits), &before, now, source, "Dockerfile"))
    result.push_back(miss ? to_text(*miss) : "");
  return result;
}

constexpr std::string_view k_file = "FROM scratch\nCOPY a.txt /\nRUN one\nCOPY src /src\nRUN two\n";
using Texts = std::vector<std::string>;

TEST(WhyMissed, IsTheChangedFileAndForAllBehindItThatStep) {
  const BuildFacts before = facts_of(k_file);
  BuildFacts now = before;
  now.files["src/x.c"].content = "other";
  now.files["src/y.c"] = {'f', 0644, "new", {}};
  EXPECT_EQ(texts(before, now, {2, 3}), (Texts{"", "", "input-content: src/x.c, src/y.c is new",
                                               "parent-rekeyed: Dockerfile:4 COPY src /src"}));
  now.files.erase("src/x.c");
  EXPECT_EQ(texts(before, now, {2, 3})[2], "input-content: src/y.c is new, src/x.c is gone");
}

TEST(WhyMissed, NamesTheNearestStepThatChangedItself) {
  const BuildFacts before = facts_of(k_file);
  BuildFacts now = before;
  now.files["a.txt"].content = "other";
  EXPECT_EQ(texts(before, now), (Texts{"input-content: a.txt", "parent-rekeyed: Dockerfile:2 COPY a.txt /",
                                       "parent-rekeyed: Dockerfile:2 COPY a.txt /",
                                       "parent-rekeyed: Dockerfile:2 COPY a.txt /"}));
  now.files["src/x.c"].content = "other";
  EXPECT_EQ(texts(before, now)[3], "parent-rekeyed: Dockerfile:4 COPY src /src");
}

TEST(WhyMissed, OfAModeAloneIsToldWithTheCommandThatMendsIt) {
  const BuildFacts before = facts_of("FROM scratch\nCOPY --chmod=755 tool.sh /\n");
  BuildFacts now = before;
  now.files["tool.sh"].mode = 0751;
  EXPECT_EQ(
      texts(before, now),
      Texts{"input-metadata: mode of tool.sh 0755 -> 0751; `chmod 0755 tool.sh` in the context mends it "
            "(COPY --chmod does not)"});
  now.files["tool.sh"].content = "other";
  EXPECT_EQ(texts(before, now), Texts{"input-content: tool.sh"});
}

TEST(WhyMissed, OfAnotherUmaskIsToldAsOne) {
  BuildFacts before = facts_of("FROM scratch\nCOPY . /\n");
  BuildFacts now = before;
  for (auto& [path, file] : now.files) {
    if (file.type == 'f') file.mode |= 0020U;
  }
  EXPECT_EQ(
      texts(before, now)[0],
      "input-metadata: mode of a.txt 0644 -> 0664, mode of src/x.c 0644 -> 0664, mode of tool.sh 0755 -> "
      "0775 (umask 0022 -> 0002); `chmod 0644 a.txt && chmod 0644 src/x.c && chmod 0755 tool.sh` in the "
      "context mends it (COPY --chmod does not), umask 0022 keeps it");
  before.files["b.txt"] = {'f', 0644, "4", {}};
  now.files["b.txt"] = {'f', 0664, "4", {}};
  EXPECT_THAT(texts(before, now)[0], HasSubstr("and 1 more (umask 0022 -> 0002); `chmod -R g=rX,o=rX .` in"));
  now.files["b.txt"].mode = 0600;  // by hand: no umask explains all of it
  EXPECT_THAT(texts(before, now)[0], testing::Not(HasSubstr("umask")));
}

TEST(WhyMissed, OfAnExecutableBitHasTheCommandForGit) {
  const BuildFacts before = facts_of("FROM scratch\nCOPY tool.sh a.txt /\n");
  BuildFacts now = before;
  now.files["tool.sh"].mode = 0644;
  EXPECT_THAT(texts(before, now)[0],
              HasSubstr("`chmod 0755 tool.sh` in the context mends it (COPY --chmod "
                        "does not), in git with `git update-index --chmod=+x tool.sh`"));
  EXPECT_THAT(texts(now, before)[0], HasSubstr("`git update-index --chmod=-x tool.sh`"));
  now = before;
  now.files["a.txt"].attributes["user.mark"] = "1";
  EXPECT_THAT(texts(before, now)[0], testing::Not(HasSubstr("git")));
}

TEST(WhyMissed, QuotesPathsInTheCommandForAShell) {
  BuildFacts before = facts_of("FROM scratch\nCOPY . /\n");
  before.files = {{"it's $(x)", {'f', 0644, "1", {}}}};
  BuildFacts now = before;
  now.files["it's $(x)"].mode = 0600;
  EXPECT_THAT(texts(before, now)[0], HasSubstr("`chmod 0644 'it'\\''s $(x)'`"));
  before.files = {{"-rf", {'f', 0644, "1", {}}}};
  now.files = {{"-rf", {'f', 0600, "1", {}}}};
  EXPECT_THAT(texts(before, now)[0], HasSubstr("`chmod 0644 ./-rf`"));
}

TEST(WhyMissed, OfAnExtendedAttributeIsNoContent) {
  const BuildFacts before = facts_of("FROM scratch\nCOPY a.txt /\n");
  BuildFacts now = before;
  now.files["a.txt"].attributes["user.mark"] = "1";
  EXPECT_EQ(
      texts(before, now)[0],
      "input-metadata: a.txt has the attribute user.mark now; `setfattr -x user.mark a.txt` in the context "
      "mends it (COPY --chmod does not)");
  EXPECT_EQ(texts(now, before)[0], "input-metadata: a.txt has no attribute user.mark now");
}

TEST(WhyMissed, OfAFoldersModeIsToldOnlyWhereNothingElseExplainsIt) {
  const BuildFacts before = facts_of(k_file);
  BuildFacts now = before;
  now.files["src"].mode = 0700;
  EXPECT_THAT(texts(before, now, {2, 3})[2], StartsWith("input-metadata: mode of src 0755 -> 0700"));
  now.files["a.txt"].content = "other";
  EXPECT_EQ(texts(before, now)[2], "parent-rekeyed: Dockerfile:2 COPY a.txt /");
}

TEST(WhyMissed, NamesTheVariableThatChanged) {
  constexpr std::string_view file = "FROM scratch\nARG VERSION=1\nENV MODE=fast\nCOPY a.txt /\nRUN one\n";
  const BuildFacts before = facts_of(file);
  BuildFacts now = before;
  now.build_args["VERSION"] = "2";
  EXPECT_EQ(texts(before, now, {4}), (Texts{"", "own-definition: variable VERSION: 1 -> 2"}));
  now = facts_of("FROM scratch\nARG VERSION=1\nENV OTHER=slow\nUSER app\nCOPY a.txt /\nRUN one\n");
  EXPECT_EQ(texts(before, now, {5})[1],
            "own-definition: variable OTHER = slow is new, user = app is new, variable MODE is gone");
}

TEST(WhyMissed, KeepsCredentialsOfUrlsToItself) {
  const BuildFacts before = facts_of("FROM scratch\nARG URL\nRUN one\n");
  BuildFacts now = before;
  now.build_args["URL"] = "https://user:secret@example.com/";
  EXPECT_THAT(texts(before, now)[0], testing::Not(HasSubstr("secret")));
}

TEST(WhyMissed, OfCopyIsItsTextWithVariablesPutIn) {
  constexpr std::string_view file = "FROM scratch\nARG NAME=a.txt\nCOPY $NAME /\n";
  const BuildFacts before = facts_of(file);
  BuildFacts now = before;
  now.build_args["NAME"] = "tool.sh";
  EXPECT_EQ(texts(before, now)[0], "own-definition: it is COPY tool.sh / now and was COPY a.txt /");
}

TEST(WhyMissed, JoinsLinesThatWereAddedReplacedAndDeleted) {
  const BuildFacts before = facts_of(k_file);
  const BuildFacts replaced = facts_of("FROM scratch\nCOPY a.txt /\nRUN another\nCOPY src /src\nRUN two\n");
  EXPECT_EQ(texts(before, replaced, {2}),
            (Texts{"", "own-definition: text: it was RUN one", "parent-rekeyed: Dockerfile:3 RUN another",
                   "parent-rekeyed: Dockerfile:3 RUN another"}));
  const BuildFacts added =
      facts_of("FROM scratch\nCOPY a.txt /\n\nRUN one\nCOPY tool.sh /\nCOPY src /src\nRUN two\n");
  EXPECT_EQ(
      texts(before, added, {2, 4}),
      (Texts{"", "", "own-definition: the Dockerfile had no such instruction",
             "parent-rekeyed: Dockerfile:5 COPY tool.sh /", "parent-rekeyed: Dockerfile:5 COPY tool.sh /"}));
  const BuildFacts deleted = facts_of("FROM scratch\nCOPY a.txt /\nCOPY src /src\nRUN two\n");
  EXPECT_EQ(texts(before, deleted, {2}),
            (Texts{"", "parent-rekeyed: it stands on other instructions than before",
                   "parent-rekeyed: Dockerfile:3 COPY src /src"}));
}

TEST(WhyMissed, OfAnotherBaseIsTheFromLine) {
  BuildFacts before = facts_of("FROM debian:12\nRUN one\nRUN two\n");
  before.bases = {{"debian:12", "sha256:111111111111111"}};
  BuildFacts now = before;
  now.bases = {{"debian:12", "sha256:222222222222222"}};
  EXPECT_EQ(texts(before, now),
            (Texts{"parent-rekeyed: Dockerfile:1 FROM debian:12, which was sha256:111111111111 and is "
                   "sha256:222222222222",
                   "parent-rekeyed: Dockerfile:1 FROM debian:12"}));
}

TEST(WhyMissed, OfAnotherImageThatItCopiesFromIsThatImage) {
  BuildFacts before = facts_of("FROM scratch\nCOPY --from=tools:1 /a /\n");
  before.bases = {{"tools:1", "sha256:111111111111111"}};
  BuildFacts now = before;
  now.bases = {{"tools:1", "sha256:222222222222222"}};
  EXPECT_EQ(texts(before, now)[0],
            "parent-rekeyed: image tools:1, which was sha256:111111111111 and is sha256:222222222222");
}

TEST(WhyMissed, OfAnImageWhoseNameBeginsAlikeIsNotThatImage) {
  BuildFacts before = facts_of("FROM scratch\nCOPY --from=alpine:3.19 /a /\nCOPY --from=alpine /b /\n");
  before.bases = {{"alpine", "sha256:111111111111111"}, {"alpine:3.19", "sha256:333333333333333"}};
  BuildFacts now = before;
  now.bases["alpine"] = "sha256:222222222222222";
  EXPECT_EQ(
      texts(before, now),
      (Texts{"result-gone",
             "parent-rekeyed: image alpine, which was sha256:111111111111 and is sha256:222222222222"}));
}

TEST(WhyMissed, OfAnImageBehindALongTextIsThatImageToo) {
  BuildFacts before = facts_of("FROM scratch\nRUN --mount=type=cache,target=/" + std::string(250, 'c') +
                               " --mount=type=bind,from=tools:1,target=/t make\n");
  before.bases = {{"tools:1", "sha256:111111111111111"}};
  BuildFacts now = before;
  now.bases = {{"tools:1", "sha256:222222222222222"}};
  EXPECT_THAT(texts(before, now)[0], StartsWith("parent-rekeyed: image tools:1"));
}

// As BuildKit has it: a linked copy to an absolute path is a hit behind another WORKDIR.
TEST(WhyMissed, OfAnotherFolderIsTheOwnDefinitionOnlyOfWhatSeesIt) {
  const auto file = [](const std::string& folder) {
    return "FROM scratch\nWORKDIR " + folder + "\nCOPY a.txt /x/\nFROM scratch\nWORKDIR " + folder +
           "\nWORKDIR sub\nCOPY --link a.txt x/\n" + "COPY --from=0 /x /\n";
  };
  const BuildFacts before = facts_of(file("/a"));
  const BuildFacts now = facts_of(file("/b"));
  EXPECT_EQ(texts(before, now),
            (Texts{"own-definition: text: it was WORKDIR /a", "parent-rekeyed: Dockerfile:2 WORKDIR /b",
                   "own-definition: text: it was WORKDIR /a", "own-definition: folder: /a/sub -> /b/sub",
                   "own-definition: folder: /a/sub -> /b/sub", "parent-rekeyed: Dockerfile:6 WORKDIR sub"}));
}

TEST(WhyMissed, ReadsKeywordsInLowerCase) {
  const BuildFacts before = facts_of("FROM scratch\nWORKDIR /w\nrun one\n");
  EXPECT_EQ(texts(before, facts_of("FROM scratch\nworkdir /w\nRUN two\n"), {2})[1],
            "own-definition: text: it was run one");
  BuildFacts now = facts_of("FROM scratch\nworkdir /w\nRUN one\n");
  now.source_date_epoch = 1;
  EXPECT_EQ(texts(before, now),
            (Texts{"own-definition: SOURCE_DATE_EPOCH changed", "parent-rekeyed: Dockerfile:2 workdir /w"}));
}

constexpr std::string_view k_stages =
    "FROM scratch AS build\nCOPY src /src\nRUN make\nFROM scratch\nCOPY --from=build /out /\nRUN check\n";

TEST(WhyMissed, OfACopyFromAStageIsWhatChangedThere) {
  const BuildFacts before = facts_of(k_stages);
  BuildFacts now = before;
  now.files["src/x.c"].content = "other";
  EXPECT_EQ(texts(before, now)[2], "parent-rekeyed: Dockerfile:2 COPY src /src");
}

TEST(WhyMissed, OfUnchangedStepsIsThatTheirResultsAreGone) {
  const BuildFacts facts = facts_of(k_file);
  EXPECT_EQ(texts(facts, facts, {2, 3}), (Texts{"", "", "result-gone", "result-gone"}));
  EXPECT_EQ(texts(facts, facts, {}, {.lost = "exported with mode=min"})[1],
            "result-gone: exported with mode=min");
  auto rows = rows_of(facts);
  rows[1].miss = Miss{Reason::result_gone, "blob not found"};
  EXPECT_EQ(why_missed(rows, &facts, facts, {}, "Dockerfile")[1],
            (Miss{Reason::result_gone, "blob not found"}));
}

TEST(WhyMissed, OfWhatCopiesFromAStepThatCameOutOtherwise) {
  const BuildFacts facts = facts_of(k_stages);
  EXPECT_EQ(
      texts(facts, facts, {2}),
      (Texts{"", "result-gone",
             "nondeterministic-parent: Dockerfile:3 RUN make ran again as it was, and its files came out "
             "otherwise",
             "parent-rekeyed: Dockerfile:5 COPY --from=build /out /"}));
}

TEST(WhyMissed, OfAReadMountIsTheFileToo) {
  const BuildFacts before = facts_of("FROM scratch\nRUN --mount=type=bind,source=src,target=/s make\n");
  BuildFacts now = before;
  now.files["a.txt"].content = "not read";
  EXPECT_EQ(texts(before, now)[0], "result-gone");
  now.files["src/x.c"].content = "other";
  EXPECT_EQ(texts(before, now)[0], "input-content: src/x.c");
}

TEST(WhyMissed, OfAnotherFrontendIsTold) {
  const BuildFacts before = facts_of("# syntax=docker/dockerfile:1\nFROM scratch\nRUN one\n");
  EXPECT_EQ(texts(before, facts_of("# syntax=docker/dockerfile:2\nFROM scratch\nRUN one\n"))[0],
            "own-definition: frontend: docker/dockerfile:1 -> docker/dockerfile:2");
}

constexpr std::string_view k_download =
    "FROM scratch\nadd https://user:word@example.com/a /\nRUN one\nRUN two\n";
constexpr const char* k_url = "https://***@example.com/a";

TEST(WhyMissed, OfADownloadOfWhichNothingIsKnownIsNotTold) {
  BuildFacts before = facts_of(k_download);
  BuildFacts now = before;
  EXPECT_EQ(texts(before, now), (Texts{"", "", ""}));
  now.sources[k_url] = "sha256:111111111111111";
  EXPECT_EQ(texts(before, now), (Texts{"", "", ""}));
}

TEST(WhyMissed, OfADownloadThatIsWhatItWasIsThatTheResultIsGone) {
  BuildFacts before = facts_of(k_download);
  before.sources[k_url] = "sha256:111111111111111";
  EXPECT_EQ(texts(before, before, {}, {.lost = "exported with mode=min"}),
            Texts(3, "result-gone: exported with mode=min"));
  const BuildFacts pinned = facts_of("FROM scratch\nADD --checksum=sha256:11 https://example.com/a /\n");
  EXPECT_EQ(texts(pinned, pinned), Texts{"result-gone"});
}

TEST(WhyMissed, OfADownloadThatIsAnotherIsItsContent) {
  BuildFacts before = facts_of(k_download);
  before.sources[k_url] = "sha256:111111111111111";
  BuildFacts now = before;
  now.sources[k_url] = "sha256:222222222222222";
  EXPECT_EQ(
      texts(before, now)[0],
      "input-content: https://***@example.com/a, which was sha256:111111111111 and is sha256:222222222222");
  EXPECT_THAT(texts(before, now)[1], StartsWith("parent-rekeyed: Dockerfile:2 add"));
}

TEST(WhyMissed, HoldsForAllStepsWhereTheCacheWasNotUsed) {
  const BuildFacts facts = facts_of(k_file);
  EXPECT_EQ(texts(facts, facts, {2}, {.empty = true})[1], "first-build");
  EXPECT_THAT(texts(facts, facts, {}, {.forced = true})[1], StartsWith("forced"));
  const metrics::CacheImport good{"importing cache manifest from a", std::nullopt};
  const metrics::CacheImport bad{"importing cache manifest from b", "connection refused"};
  EXPECT_EQ(texts(facts, facts, {}, {.imports = {bad}})[1],
            "import-failed: importing cache manifest from b: connection refused");
  EXPECT_EQ(texts(facts, facts, {}, {.imports = {bad, good}})[1], "result-gone");
}

TEST(WhyMissed, OfStagesThatWereToldToUseNoCacheIsThat) {
  const BuildFacts before = facts_of(k_stages);
  BuildFacts now = before;
  EXPECT_EQ(
      texts(before, now, {}, {.forced_stages = {"BUILD"}}),
      (Texts{"forced: stage build was told to use no cache", "forced: stage build was told to use no cache",
             "nondeterministic-parent: Dockerfile:3 RUN make ran again as it was, and its files came out "
             "otherwise",
             "parent-rekeyed: Dockerfile:5 COPY --from=build /out /"}));
  now.files["src/x.c"].content = "other";
  EXPECT_EQ(texts(before, now, {}, {.forced_stages = {"build"}})[2],
            "parent-rekeyed: Dockerfile:2 COPY src /src");
}

TEST(WhyMissed, OfACacheThatIsNotThereIsItsImport) {
  const BuildFacts facts = facts_of(k_file);
  EXPECT_EQ(texts(facts, facts, {}, {.imported = true})[0], "import-failed: there was no cache to import");
  EXPECT_EQ(
      texts(facts, facts, {}, {.imported = true, .imports = {{"importing cache manifest", std::nullopt}}})[0],
      "result-gone");
  EXPECT_EQ(texts(facts, facts, {}, {.empty = true, .lost = "a fresh builder"})[0],
            "first-build: a fresh builder");
}

TEST(WhyMissed, IsNotGuessedWithoutTheEarlierBuild) {
  const BuildFacts facts = facts_of(k_file);
  for (const auto& miss : why_missed(rows_of(facts), nullptr, facts, {}, "Dockerfile")) EXPECT_FALSE(miss);
}

}  // namespace
}  // namespace buildlab::misses
