#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/causes/canary.h"
#include "framework/causes/recognise.h"

namespace buildlab::causes {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Surroundings with(const char* variation, const char* value) {
  Surroundings surroundings;
  surroundings.canaries.push_back({variation, value});
  return surroundings;
}

TEST(Canary, ThePlantedHostNameIsFoundAgain) {
  const auto cause = of_content({"opt/info", "host=buildkitsandbox\nhost2=buildkitsandbox\n",
                                 "host=buildlab-canary-host\nhost2=buildlab-canary-host\n"},
                                with("hostname", "buildlab-canary-host"));
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->kind, CauseClass::host);
  EXPECT_EQ(cause->row, "G9");
  EXPECT_TRUE(cause->proven);
  EXPECT_THAT(cause->evidence,
              ElementsAre("line 1, column 6: buildlab-canary-host, which only the second build was given"));
}

TEST(Canary, WhatElseDiffersIsSaid) {
  const auto cause = of_content({"opt/info", "host=a\nx\n", "host=buildlab-canary-host\ny\n"},
                                with("hostname", "buildlab-canary-host"));
  ASSERT_TRUE(cause);
  EXPECT_THAT(cause->evidence, testing::Contains("the rest differs as well"));
}

TEST(Canary, AFolderIsAPathAndNamesTheLanguage) {
  const auto surroundings = with("build folder", "/buildlab-canary-folder");
  const std::string elf = std::string(
      "\x7f"
      "ELF\0\0",
      6);
  const auto c = of_content({"bin/x", elf + "/src\0", elf + "/buildlab-canary-folder\0"}, surroundings);
  ASSERT_TRUE(c);
  EXPECT_EQ(c->kind, CauseClass::path);
  EXPECT_EQ(c->row, "H7");
  const std::string go = elf + "\xff Go buildinf:";
  EXPECT_EQ(of_content({"bin/x", go + "/src", go + "/buildlab-canary-folder"}, surroundings)->row, "H2");
  const std::string rust = elf + "/rustc/90b35a6";
  EXPECT_EQ(of_content({"bin/x", rust + "/src", rust + "/buildlab-canary-folder"}, surroundings)->row, "H15");
}

TEST(Canary, InBothOrInNeitherItIsNoCause) {
  const auto surroundings = with("hostname", "buildlab-canary-host");
  EXPECT_FALSE(of_content({"x", "buildlab-canary-host 1\n", "buildlab-canary-host 2\n"}, surroundings));
  EXPECT_FALSE(of_content({"x", "one\n", "two\n"}, surroundings));
  EXPECT_FALSE(of_content({"x", "one\n", "two\n"}, with("umask", "o")));
}

TEST(Canary, AValueInTheConfigIsFoundToo) {
  const auto cause = of_attribute(
      {Attribute::config, "", EntryKind::file, "Env", "[\"A=b\"]", "[\"A=buildlab-canary-env\"]"},
      with("environment", "buildlab-canary-env"));
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->row, "G9");
  EXPECT_THAT(cause->name, HasSubstr("environment"));
}

TEST(Variation, ThatAloneChangesAFileIsItsCause) {
  EXPECT_EQ(of_variation("kernel").kind, CauseClass::host);
  EXPECT_EQ(of_variation("umask").kind, CauseClass::perm);
  EXPECT_EQ(of_variation("clock").kind, CauseClass::time);
  EXPECT_EQ(of_variation("parallelism").kind, CauseClass::order);
  const Cause cause = of_variation("kernel");
  EXPECT_TRUE(cause.proven);
  EXPECT_EQ(cause.row, "G9");
  EXPECT_NE(cause.fix.find("kernel"), std::string::npos);
}

TEST(Variation, IsMendedByAConcreteChange) {
  const std::pair<const char*, const char*> changes[] = {
      {"umask", "RUN umask 022 && "},     {"context_umask", "COPY --chmod=644"},
      {"clock", "ARG SOURCE_DATE_EPOCH"}, {"clock=+1d", "SOURCE_DATE_EPOCH"},
      {"time_zone", "ENV TZ=UTC"},        {"locale", "ENV LC_ALL=C.UTF-8"},
      {"parallelism", "make -j1"},        {"file_order", "LC_ALL=C sort"},
  };
  for (const auto& [variation, change] : changes) EXPECT_THAT(of_variation(variation).fix, HasSubstr(change));
}

}  // namespace
}  // namespace buildlab::causes
