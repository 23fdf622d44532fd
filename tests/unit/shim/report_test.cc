#include "framework/shim/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <climits>

#include "framework/base/file.h"

namespace buildlab::shim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using variation::Application;
using variation::How;
using variation::Kind;
using variation::StepReport;

const StepReport k_report{"/bin/sh -c make",
                          {{{Kind::hostname}},
                           {{Kind::locale}, How::pinned, "the image sets LANG itself"},
                           {{Kind::clock, -3600}, How::refused, "sh is static"}}};

TEST(ShimReport, ReadsBackAsItWas) {
  const std::string line = to_line(k_report);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto again = parse_line(line);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, k_report);
}

TEST(ShimReport, NeverGrowsBeyondWhatOneWriteKeepsWhole) {
  StepReport huge{std::string(100'000, '\n'), {}};
  const auto all = variation::parse_variations({"all"});
  ASSERT_TRUE(all);
  for (const auto& variation : *all)
    huge.applications.push_back({variation, How::refused, std::string(10'000, '"')});
  EXPECT_LE(to_line(huge).size(), static_cast<std::size_t>(PIPE_BUF));
  EXPECT_TRUE(parse_line(to_line(huge)));
}

TEST(ShimReport, LinesThatAreNoneAreErrors) {
  for (const char* wrong :
       {"", "x", "[]", "{}", R"({"applications": 3})", R"({"applications": [3]})",
        R"({"applications": [{"variation": "hostnam"}]})", R"({"applications": [{"variation": "clock"}]})"})
    EXPECT_FALSE(parse_line(wrong)) << wrong;
}

TEST(ShimReport, IsReadFromWhereTheLastReadingEnded) {
  const auto folder = TempDir::create(std::filesystem::temp_directory_path(), "report");
  ASSERT_TRUE(folder);
  const auto file = folder->path() / "report";
  std::size_t offset = 0;
  EXPECT_THAT(*read_new(file, offset), IsEmpty()) << "no container was started";
  ASSERT_TRUE(append(file, k_report));
  ASSERT_TRUE(append(file, k_report));
  EXPECT_THAT(*read_new(file, offset), SizeIs(2));
  EXPECT_THAT(*read_new(file, offset), IsEmpty());
  ASSERT_TRUE(append(file, k_report));
  ASSERT_TRUE(append_to_file(file, "{\"half"));
  EXPECT_THAT(*read_new(file, offset), ElementsAre(k_report));
}

}  // namespace
}  // namespace buildlab::shim
