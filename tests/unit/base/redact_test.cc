#include "framework/base/redact.h"

#include <gtest/gtest.h>

namespace buildlab {
namespace {

TEST(RedactUrlCredentials, HidesWhatStandsBeforeTheHostOfAWebAddress) {
  EXPECT_EQ(redact_url_credentials("https://me:hunter2@host/path"), "https://***@host/path");
  EXPECT_EQ(redact_url_credentials("HTTP://token123@host"), "HTTP://***@host");
  EXPECT_EQ(redact_url_credentials("git+https://me:hunter2@host/r.git"), "git+https://***@host/r.git");
}

TEST(RedactUrlCredentials, KeepsAccountNamesOfOtherSchemesButNoPassword) {
  EXPECT_EQ(redact_url_credentials("ssh://git@host/r.git"), "ssh://git@host/r.git");
  EXPECT_EQ(redact_url_credentials("postgres://app:hunter2@db:5432/x"), "postgres://app:***@db:5432/x");
}

TEST(RedactUrlCredentials, TakesThePasswordUpToTheLastAtSign) {
  EXPECT_EQ(redact_url_credentials("https://me:p@ss@host/"), "https://***@host/");
}

TEST(RedactUrlCredentials, LeavesAnAtSignBehindTheHostAlone) {
  const std::string text = "GET https://host/@scope/package https://host?x=a@b and a@b.c";
  EXPECT_EQ(redact_url_credentials(text), text);
}

TEST(RedactUrlCredentials, HidesEveryUrlOfALine) {
  EXPECT_EQ(redact_url_credentials("curl 'https://a:b@h1/' \"https://c:d@h2\""),
            "curl 'https://***@h1/' \"https://***@h2\"");
}

TEST(RedactUrlCredentials, HidesQueryFieldsThatCarryASecret) {
  EXPECT_EQ(redact_url_credentials("https://h/p?a=1&access_token=abc&X-Amz-Signature=def&b=2 end"),
            "https://h/p?a=1&access_token=***&X-Amz-Signature=***&b=2 end");
}

TEST(RedactUrlCredentials, SeesAUrlInsideAnother) {
  EXPECT_EQ(redact_url_credentials("https://h/p?next=https://u:p@k/"), "https://h/p?next=https://***@k/");
}

TEST(RedactUrlCredentials, SeesAUrlThatLeadsThroughAServerOfTheRun) {
  EXPECT_EQ(
      redact_url_credentials("GET http://127.0.0.1:5/buildlab-through/http/me:hunter2@host:8080/a?token=x 1"),
      "GET http://127.0.0.1:5/buildlab-through/http/***@host:8080/a?token=*** 1");
  EXPECT_EQ(redact_url_credentials("/buildlab-through/https/me:hunter2@host/a@b"),
            "/buildlab-through/https/***@host/a@b");
  const std::string other = "/buildlab-through/ftp/me:hunter2@host/";
  EXPECT_EQ(redact_url_credentials(other), other) << "no URL of such a server";
}

std::string repeated(const std::string& text, std::size_t bytes) {
  std::string result;
  while (result.size() < bytes) result += text;
  return result;
}

// Texts in which every place where a URL may begin looks at all that follows, or at all before it: with a way
// through the text for each, this would take many minutes.
TEST(RedactUrlCredentials, GoesThroughATextOnceHoweverManyUrlsMayBeginInIt) {
  constexpr std::size_t k_bytes = 1'000'000;
  for (const char* piece :
       {"/buildlab-through/http/", "/buildlab-through/https/", "://", "a://", "http://h?", "http://h/http"}) {
    const std::string text = repeated(piece, k_bytes);
    EXPECT_EQ(redact_url_credentials(text), text) << piece;
  }
  const std::string scheme = repeated("/buildlab-through/http/", k_bytes) + repeated("a", k_bytes) + "://";
  EXPECT_EQ(redact_url_credentials(scheme), scheme);
  EXPECT_EQ(redact_url_credentials(repeated("/buildlab-through/http/u:p@h", 28 * 1000)),
            repeated("/buildlab-through/http/***@h", 28 * 1000));
}

TEST(RedactUrlCredentials, TakesTheFirstOfTwoBeginnings) {
  EXPECT_EQ(redact_url_credentials("x:/buildlab-through/http/u:p@h/a?b=git://u:q@k"),
            "x:/buildlab-through/http/***@h/a?b=git://u:***@k");
  EXPECT_EQ(redact_url_credentials("http://u:p@h/buildlab-through/https/v:q@k?token=x"),
            "http://***@h/buildlab-through/https/***@k?token=***");
}

TEST(RedactUrlCredentials, GivesOtherTextBackByteForByte) {
  const std::string text = std::string("://@ :// http:// \xff\x00 x://", 23) + "ssh://@h";
  EXPECT_EQ(redact_url_credentials(text), text);
}

TEST(RedactUrlCredentials, ChangesNothingMoreTheSecondTime) {
  const std::string once = redact_url_credentials("https://a:b@h/?token=x postgres://a:b@h");
  EXPECT_EQ(redact_url_credentials(once), once);
}

}  // namespace
}  // namespace buildlab
