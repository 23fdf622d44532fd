#include "framework/base/through_url.h"

#include <gtest/gtest.h>

namespace buildlab {
namespace {

TEST(ThroughUrl, NamesServerAndPath) {
  const auto plain = parse_through_target("/buildlab-through/http/deb.example/pool/a_1%3a2.deb?x=1");
  ASSERT_TRUE(plain);
  EXPECT_EQ(*plain, (ThroughTarget{false, "deb.example", "80", "/pool/a_1%3a2.deb?x=1"}));
  EXPECT_EQ(plain->url(), "http://deb.example/pool/a_1%3a2.deb?x=1");
  const auto secure = parse_through_target("/buildlab-through/https/pypi.example:443/simple/");
  ASSERT_TRUE(secure);
  EXPECT_TRUE(secure->tls);
  EXPECT_EQ(secure->authority(), "pypi.example") << "the scheme's own port is left out";
  const auto address = parse_through_target("/buildlab-through/https/[::1]:8443");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, "::1");
  EXPECT_EQ(address->url(), "https://[::1]:8443/");
}

TEST(ThroughUrl, TakesNothingElse) {
  for (const char* target :
       {"", "/", "/v2/", "/buildlab-through/", "/buildlab-through/ftp/host/", "/buildlab-through/http/",
        "/buildlab-through/http//path", "/buildlab-through/http/ho st/", "/buildlab-through/http/host:/",
        "/buildlab-through/http/host:123456/", "/buildlab-through/http/host:8x/",
        "/buildlab-through/http/[::1/", "/buildlab-through/http/[::1]x/", "/buildlab-through/http/user@host/",
        "/buildlab-through/http/host/a b", "/buildlab-through/http/host/a\r\nHost: other"}) {
    EXPECT_FALSE(parse_through_target(target)) << target;
  }
  EXPECT_FALSE(parse_through_target("/buildlab-through/http/" + std::string(300, 'h') + "/"));
}

TEST(ThroughUrl, GivesTheOriginalBack) {
  EXPECT_EQ(original_url("http://127.0.0.1:5999/buildlab-through/https/host:443/a?b"), "https://host/a?b");
  EXPECT_EQ(original_url("http://127.0.0.1:5999/buildlab-through/http/127.0.0.1:80/a"), "http://127.0.0.1/a");
  for (const char* url :
       {"https://host/a", "http://127.0.0.1:5999/a", "http://127.0.0.1:/buildlab-through/http/h/",
        "http://127.0.0.1:5999/buildlab-through/gopher/h/", ""}) {
    EXPECT_EQ(original_url(url), url);
  }
}

}  // namespace
}  // namespace buildlab
