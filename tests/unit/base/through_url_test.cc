#include "framework/base/through_url.h"

#include <gtest/gtest.h>

namespace buildlab {
namespace {

TEST(ThroughUrl, NamesServerAndPath) {
  const auto plain = parse_through_target("/buildlab-through/http/deb.example/pool/a_1%3a2.deb?x=1");
  ASSERT_TRUE(plain);
  EXPECT_EQ(*plain, (ThroughTarget{false, "deb.example", "80", "/pool/a_1%3a2.deb?x=1"}));
  EXPECT_EQ(plain->url(), "http://deb.example/pool/a_1%3a2.deb?x=1");
  EXPECT_EQ(parse_through_target("/buildlab-through/http/deb.example/pool?x=1#part")->url(),
            "http://deb.example/pool?x=1")
      << "a fragment is not asked for";
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
        "/buildlab-through/http/[::1/", "/buildlab-through/http/[::1]x/",
        "/buildlab-through/http/us er@host/", "/buildlab-through/http/user@/",
        "/buildlab-through/http/host/a b", "/buildlab-through/http/host/a\r\nHost: other"}) {
    EXPECT_FALSE(parse_through_target(target)) << target;
  }
  EXPECT_FALSE(parse_through_target("/buildlab-through/http/" + std::string(300, 'h') + "/"));
}

TEST(ThroughUrl, KeepsCredentialsOutOfWhatIsTold) {
  const auto target = parse_through_target("/buildlab-through/http/me:p%40ss@host:8080/a");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->host, "host");
  EXPECT_EQ(target->credentials, "me:p%40ss");
  EXPECT_EQ(target->url(), "http://host:8080/a");
  EXPECT_EQ(target->authorization(), "Basic bWU6cEBzcw==") << "me:p@ss";
  EXPECT_EQ(target->through(), "/buildlab-through/http/me:p%40ss@host:8080/a");
  EXPECT_EQ(parse_through_target("/buildlab-through/http/me@host/")->authorization(), "Basic bWU6");
  EXPECT_EQ(parse_through_target("/buildlab-through/http/host/")->authorization(), "");
}

TEST(ThroughUrl, FollowsARedirection) {
  const auto from = parse_through_target("/buildlab-through/https/me:word@host:8443/a/b/c?x=1");
  ASSERT_TRUE(from);
  const auto to = [&](std::string_view location) {
    const auto next = redirected(*from, location);
    return next ? next->through().substr(k_through_path.size()) : "";
  };
  EXPECT_EQ(to("http://other/path?y#part"), "http/other/path?y");
  EXPECT_EQ(to("HTTPS://u:p@other"), "https/u:p@other/");
  EXPECT_EQ(to("//other:80/z"), "https/other:80/z") << "the scheme stays, and so does its port";
  EXPECT_EQ(to("/root/../up"), "https/me:word@host:8443/up") << "credentials stay at their server";
  EXPECT_EQ(to("d?z"), "https/me:word@host:8443/a/b/d?z");
  EXPECT_EQ(to("../../../../d/./"), "https/me:word@host:8443/d/");
  EXPECT_EQ(to("?y=2"), "https/me:word@host:8443/a/b/c?y=2");
  for (const char* location :
       {"", "#part", "ftp://host/a", "mailto:me", "http://", "http://ho st/", "/a b", "x\r\ny"}) {
    EXPECT_EQ(to(location), "") << location;
  }
}

TEST(ThroughUrl, WritesEqualUrlsAlike) {
  EXPECT_EQ(uniform_url("http://host:80"), "http://host/");
  EXPECT_EQ(uniform_url("https://me:word@host:443/a?b#c"), "https://host/a?b");
  EXPECT_EQ(uniform_url("http://host:8080/a"), "http://host:8080/a");
  EXPECT_EQ(uniform_url("/a"), "/a");
}

TEST(ThroughUrl, GivesTheOriginalBack) {
  EXPECT_EQ(original_url("http://127.0.0.1:5999/buildlab-through/https/host:443/a?b"), "https://host/a?b");
  EXPECT_EQ(original_url("http://127.0.0.1:5999/buildlab-through/http/127.0.0.1:80/a"), "http://127.0.0.1/a");
  EXPECT_EQ(original_url("http://127.0.0.1:5999/0a1b/buildlab-through/https/host/a"), "https://host/a");
  EXPECT_EQ(original_url("http://127.0.0.1:5999/***/buildlab-through/https/host/a"), "https://host/a")
      << "with the word taken out";
  for (const char* url :
       {"https://host/a", "http://127.0.0.1:5999/a", "http://127.0.0.1:/buildlab-through/http/h/",
        "http://127.0.0.1:5999/a/b/buildlab-through/http/h/",
        "http://127.0.0.1:5999/buildlab-through/gopher/h/", ""}) {
    EXPECT_EQ(original_url(url), url);
  }
}

}  // namespace
}  // namespace buildlab
