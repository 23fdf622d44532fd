#include "framework/cli/arguments.h"

#include <gtest/gtest.h>

namespace buildlab::cli {
namespace {

Invocation parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "build-lab");
  return parse_arguments(static_cast<int>(arguments.size()), arguments.data());
}

std::string refused(std::vector<const char*> arguments) {
  const Invocation invocation = parse(std::move(arguments));
  const auto* say = std::get_if<Say>(&invocation);
  return say != nullptr && say->exit_code == 2 ? say->text : "";
}

TEST(Arguments, RunTakesAllOrSeveralNames) {
  const Invocation all = parse({"run", "--all", "--json"});
  ASSERT_TRUE(std::holds_alternative<cli::Run>(all));
  EXPECT_TRUE(std::get<cli::Run>(all).all);
  EXPECT_TRUE(std::get<cli::Run>(all).common.json);
  const Invocation named = parse({"run", "--scenario", "a", "b", "--scenario", "c", "--store", "/s"});
  ASSERT_TRUE(std::holds_alternative<cli::Run>(named));
  EXPECT_EQ(std::get<cli::Run>(named).scenarios, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(std::get<cli::Run>(named).common.store, "/s");
}

TEST(Arguments, RunWithoutAChoiceSaysHowToChoose) {
  EXPECT_NE(refused({"run"}).find("--all"), std::string::npos);
  EXPECT_NE(refused({"run", "--all", "--scenario", "a"}), "");
}

TEST(Arguments, AnUnknownCommandNamesTheNearest) {
  EXPECT_NE(refused({"rnu"}).find("did you mean \"run\"?"), std::string::npos);
  EXPECT_NE(refused({"run", "--al"}), "");
}

TEST(Arguments, ReportKnowsItsFormatsAndNoOthers) {
  EXPECT_EQ(std::get<Report>(parse({"report"})).format, Format::text);
  EXPECT_EQ(std::get<Report>(parse({"report", "--format", "junit"})).format, Format::junit);
  EXPECT_EQ(std::get<Report>(parse({"report", "--json"})).format, Format::json);
  EXPECT_NE(refused({"report", "--format", "xml"}), "");
}

TEST(Arguments, AWalkIsOfSomeCommitsOrOfARange) {
  EXPECT_EQ(std::get<Replay>(parse({"replay", "--commits", "30"})).commits, 30);
  const Invocation range = parse({"replay", "a..b", "--subject", "s", "--json"});
  EXPECT_EQ(std::get<Replay>(range).range, "a..b");
  EXPECT_EQ(std::get<Replay>(range).format, Format::json);
  EXPECT_EQ(std::get<Replay>(parse({"replay", "a..b", "--format", "markdown"})).format, Format::markdown);
  EXPECT_EQ(std::get<Replay>(parse({"replay", "a..b"})).cache_mode, scenario::CacheMode::builder);
  EXPECT_EQ(std::get<Replay>(parse({"replay", "a..b", "--cache-mode", "registry"})).cache_mode,
            scenario::CacheMode::registry);
  EXPECT_NE(refused({"replay", "a..b", "--cache-mode", "none"}), "");
  EXPECT_NE(refused({"replay"}).find("--commits N"), std::string::npos);
  EXPECT_NE(refused({"replay", "--commits", "3", "a..b"}), "");
  EXPECT_NE(refused({"replay", "--commits", "0"}), "");
  EXPECT_NE(refused({"replay", "a..b", "--json", "--format", "text"}), "");
}

TEST(Arguments, AMapIsDerivedUnlessProbesAreAskedFor) {
  EXPECT_EQ(std::get<Map>(parse({"map"})).probes, 0);
  EXPECT_EQ(std::get<Map>(parse({"map", "--probe", "3", "--format", "svg"})).format, MapFormat::svg);
  EXPECT_EQ(std::get<Map>(parse({"map", "--json"})).format, MapFormat::json);
  EXPECT_NE(refused({"map", "--probe", "0"}), "");
  EXPECT_NE(refused({"map", "--format", "markdown"}), "");
}

TEST(Arguments, CompareWantsTwo) {
  EXPECT_EQ(std::get<Compare>(parse({"compare", "--last", "2"})).last, 2);
  EXPECT_EQ(std::get<Compare>(parse({"compare", "a", "b/c"})).records,
            (std::vector<std::string>{"a", "b/c"}));
  EXPECT_EQ(std::get<Compare>(parse({"compare", "a", "b", "--fail-on", "slower,hits"})).fail_on,
            (std::vector<std::string>{"slower", "hits"}));
  EXPECT_EQ(std::get<Compare>(parse({"compare", "--baseline", "b.json"})).baseline, "b.json");
  EXPECT_NE(refused({"compare", "a", "b", "--baseline", "b.json"}), "");
  EXPECT_NE(refused({"compare", "--last", "2", "--baseline", "b.json"}), "");
  EXPECT_NE(refused({"compare", "--baseline", "b.json", "--fail-on", "digest"}), "");
  EXPECT_EQ(std::get<MakeBaseline>(parse({"baseline", "b.json"})).output, "b.json");
  EXPECT_NE(refused({"baseline"}), "");
  EXPECT_NE(refused({"compare"}), "");
  EXPECT_NE(refused({"compare", "a"}), "");
  EXPECT_NE(refused({"compare", "--last", "1"}), "");
  EXPECT_NE(refused({"compare", "a", "b", "--fail-on", "colour"}), "");
  EXPECT_EQ(std::get<Compare>(parse({"compare", "a", "b"})).pace, 1.2);
  EXPECT_EQ(std::get<Compare>(parse({"compare", "a", "b", "--pace", "1"})).pace, 1);
  EXPECT_NE(refused({"compare", "a", "b", "--pace", "0.9"}), "");
}

TEST(Arguments, DiffTakesSeveralPolicies) {
  const Invocation invocation = parse({"diff", "--ignore", "path=a:one", "--ignore", "path=b:two", "a.tar",
                                       "--ignore=path=c:three", "b.tar"});
  ASSERT_TRUE(std::holds_alternative<Diff>(invocation));
  const Diff& diff = std::get<Diff>(invocation);
  EXPECT_EQ(diff.policies, (std::vector<std::string>{"path=a:one", "path=b:two", "path=c:three"}));
  EXPECT_EQ(diff.a, "a.tar");
  EXPECT_EQ(diff.b, "b.tar");
}

TEST(Arguments, JsonContradictsAnotherFormat) {
  EXPECT_NE(refused({"diff", "a", "b", "--json", "--format", "html"}).find("--format html"),
            std::string::npos);
  EXPECT_NE(refused({"diff", "a", "b", "--json", "--format", "text"}), "");
  EXPECT_NE(refused({"report", "--format", "junit", "--json"}), "");
  EXPECT_EQ(std::get<Diff>(parse({"diff", "a", "b", "--json", "--format", "json"})).format, DiffFormat::json);
  EXPECT_EQ(std::get<Diff>(parse({"diff", "a", "b", "--json"})).format, DiffFormat::json);
  EXPECT_EQ(std::get<Diff>(parse({"diff", "a", "b", "--format", "html"})).format, DiffFormat::html);
}

TEST(Arguments, VerdictHasCommandsOfItsOwn) {
  const auto check = std::get<VerdictCheck>(parse({"verdict", "check", "a", "--key", "k1", "b", "--key", "k2",
                                                   "--subject", "sha256:x", "--require-pass"}));
  EXPECT_EQ(check.files, (std::vector<std::filesystem::path>{"a", "b"}));
  EXPECT_EQ(check.keys, (std::vector<std::filesystem::path>{"k1", "k2"}));
  EXPECT_EQ(check.subject, "sha256:x");
  EXPECT_TRUE(check.require_pass);
  EXPECT_FALSE(check.accept_unsigned || check.lenient);
  const auto make = std::get<VerdictMake>(parse({"verdict", "make", "--scenario", "s", "--key", "k"}));
  EXPECT_EQ(make.scenario, "s");
  EXPECT_EQ(make.keys.size(), 1U);
  const auto merge = std::get<VerdictMerge>(parse(
      {"verdict", "merge", "a", "b", "--unsigned", "--quorum", "2", "--output", "o", "--sign-key", "k"}));
  EXPECT_EQ(merge.files.size(), 2U);
  EXPECT_EQ(merge.quorum, 2);
  EXPECT_TRUE(merge.accept_unsigned);
}

TEST(Arguments, VerdictSaysWhatItMisses) {
  EXPECT_NE(refused({"verdict"}), "");
  EXPECT_NE(refused({"verdict", "chekc", "a"}).find("\"verdict chekc\" — did you mean \"check\"?"),
            std::string::npos);
  EXPECT_NE(refused({"verdict", "check"}), "");
  EXPECT_NE(refused({"verdict", "merge"}), "");
  EXPECT_NE(refused({"verdict", "merge", "a", "--quorum", "0"}), "");
  EXPECT_NE(refused({"verdict", "merge", "a", "--sign-key", "k"}), "") << "without --output";
  EXPECT_NE(refused({"verdict", "make", "a"}), "");
}

TEST(Arguments, HelpIsThereForEveryCommandAndIsNoError) {
  for (const char* command : {"run", "list", "report", "compare", "doctor", "init", "clean"}) {
    const Invocation invocation = parse({command, "--help"});
    const auto* say = std::get_if<Say>(&invocation);
    ASSERT_NE(say, nullptr) << command;
    EXPECT_EQ(say->exit_code, 0);
    EXPECT_NE(say->text.find(command), std::string::npos) << say->text;
  }
  EXPECT_EQ(std::get<Say>(parse({"--version"})).text.substr(0, 11), "build-lab v");
  EXPECT_EQ(std::get<Say>(parse({})).exit_code, 0);
}

}  // namespace
}  // namespace buildlab::cli
