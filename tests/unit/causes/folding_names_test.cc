#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/causes/recognise.h"
#include "tests/unit/causes/row_case.h"

namespace buildlab::causes {
namespace {

using testing::HasSubstr;

// Files that only one image has, with their content, and files that both have.
struct Names {
  std::vector<Known> known;
  Files files;

  void only_a(const std::string& path, const std::string& content) {
    known.push_back({path, {Attribute::missing}, {}, {}, std::nullopt});
    files[path].first = content;
  }
  void only_b(const std::string& path, const std::string& content) {
    known.push_back({path, {Attribute::added}, {}, {}, std::nullopt});
    files[path].second = content;
  }
  void both(const std::string& path, std::string_view a, std::string_view b) {
    known.push_back({path, {Attribute::content}, a, b, std::nullopt});
  }
  // "TIME G5" of a path, with " <- root" where it follows from one; "unknown".
  std::string of(const std::string& path) const {
    for (const Consequence& consequence : consequences(known, files, built_now())) {
      if (known[consequence.follower].path != path) continue;
      const Cause& cause = consequence.cause;
      const std::string text = std::string(to_string(cause.kind)) + " " + cause.row;
      return cause.root.empty() ? text : text + " <- " + cause.root;
    }
    return "unknown";
  }
};

Names bundle() {
  Names names;
  names.only_a("app/dist/app.1a2b3c4d.js",
               "/*! built 2026-11-24T10:00:01Z */\nrun();\n//# map=app.1a2b3c4d.js.map\n");
  names.only_b("app/dist/app.99e8d7c6.js",
               "/*! built 2026-11-24T10:01:41Z */\nrun();\n//# map=app.99e8d7c6.js.map\n");
  return names;
}

TEST(FoldNames, AFileNamedByItsContentHasTheCauseOfItsContent) {
  const Names names = bundle();
  EXPECT_EQ(names.of("app/dist/app.1a2b3c4d.js"), "TIME G5");
  EXPECT_EQ(names.of("app/dist/app.99e8d7c6.js"), "DERIVED G10 <- app/dist/app.1a2b3c4d.js");
  const auto found = consequences(names.known, names.files, built_now());
  EXPECT_FALSE(found.front().cause.proven);
  EXPECT_THAT(found.front().cause.evidence.back(), HasSubstr("in B it is app.99e8d7c6.js"));
}

TEST(FoldNames, BothContentsAreWanted) {
  EXPECT_THAT(wanted(bundle().known),
              testing::UnorderedElementsAre("app/dist/app.1a2b3c4d.js", "app/dist/app.99e8d7c6.js"));
}

TEST(FoldNames, WhatNamesItFollows) {
  Names names = bundle();
  names.both("app/dist/manifest.json", R"({"app.js": "app.1a2b3c4d.js"})",
             R"({"app.js": "app.99e8d7c6.js"})");
  names.only_a("app/dist/app.1a2b3c4d.js.map", "{}");
  names.only_b("app/dist/app.99e8d7c6.js.map", "{}");
  EXPECT_EQ(names.of("app/dist/manifest.json"), "DERIVED G10 <- app/dist/app.1a2b3c4d.js");
  EXPECT_EQ(names.of("app/dist/app.1a2b3c4d.js.map"), "DERIVED G10 <- app/dist/app.1a2b3c4d.js");
  EXPECT_EQ(names.of("app/dist/app.99e8d7c6.js.map"), "DERIVED G10 <- app/dist/app.1a2b3c4d.js");
}

TEST(FoldNames, ACauseBesideTheNameIsSeenWithoutIt) {
  Names names = bundle();
  names.both("app/dist/page.html", "<script src=app.1a2b3c4d.js></script>\n<!-- 2026-11-24T10:00:01Z -->\n",
             "<script src=app.99e8d7c6.js></script>\n<!-- 2026-11-24T10:01:41Z -->\n");
  EXPECT_EQ(names.of("app/dist/page.html"), "TIME G5");
}

TEST(FoldNames, AContentOfUnknownCauseStaysUnknownWithAllThatNamesIt) {
  Names names;
  names.only_a("dist/app.1a2b3c4d.js", "left();\n");
  names.only_b("dist/app.99e8d7c6.js", "right();\n");
  names.both("dist/manifest.json", "app.1a2b3c4d.js", "app.99e8d7c6.js");
  EXPECT_EQ(names.of("dist/app.1a2b3c4d.js"), "unknown");
  EXPECT_EQ(names.of("dist/manifest.json"), "unknown");
}

TEST(FoldNames, EqualContentsSayNothingOfTheirNames) {
  Names names;
  names.only_a("dist/app.1a2b3c4d.js", "run();\n");
  names.only_b("dist/app.99e8d7c6.js", "run();\n");
  EXPECT_EQ(names.of("dist/app.1a2b3c4d.js"), "unknown");
}

TEST(FoldNames, OtherWordsAndOtherFoldersAreOtherFiles) {
  for (const auto& [a, b] :
       {std::pair("doc/december.txt", "doc/november.txt"), std::pair("a/x.1a2b3c4d.js", "b/x.99e8d7c6.js"),
        std::pair("dist/x-1.20.3.js", "dist/x-1.21.0.js"), std::pair("dist/20261124", "dist/20251124")}) {
    Names names;
    names.only_a(a, "built 2026-11-24T10:00:01Z\n");
    names.only_b(b, "built 2026-11-24T10:01:41Z\n");
    EXPECT_EQ(names.of(a), "unknown") << a;
  }
}

TEST(FoldNames, TwoFilesThatCouldBeOneAreNotPaired) {
  Names names = bundle();
  names.only_b("app/dist/app.77c6b5a4.js", "/*! built 2026-11-24T10:01:42Z */\nrun();\n");
  EXPECT_EQ(names.of("app/dist/app.1a2b3c4d.js"), "unknown");
}

}  // namespace
}  // namespace buildlab::causes
