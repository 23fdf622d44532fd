#include "framework/dockerfile/shell_lex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

namespace buildlab::dockerfile {
namespace {

using testing::ElementsAre;

std::string expanded(std::string_view text) {
  const std::map<std::string, std::string, std::less<>> variables = {
      {"A", "value"}, {"EMPTY", ""}, {"PATH", "usr/lib/x.tar.gz"}, {"X", "a-b-c"}};
  const Lookup lookup = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  const auto lexed = lex(text, {}, lookup);
  return lexed ? lexed->text : "error: " + lexed.error().message;
}

TEST(ShellLex, VariablesAreReplaced) {
  EXPECT_EQ(expanded("$A/${A}x$UNSET."), "value/valuex.");
  EXPECT_EQ(expanded("\\$A '$A' \"$A\""), "$A $A value");
  EXPECT_EQ(expanded("100$"), "100$");
}

TEST(ShellLex, DefaultsAndAlternatives) {
  EXPECT_EQ(expanded("${UNSET:-x}${UNSET-y}${EMPTY:-z}${EMPTY-w}"), "xyz");
  EXPECT_EQ(expanded("${A:+x}${EMPTY:+y}${EMPTY+z}${UNSET+w}"), "xz");
  EXPECT_EQ(expanded("${UNSET:-${A:-b}-c}"), "value-c");
  EXPECT_EQ(expanded("${UNSET:?}"), "error: UNSET: is not allowed to be unset");
  EXPECT_EQ(expanded("${EMPTY:?needed}"), "error: EMPTY: needed");
}

TEST(ShellLex, PatternsCutAndReplace) {
  EXPECT_EQ(expanded("${PATH#*/}"), "lib/x.tar.gz");
  EXPECT_EQ(expanded("${PATH##*/}"), "x.tar.gz");
  EXPECT_EQ(expanded("${PATH%.*}"), "usr/lib/x.tar");
  EXPECT_EQ(expanded("${PATH%%.*}"), "usr/lib/x");
  EXPECT_EQ(expanded("${PATH%nothing}"), "usr/lib/x.tar.gz");
  EXPECT_EQ(expanded("${X/-/+}"), "a+b-c");
  EXPECT_EQ(expanded("${X//-/+}"), "a+b+c");
  EXPECT_EQ(expanded("${X//?/.}"), ".....");
  EXPECT_EQ(expanded("${PATH/\\//:}"), "usr:lib/x.tar.gz");
}

TEST(ShellLex, SyntaxErrorsAreTold) {
  EXPECT_EQ(expanded("${A"), "error: a \"${\" is not closed by \"}\"");
  EXPECT_EQ(expanded("${A:-x"), "error: a \"${\" is not closed by \"}\"");
  EXPECT_EQ(expanded("'a"), "error: a single quote is not closed");
  EXPECT_EQ(expanded("\"a"), "error: a double quote is not closed");
  EXPECT_EQ(expanded("${A^}"), "error: unsupported modifier \"^\" in a substitution");
  EXPECT_EQ(expanded("${}"), "error: bad substitution: a name must follow \"${\"");
}

TEST(ShellLex, DeepNestingIsRefused) {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "${U:-";
  EXPECT_EQ(expanded(deep), "error: variables are nested too deeply");
}

TEST(ShellLex, WordsSplitAtBlanksOutsideOfQuotes) {
  const Lookup none = [](std::string_view) { return std::optional<std::string>(); };
  EXPECT_THAT(lex("a 'b c'  d\\ e", {}, none)->words, ElementsAre("a", "b c", "d e"));
  const LexOptions as_written{'\\', Marks::kept, Marks::kept, UnsetVariable::left_as_written};
  EXPECT_THAT(lex("cat << 'E O' $x${y:-z}", as_written, none)->words,
              ElementsAre("cat", "<< 'E O'", "$x${y:-z}"));
}

}  // namespace
}  // namespace buildlab::dockerfile
