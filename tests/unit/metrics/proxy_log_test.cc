#include "framework/metrics/proxy_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::metrics {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(ProxyLog, ListsWhatAGetHadAnAnswerFrom) {
  ProxyLog log;
  log.add(
      "Setting up curl\nproxy network requests:\n- GET http://a/x -> 200\n- GET http://a/moved -> 302\n"
      "- HEAD http://a/y -> 200\n- GET http://a/gone -> 404\n- GET http://a/lost\n- POST http://a/z -> "
      "201\n");
  EXPECT_THAT(log.fetched(), ElementsAre("http://a/x", "http://a/moved"));
}

TEST(ProxyLog, ReadsPiecesOfAnySize) {
  const std::string text =
      "out\r\nproxy network requests:\n- GET http://a/x -> y -> 200\n- GET http://b -> 206\n";
  for (std::size_t size = 1; size < text.size(); ++size) {
    ProxyLog log;
    for (std::size_t at = 0; at < text.size(); at += size) log.add(std::string_view(text).substr(at, size));
    EXPECT_THAT(log.fetched(), ElementsAre("http://a/x -> y", "http://b")) << size;
  }
}

TEST(ProxyLog, BelievesTheLastListOnly) {
  ProxyLog log;
  log.add("proxy network requests:\n- GET http://imitated -> 200\n");
  log.add("proxy network requests:\n- GET http://real -> 200\n");
  EXPECT_THAT(log.fetched(), ElementsAre("http://real"));
}

TEST(ProxyLog, TakesNothingOutsideOfAList) {
  ProxyLog log;
  log.add("- GET http://a -> 200\nsome proxy network requests:\n- GET http://b -> 200\n");
  EXPECT_THAT(log.fetched(), IsEmpty());
  log.add("proxy network requests:\n- GET http://c -> 200\nend\n- GET http://d -> 200\n");
  EXPECT_THAT(log.fetched(), ElementsAre("http://c"));
}

TEST(ProxyLog, IsBounded) {
  ProxyLog log;
  log.add("proxy network requests:\n");
  log.add("- GET http://" + std::string(2 * ProxyLog::k_line_bytes, 'x') + " -> 200\n");
  EXPECT_THAT(log.fetched(), IsEmpty());
  for (std::size_t i = 0; i < ProxyLog::k_requests + 10; ++i) log.add("- GET http://a -> 200\n");
  EXPECT_THAT(log.fetched(), SizeIs(ProxyLog::k_requests));
}

TEST(ProxyLog, KeepsWhatBecameOfEachRequest) {
  ProxyLog log;
  log.add("proxy network requests:\n- GET http://a/x -> 503\n- HEAD http://a/y -> 200\n- POST http://a/z\n");
  EXPECT_THAT(log.requests(),
              ElementsAre(LoggedRequest{"GET", "http://a/x", 503}, LoggedRequest{"HEAD", "http://a/y", 200},
                          LoggedRequest{"POST", "http://a/z", std::nullopt}));
}

TEST(ProxyLog, NamesTheUrlsThatWereAskedForThroughAServer) {
  ProxyLog log;
  log.add("proxy network requests:\n- GET http://127.0.0.1:5999/buildlab-through/https/a:443/x -> 200\n");
  EXPECT_THAT(log.fetched(), ElementsAre("https://a/x"));
  EXPECT_EQ(log.requests().at(0).url, "https://a/x");
}

}  // namespace
}  // namespace buildlab::metrics
