#include "framework/base/base64.h"

#include <gtest/gtest.h>

namespace buildlab {
namespace {

TEST(Base64, AgreesWithTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"},
                                                         {"\xff\xfe\xfd", "//79"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
}

TEST(Base64, RefusesWhatIsNoWholeText) {
  for (const char* text : {"Z", "Zm9", "Zg=a", "Z===", "Zm 9v", "Zm9v\n"})
    EXPECT_FALSE(base64_decode(text)) << text;
}

}  // namespace
}  // namespace buildlab
