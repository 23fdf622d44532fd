#include "framework/metrics/fetches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::metrics {
namespace {

using namespace std::chrono_literals;
using ::testing::SizeIs;

Vertex asking(std::vector<LoggedRequest> requests) {
  Vertex vertex;
  vertex.requests = std::move(requests);
  return vertex;
}

LoggedRequest get(const char* url, int status = 200) {
  return {"GET", url, status};
}

ObservedRequest seen(const char* url, Nanoseconds start, Nanoseconds end) {
  ObservedRequest request;
  request.method = "GET";
  request.url = url;
  request.start = start;
  request.end = end;
  request.first_byte = (end - start) / 2;
  request.status = 200;
  return request;
}

TEST(Fetches, CountWhatTheLogLists) {
  const Vertex vertex = asking({get("http://a/x", 503),
                                get("http://a/x"),
                                get("http://a/y", 404),
                                get("http://a/z", 429),
                                {"HEAD", "http://a/x", 200}});
  const auto fetches = fetches_of({&vertex});
  ASSERT_TRUE(fetches);
  EXPECT_EQ(*fetches, (Fetches{5, 2, 1, std::nullopt, std::nullopt}))
      << "404 is an answer, and another method another request";
}

TEST(Fetches, AreAbsentWhereNothingWasAsked) {
  const Vertex vertex = asking({});
  EXPECT_EQ(fetches_of({&vertex}), std::nullopt);
  EXPECT_EQ(fetches_of({}), std::nullopt);
}

TEST(Fetches, TakeTheirTimesFromTheServer) {
  BuildGraph graph;
  graph.vertexes = {asking({get("http://a/x"), get("http://a/y")}), asking({get("http://a/x")})};
  attach(graph, {seen("http://a/y", 1s, 4s), seen("http://a/x", 0s, 2s), seen("http://a/x", 10s, 11s),
                 seen("http://elsewhere", 0s, 100s)});
  const auto first = fetches_of({&graph.vertexes[0]});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->seconds, 4) << "a moment of two requests counts once";
  EXPECT_EQ(first->slowest_answer_sec, 1.5);
  EXPECT_EQ(fetches_of({&graph.vertexes[1]})->seconds, 1);
}

TEST(Fetches, OneThatIsInNoListIsOfWhoAskedForTheSame) {
  BuildGraph graph;
  graph.vertexes = {asking({get("http://a/y")}), asking({get("http://a/x")})};
  ObservedRequest torn = seen("http://a/x", 0s, 1s);
  torn.status.reset();
  torn.first_byte.reset();
  torn.cut = true;
  attach(graph, {seen("http://a/x", 2s, 3s), seen("http://a/x", 4s, 5s), seen("http://a/y", 0s, 1s)});
  EXPECT_THAT(graph.vertexes[0].requests, SizeIs(1));
  EXPECT_THAT(graph.vertexes[1].requests, SizeIs(2));

  BuildGraph other;
  other.vertexes = {asking({get("http://a/x")})};
  attach(other, {seen("http://a/x", 2s, 3s), torn});
  const auto fetches = fetches_of({&other.vertexes[0]});
  ASSERT_TRUE(fetches);
  EXPECT_EQ(fetches->requests, 2);
  EXPECT_EQ(fetches->failed, 1);
}

Vertex download(const char* name) {
  Vertex vertex;
  vertex.name = name;
  return vertex;
}

ObservedRequest added(const char* url, Nanoseconds start, Nanoseconds end, const char* leads_to = "") {
  ObservedRequest request = seen(url, start, end);
  request.by_builder = true;
  request.leads_to = leads_to;
  return request;
}

TEST(Fetches, OfAddAreThoseOfItsUrl) {
  BuildGraph graph;
  graph.vertexes = {download("[2/4] ADD --chmod=644 http://a:80/x?y /x"),
                    download("[build 3/4] ADD [https://me:***@b/x,https://b/y,/z/]"),
                    asking({get("http://a/x?y")}), download("[4/4] RUN wget http://a/run")};
  EXPECT_EQ(attach(graph, {added("http://a/x?y", 0s, 9s), seen("http://a/x?y", 1s, 2s),
                           added("https://b/x", 0s, 1s), added("https://b/y", 1s, 2s)}),
            std::nullopt);
  EXPECT_EQ(fetches_of({&graph.vertexes[0]})->seconds, 9);
  EXPECT_EQ(fetches_of({&graph.vertexes[1]})->requests, 2);
  EXPECT_EQ(fetches_of({&graph.vertexes[2]})->seconds, 1) << "a RUN step that asked for the same";
}

TEST(Fetches, OfAddAreAlsoThoseThatItWasSentOnTo) {
  BuildGraph graph;
  graph.vertexes = {download("[2/2] ADD http://a/x /x")};
  EXPECT_EQ(attach(graph, {added("http://c/z", 2s, 3s), added("http://b/y", 1s, 2s, "http://c/z"),
                           added("http://a/x", 0s, 1s, "http://b/y")}),
            std::nullopt);
  const auto fetches = fetches_of({&graph.vertexes[0]});
  ASSERT_TRUE(fetches);
  EXPECT_EQ(fetches->requests, 3);
  EXPECT_EQ(fetches->seconds, 3);
}

TEST(Fetches, OfTwoAddsOfOneUrlAreShared) {
  BuildGraph graph;
  graph.vertexes = {download("[2/3] ADD http://a/x /x"), download("[3/3] ADD http://a/x /y/")};
  attach(graph, {added("http://a/x", 0s, 1s), added("http://a/x", 0s, 1s)});
  EXPECT_EQ(fetches_of({&graph.vertexes[0]})->requests, 1);
  EXPECT_EQ(fetches_of({&graph.vertexes[1]})->requests, 1);
}

TEST(Fetches, ThatBelongToNoStepAreCountedByThemselves) {
  BuildGraph graph;
  graph.vertexes = {download("[2/2] ADD http://a/x /x"), asking({get("http://a/y")})};
  ObservedRequest failed = seen("http://a/x", 2s, 3s);
  failed.status = 503;
  const auto other = attach(graph, {failed, added("http://a/y", 0s, 1s), seen("http://a/y", 0s, 1s)});
  ASSERT_TRUE(other);
  EXPECT_EQ(other->requests, 2) << "a step's program that asked for ADD's URL, and an ADD of a step's";
  EXPECT_EQ(other->failed, 1);
  EXPECT_EQ(other->seconds, 2);
  EXPECT_EQ(fetches_of({&graph.vertexes[0]}), std::nullopt);
}

TEST(Fetches, ABodyThatWasCutIsAFailureThoughItsStatusIsGood) {
  BuildGraph graph;
  graph.vertexes = {asking({get("http://a/x"), get("http://a/x")})};
  ObservedRequest cut = seen("http://a/x", 0s, 1s);
  cut.cut = true;
  attach(graph, {cut, seen("http://a/x", 1s, 2s)});
  const auto fetches = fetches_of({&graph.vertexes[0]});
  ASSERT_TRUE(fetches);
  EXPECT_EQ(fetches->failed, 1);
  EXPECT_EQ(fetches->retries, 1);
}

}  // namespace
}  // namespace buildlab::metrics
