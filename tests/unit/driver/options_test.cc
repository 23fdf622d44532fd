// The driver's command line.
#include "gates/driver/options.h"

#include <gmock/gmock.h>

namespace buildlab::gates {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(DriverOptions, AreTakenInEitherSpelling) {
  const auto options = parse_options({"--scenario", "/b/buildlab.json", "--name=app.warm", "--store", "/b",
                                      "--build-dir", "/build", "--declared-at", "/p/CMakeLists.txt:7",
                                      "--deadline", "1.5", "--gtest_filter=*ratio"});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->mode, Mode::scenario);
  EXPECT_EQ(options->file, "/b/buildlab.json");
  EXPECT_EQ(options->name, "app.warm");
  EXPECT_EQ(options->build_dir, "/build");
  EXPECT_EQ(options->declared_at, (scenario::SourceLine{"/p/CMakeLists.txt", 7}));
  EXPECT_EQ(options->deadline_sec, 1.5);
  EXPECT_EQ(options->run_id, std::nullopt);
  EXPECT_THAT(options->googletest_arguments, ElementsAre("--gtest_filter=*ratio"));
}

TEST(DriverOptions, NeedNoNameForTheFixture) {
  const auto options = parse_options({"--setup", "--scenario", "/b/buildlab.json", "--store", "/b"});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->mode, Mode::setup);
}

TEST(DriverOptions, SayWhichArgumentIsMissing) {
  const auto error = [](std::vector<std::string> arguments) {
    const auto options = parse_options(arguments);
    return options ? std::string("none") : options.error().message;
  };
  EXPECT_EQ(error({}), "--scenario FILE is missing");
  EXPECT_EQ(error({"--scenario", "x"}), "--store DIR is missing");
  EXPECT_EQ(error({"--scenario", "x", "--store", "s"}), "--name NAME is missing");
  EXPECT_EQ(error({"--scenario"}), "--scenario needs a value");
  EXPECT_EQ(error({"--name="}), "--name needs a value");
}

TEST(DriverOptions, NameTheNearestKnownArgument) {
  const auto options = parse_options({"--scenari", "x"});
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().kind, ErrorKind::usage);
  EXPECT_THAT(options.error().message, HasSubstr("did you mean --scenario?"));
}

TEST(DriverOptions, RefuseADeadlineThatIsNoDuration) {
  for (const char* value : {"0", "-1", "1h", "", "nan"}) {
    EXPECT_FALSE(parse_options({"--scenario", "x", "--store", "s", "--name", "n", "--deadline", value}))
        << value;
  }
}

TEST(SourceLine, HasALineOnlyWhereOneIsWritten) {
  EXPECT_EQ(parse_source_line("/p/CMakeLists.txt:12"), (scenario::SourceLine{"/p/CMakeLists.txt", 12}));
  EXPECT_EQ(parse_source_line("/p/CMakeLists.txt"), (scenario::SourceLine{"/p/CMakeLists.txt", 0}));
  EXPECT_EQ(parse_source_line("/p:q/x"), (scenario::SourceLine{"/p:q/x", 0}));
}

}  // namespace
}  // namespace buildlab::gates
