#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/causes_formats/samples.h"

namespace buildlab::causes {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::uint32_t k_then = k_build_time;

std::string much_text() {
  std::string text;
  for (int i = 0; i < 4000; ++i) text += "line " + std::to_string(i * 7919 % 1000) + "\n";
  return text;
}

TEST(Gzip, NamesTheTimeInTheHeader) {
  const auto cause = explain("usr/share/doc/a/changelog.gz", gzip("text", k_then), gzip("text", k_then + 7));
  EXPECT_EQ(verdict(cause), "TIME K3 proven");
  EXPECT_EQ(evidence(cause), "offset 4: 2026-11-24T10:00:00Z, then 2026-11-24T10:00:07Z\n");
  EXPECT_THAT(fix(cause), HasSubstr("gzip -n"));
}

TEST(Gzip, ReadsWhatTheRealProgramWrote) {
  const auto cause = explain("a.gz", sample("gzip"));
  EXPECT_EQ(verdict(cause), "TIME K3 proven");
  EXPECT_THAT(evidence(cause),
              AllOf(HasSubstr("offset 4: 2026-11-24T10:00:00Z, then 2026-11-24T10:00:09Z"),
                    HasSubstr("also PATH (K3)"), HasSubstr("\"one.txt\", then \"other.txt\"")));
}

TEST(Gzip, NamesTheSourceFilesName) {
  EXPECT_EQ(verdict(explain("a.gz", gzip("text", 0, "tmp.x81"), gzip("text", 0, "tmp.long"))),
            "PATH K3 proven");
  EXPECT_EQ(verdict(explain("a.gz", gzip("text", 0, "name"), gzip("text"))), "PATH K3 proven");
}

TEST(Gzip, TellsAnotherCompressionFromOtherContent) {
  const std::string text = much_text();
  const auto cause = explain("a.gz", gzip(text, 0, "", 1), gzip(text, 0, "", 9));
  EXPECT_EQ(verdict(cause), "COMP K3 proven");
  EXPECT_EQ(verdict(explain("a.gz", gzip("some text"), gzip("other text"))), "unknown");
}

TEST(Gzip, LooksInside) {
  const auto cause = explain("x/log.gz", gzip("built at 17", k_then), gzip("built at 28", k_then + 1));
  EXPECT_EQ(verdict(cause), "TIME G5 proven");
  EXPECT_THAT(evidence(cause),
              AllOf(HasSubstr("inside: x/log.gz!log says when"), HasSubstr("also TIME (K3)")));
}

TEST(Gzip, SupposesTheHeadersTimeWhereTheContentStaysUnknown) {
  const auto cause = explain("a.gz", gzip("some text", k_then), gzip("other text", k_then + 1));
  EXPECT_EQ(verdict(cause), "TIME K3 supposed");
  EXPECT_THAT(evidence(cause), HasSubstr("not explained: the compressed content"));
}

TEST(Gzip, TakesNoDamagedTrailerForTheSameContent) {
  const std::string text = gzip("text");
  EXPECT_EQ(verdict(explain("a.gz", text, with(text, text.size() - 8, "\x7e\x7e"))), "COMP K3 supposed");
}

TEST(Gzip, StopsAtTheLimits) {
  const std::string zeros(std::size_t{80} << 20, '\0');
  const std::string bomb_a = gzip(zeros);
  const std::string bomb_b = gzip(zeros.substr(1), k_then);
  const auto cause = explain("a.gz", bomb_a, bomb_b);
  EXPECT_EQ(verdict(cause), "TIME K3 supposed");
  EXPECT_THAT(evidence(cause), HasSubstr("damaged or too large"));
}

TEST(Gzip, StopsAtTheDepth) {
  std::string a = "built at 1";
  std::string b = "built at 2";
  for (int depth = 0; depth < 4; ++depth) {
    a = gzip(a);
    b = gzip(b);
  }
  EXPECT_EQ(verdict(explain("a.gz", a, b)), "TIME G5 proven");
  EXPECT_EQ(verdict(explain("a.gz", gzip(gzip(a)), gzip(gzip(b)))), "unknown");
  // The limits are those of one question: the next starts anew.
  EXPECT_EQ(verdict(explain("a.gz", a, b)), "TIME G5 proven");
}

TEST(Compressed, LooksIntoTheOthersToo) {
  const std::string text = much_text();
  for (const std::string filter : {"xz", "zstd", "bzip2"}) {
    EXPECT_EQ(verdict(explain("a." + filter, compressed("built at 1", filter, 1),
                              compressed("built at 2", filter, 1))),
              "TIME G5 proven")
        << filter;
    EXPECT_EQ(verdict(explain("a", compressed("one", filter, 1), compressed("two", filter, 1))), "unknown");
  }
  EXPECT_EQ(verdict(explain("a.xz", compressed(text, "xz", 0), compressed(text, "xz", 9))), "COMP G2 proven");
  EXPECT_EQ(verdict(explain("a", gzip("text"), compressed("text", "xz", 1))), "unknown");
}

}  // namespace
}  // namespace buildlab::causes
