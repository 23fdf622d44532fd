#include <gtest/gtest.h>

#include "framework/registry/http.h"

namespace buildlab::registry {
namespace {

TEST(Url, IsReadInParts) {
  const auto url = parse_url("https://r.example.org/v2/a?x=1#part");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "r.example.org");
  EXPECT_EQ(url->port, "443");
  EXPECT_EQ(url->target, "/v2/a?x=1");
  EXPECT_EQ(url->text(), "https://r.example.org/v2/a");  // queries carry signatures
  const auto local = parse_url("http://localhost:5000");
  ASSERT_TRUE(local);
  EXPECT_FALSE(local->tls);
  EXPECT_EQ(local->text(), "http://localhost:5000/");
}

TEST(Url, WhatWouldEndARequestIsRefused) {
  for (const char* text :
       {"ftp://a/b", "a/b", "https://", "https://a:b/c", "https://a/b c", "https://a/b\r\nX: y"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(Url, ARedirectionLeadsElsewhereOrToAnotherPath) {
  const Url from = *parse_url("https://r.example.org/v2/a");
  EXPECT_EQ(parse_location(from, "https://cdn.example.org/x?y")->host, "cdn.example.org");
  const auto beside = parse_location(from, "/other?q");
  ASSERT_TRUE(beside);
  EXPECT_TRUE(beside->same_server(from));
  EXPECT_EQ(beside->target, "/other?q");
  EXPECT_FALSE(parse_location(from, "//evil.example.org/x"));
  EXPECT_FALSE(parse_location(from, "relative"));
}

}  // namespace
}  // namespace buildlab::registry
