#include "framework/registry/challenge.h"

#include <gtest/gtest.h>

namespace buildlab::registry {
namespace {

TEST(Challenge, NamesTheRealmAndWhatToAskItFor) {
  const auto challenge = parse_challenge(
      R"(Bearer realm="https://auth.example.org/token",service="r.example.org",scope="repository:a/b:pull")");
  ASSERT_TRUE(challenge);
  EXPECT_EQ(challenge->scheme, "bearer");
  EXPECT_EQ(token_url(*challenge),
            "https://auth.example.org/token?service=r.example.org&scope=repository%3Aa%2Fb%3Apull");
}

TEST(Challenge, ReadsBasicAndValuesWithoutQuotes) {
  EXPECT_EQ(parse_challenge("Basic")->scheme, "basic");
  const auto challenge = parse_challenge("BASIC realm=x , charset = UTF-8");
  ASSERT_TRUE(challenge);
  EXPECT_EQ(challenge->values.at("realm"), "x");
  EXPECT_EQ(challenge->values.at("charset"), "UTF-8");
}

TEST(Challenge, WhatIsNoneIsNoChallenge) {
  for (const char* text : {"", "Digest realm=\"x\"", "Bearer realm", "Bearer realm=\"x", "Bearer ,,,"}) {
    EXPECT_FALSE(parse_challenge(text)) << text;
  }
}

TEST(Credentials, AreThoseOfTheRegistry) {
  const char* config = R"({"auths": {"ghcr.io": {"auth": "b25l"}, "https://r.example.org": {"auth": "dHdv"},
                           "https://index.docker.io/v1/": {"username": "u", "password": "p"}, "bad": 7}})";
  EXPECT_EQ(credentials_for(config, "ghcr.io"), "b25l");
  EXPECT_EQ(credentials_for(config, "r.example.org"), "dHdv");
  EXPECT_EQ(credentials_for(config, "docker.io"), "dTpw");
  EXPECT_FALSE(credentials_for(config, "evil.example.org"));
  EXPECT_FALSE(credentials_for(config, "bad"));
  EXPECT_FALSE(credentials_for("no JSON", "ghcr.io"));
  EXPECT_FALSE(credentials_for("", "ghcr.io"));
}

}  // namespace
}  // namespace buildlab::registry
