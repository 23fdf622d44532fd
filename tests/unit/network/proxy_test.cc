#include "framework/network/proxy.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <future>

#include "tests/unit/network/digests.h"
#include "tests/unit/network/raw_sockets.h"

namespace buildlab::network {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ok;
using testing::RawAnswer;
using testing::RawClient;
using testing::RawMessage;
using testing::RawServer;
using ::testing::SizeIs;
using ::testing::StartsWith;

const std::string k_digest = digest('a');
const std::string k_get_blob = "GET /v2/a/blobs/" + k_digest + " HTTP/1.1\r\nHost: x\r\n\r\n";

std::unique_ptr<Proxy> proxy_before(std::uint16_t port, const Plan& plan = {}) {
  auto proxy = Proxy::start({"127.0.0.1", port}, plan);
  EXPECT_TRUE(proxy);
  return std::move(*proxy);
}

std::uint16_t port_of(const Proxy& proxy) {
  return testing::port_of(proxy.endpoint());
}

// Bytes that no two places have alike.
std::string content(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += fmt::format("{:08x}", i);
  text.resize(size);
  return text;
}

TEST(Proxy, PassesABlobOnAndCountsIt) {
  const std::string blob = content(3'000'000);
  RawServer server([&](const RawMessage&) { return RawAnswer{ok(blob, "Content-Type: a/b\r\n")}; });
  const auto proxy = proxy_before(server.port());
  RawClient client(port_of(*proxy));
  const RawMessage answer = client.ask(k_get_blob);
  EXPECT_EQ(answer.first_line(), "HTTP/1.1 200 OK");
  EXPECT_EQ(answer.field("content-type"), "a/b");
  EXPECT_EQ(answer.body, blob);
  const Transfers seen = proxy->transfers();
  ASSERT_THAT(seen.exchanges, SizeIs(1));
  EXPECT_EQ(seen.exchanges[0].method, "GET");
  EXPECT_EQ(seen.exchanges[0].target.digest, k_digest);
  EXPECT_EQ(seen.exchanges[0].status, 200);
  EXPECT_EQ(seen.exchanges[0].bytes_down, blob.size());
  EXPECT_EQ(seen.exchanges[0].bytes_up, 0U);
  EXPECT_FALSE(seen.exchanges[0].cut);
  ASSERT_TRUE(seen.exchanges[0].first_byte);
  EXPECT_GE(*seen.exchanges[0].first_byte, seen.exchanges[0].start);
  EXPECT_GE(seen.exchanges[0].end, *seen.exchanges[0].first_byte);
  EXPECT_EQ(server.requests()[0].field("host"), fmt::format("127.0.0.1:{}", server.port()));
}

TEST(Proxy, KeepsBothConnections) {
  RawServer server([](const RawMessage& request) { return RawAnswer{ok(request.first_line())}; });
  const auto proxy = proxy_before(server.port());
  RawClient client(port_of(*proxy));
  for (int i = 0; i < 5; ++i) {
    const RawMessage answer = client.ask(fmt::format("GET /v2/{} HTTP/1.1\r\nHost: x\r\n\r\n", i));
    EXPECT_EQ(answer.body, fmt::format("GET /v2/{} HTTP/1.1", i));
  }
  EXPECT_EQ(server.connections(), 1);
  EXPECT_THAT(proxy->transfers().exchanges, SizeIs(5));
}

TEST(Proxy, KeepsNoConnectionWhereThePlanSaysSo) {
  RawServer server([](const RawMessage&) { return RawAnswer{ok("x")}; });
  Plan plan;
  plan.keeps_connections = false;
  const auto proxy = proxy_before(server.port(), plan);
  for (int i = 0; i < 2; ++i) {
    RawClient client(port_of(*proxy));
    const RawMessage answer = client.ask(k_get_blob);
    EXPECT_EQ(answer.body, "x");
    EXPECT_EQ(answer.field("connection"), "close");
    EXPECT_TRUE(client.sees_the_end());
  }
}

TEST(Proxy, PassesChunksBothWays) {
  RawServer server([](const RawMessage& request) {
    return RawAnswer{fmt::format(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n3\r\nend\r\n0\r\n\r\n",
        request.body.size(), request.body)};
  });
  const auto proxy = proxy_before(server.port());
  RawClient client(port_of(*proxy));
  const std::string request =
      "PATCH /v2/a/blobs/uploads/u HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n";
  const RawMessage answer = client.ask(request);
  EXPECT_EQ(answer.body, "hello worldend");
  EXPECT_EQ(server.requests()[0].body, "hello world");
  const auto exchanges = proxy->transfers().exchanges;
  ASSERT_THAT(exchanges, SizeIs(1));
  EXPECT_EQ(exchanges[0].bytes_up, 11U);
  EXPECT_EQ(exchanges[0].bytes_down, 14U);
  EXPECT_EQ(client.ask(request).body, "hello worldend") << "the connection goes on";
}

TEST(Proxy, PassesUploadsOnAndRewritesTheirLocation) {
  const std::string blob = content(1'500'000);
  std::uint16_t port = 0;
  RawServer server([&](const RawMessage& request) {
    if (request.head.starts_with("POST"))
      return RawAnswer{
          fmt::format("HTTP/1.1 202 Accepted\r\nLocation: http://127.0.0.1:{}/v2/a/blobs/uploads/u?s=1\r\n"
                      "Content-Length: 0\r\n\r\n",
                      port)};
    return RawAnswer{"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"};
  });
  port = server.port();
  const auto proxy = proxy_before(server.port());
  RawClient client(port_of(*proxy));
  const RawMessage begun =
      client.ask("POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: a.name:5\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(begun.field("location"), "http://a.name:5/v2/a/blobs/uploads/u?s=1") << "as the client calls it";
  const RawMessage unnamed =
      client.ask("POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost:\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(unnamed.field("location"), "http://" + proxy->endpoint() + "/v2/a/blobs/uploads/u?s=1");
  const RawMessage put =
      client.ask(fmt::format("PUT /v2/a/blobs/uploads/u?s=1&digest={} HTTP/1.1\r\nHost: x\r\n"
                             "Content-Length: {}\r\n\r\n{}",
                             k_digest, blob.size(), blob));
  EXPECT_EQ(put.first_line(), "HTTP/1.1 201 Created");
  EXPECT_EQ(server.requests()[2].body, blob);
  const Transfers seen = proxy->transfers();
  const Account made = account(seen.exchanges, seen.described);
  ASSERT_THAT(made.blobs, SizeIs(1));
  EXPECT_EQ(made.blobs[0].bytes, blob.size());
  EXPECT_EQ(made.blobs[0].complete, 1);
  EXPECT_EQ(made.bytes_up, blob.size());
}

TEST(Proxy, TellsWhoeverWaitsToSendItsBody) {
  RawServer server([](const RawMessage& request) { return RawAnswer{ok(request.body)}; });
  const auto proxy = proxy_before(server.port());
  RawClient client(port_of(*proxy));
  const RawMessage invited = client.ask(
      "PUT /v2/a/manifests/t HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n", true);
  EXPECT_THAT(invited.first_line(), StartsWith("HTTP/1.1 100"));
  EXPECT_EQ(client.ask("{}").body, "{}");
  EXPECT_EQ(server.requests()[0].field("expect"), "");
}

TEST(Proxy, AHeadHasNoBodyAndAnAnswerWithoutLengthEndsTheConnection) {
  RawServer server([](const RawMessage& request) {
    if (request.head.starts_with("HEAD")) return RawAnswer{"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"};
    return RawAnswer{"HTTP/1.1 200 OK\r\n\r\nuntil the end", true};
  });
  const auto proxy = proxy_before(server.port());
  RawClient client(port_of(*proxy));
  const RawMessage head = client.ask("HEAD /v2/a/manifests/t HTTP/1.1\r\nHost: x\r\n\r\n", true);
  EXPECT_EQ(head.field("content-length"), "500");
  client.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n");
  const RawMessage answer = client.read(true);
  EXPECT_EQ(answer.field("connection"), "close");
  const auto exchanges = proxy->transfers().exchanges;
  ASSERT_THAT(exchanges, SizeIs(2));
  EXPECT_EQ(exchanges[0].bytes_down, 0U);
  EXPECT_EQ(exchanges[1].bytes_down, 13U);
  EXPECT_FALSE(exchanges[1].cut);
}

TEST(Proxy, PassesChallengesAndErrorsOnAsTheyAre) {
  RawServer server([](const RawMessage&) {
    return RawAnswer{
        "HTTP/1.1 401 Unauthorized\r\nWww-Authenticate: Bearer realm=\"https://auth/token\"\r\n"
        "Content-Length: 2\r\n\r\n{}"};
  });
  const auto proxy = proxy_before(server.port());
  RawClient client(port_of(*proxy));
  const RawMessage answer = client.ask(k_get_blob);
  EXPECT_EQ(answer.first_line(), "HTTP/1.1 401 Unauthorized");
  EXPECT_EQ(answer.field("www-authenticate"), "Bearer realm=\"https://auth/token\"");
  EXPECT_EQ(proxy->transfers().exchanges[0].status, 401);
}

TEST(Proxy, LearnsSizesFromManifests) {
  const std::string manifest =
      fmt::format(R"({{"layers":[{{"mediaType":"x.layer.y","digest":"{}","size":77}}]}})", k_digest);
  RawServer server([&](const RawMessage& request) {
    return RawAnswer{request.head.starts_with("GET") ? ok(manifest) : ok("")};
  });
  const auto proxy = proxy_before(server.port());
  RawClient client(port_of(*proxy));
  client.ask("GET /v2/a/manifests/t HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string other = "sha256:" + std::string(64, 'b');
  const std::string sent = fmt::format(R"({{"config":{{"digest":"{}","size":5}}}})", other);
  client.ask(fmt::format("PUT /v2/a/manifests/u HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}",
                         sent.size(), sent));
  const Descriptions known = proxy->transfers().described;
  ASSERT_THAT(known, SizeIs(2));
  EXPECT_EQ(known.at(k_digest), (Described{"layer", 77}));
  EXPECT_EQ(known.at(other), (Described{"config", 5}));
}

TEST(Proxy, ServesManyConnectionsSideBySide) {
  const std::string blob = content(400'000);
  RawServer server([&](const RawMessage&) { return RawAnswer{ok(blob)}; });
  const auto proxy = proxy_before(server.port());
  std::vector<std::future<bool>> asked;
  for (int i = 0; i < 24; ++i) {
    asked.push_back(std::async(std::launch::async, [&] {
      RawClient client(port_of(*proxy));
      bool same = true;
      for (int n = 0; n < 3; ++n) same = client.ask(k_get_blob).body == blob && same;
      return same;
    }));
  }
  for (auto& one : asked) EXPECT_TRUE(one.get());
  const Transfers seen = proxy->transfers();
  EXPECT_THAT(seen.exchanges, SizeIs(72));
  EXPECT_EQ(account(seen.exchanges, seen.described).bytes_down, 72 * blob.size());
}

TEST(Proxy, AnUpstreamThatRefusesEndsTheClientsConnection) {
  std::uint16_t port = 0;
  {
    port = RawServer([](const RawMessage&) { return RawAnswer{}; }).port();
  }
  const auto proxy = proxy_before(port);
  RawClient client(port_of(*proxy));
  const RawMessage answer = client.ask(k_get_blob);
  EXPECT_FALSE(answer.complete);
  EXPECT_EQ(answer.head, "");
  const auto exchanges = proxy->transfers().exchanges;
  ASSERT_THAT(exchanges, SizeIs(1));
  EXPECT_TRUE(exchanges[0].cut);
  EXPECT_FALSE(exchanges[0].status);
  EXPECT_FALSE(exchanges[0].disturbed);
}

TEST(Proxy, ABodyThatTheUpstreamCutsIsCutForTheClient) {
  RawServer server([](const RawMessage&) {
    return RawAnswer{"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(400, 'x'), true};
  });
  const auto proxy = proxy_before(server.port());
  RawClient client(port_of(*proxy));
  const RawMessage answer = client.ask(k_get_blob);
  EXPECT_FALSE(answer.complete);
  const auto exchanges = proxy->transfers().exchanges;
  ASSERT_THAT(exchanges, SizeIs(1));
  EXPECT_TRUE(exchanges[0].cut);
  EXPECT_EQ(exchanges[0].status, 200);
  EXPECT_EQ(exchanges[0].bytes_down, 400U);
}

TEST(Proxy, ConnectsAnewWhereTheUpstreamClosedAnIdleConnection) {
  RawServer server([](const RawMessage& request) {
    return RawAnswer{ok(request.body), true};  // without saying so
  });
  const auto proxy = proxy_before(server.port());
  RawClient client(port_of(*proxy));
  EXPECT_TRUE(client.ask(k_get_blob).complete);
  EXPECT_TRUE(client.ask(k_get_blob).complete);
  server.wait_until_closed();
  EXPECT_EQ(client.ask("PUT /v2/a/manifests/t HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}").body,
            "{}");
  EXPECT_EQ(server.connections(), 3);
}

TEST(Proxy, TakesNoRequestThatIsNone) {
  RawServer server([](const RawMessage&) { return RawAnswer{ok("")}; });
  const auto proxy = proxy_before(server.port());
  RawClient forward(port_of(*proxy));
  EXPECT_THAT(forward.ask("GET http://elsewhere/ HTTP/1.1\r\nHost: elsewhere\r\n\r\n").first_line(),
              HasSubstr("400"));
  RawClient connect(port_of(*proxy));
  EXPECT_THAT(connect.ask("CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere\r\n\r\n").first_line(),
              HasSubstr("400"));
  RawClient noise(port_of(*proxy));
  EXPECT_EQ(noise.ask("\x16\x03\x01 no HTTP\r\n\r\n").head, "");
  RawClient long_head(port_of(*proxy));
  EXPECT_EQ(long_head.ask("GET / HTTP/1.1\r\nX: " + std::string(200'000, 'x') + "\r\n\r\n").head, "");
  EXPECT_THAT(server.requests(), IsEmpty());
  EXPECT_THAT(proxy->transfers().exchanges, IsEmpty());
}

TEST(Proxy, StopsWithRequestsUnderWayAndCountsThemAsCut) {
  std::promise<void> arrived;
  std::promise<void> release;
  RawServer server([&](const RawMessage&) {
    arrived.set_value();
    release.get_future().wait();
    return RawAnswer{ok("late")};
  });
  auto proxy = proxy_before(server.port());
  RawClient idle(port_of(*proxy));
  RawClient client(port_of(*proxy));
  client.send(k_get_blob);
  arrived.get_future().wait();
  const std::uint16_t port = port_of(*proxy);
  proxy->stop();
  EXPECT_TRUE(client.sees_the_end());
  EXPECT_TRUE(idle.sees_the_end());
  const auto exchanges = proxy->transfers().exchanges;
  ASSERT_THAT(exchanges, SizeIs(1));
  EXPECT_TRUE(exchanges[0].cut);
  RawClient late(port);
  EXPECT_EQ(late.ask(k_get_blob).head, "");
  release.set_value();
}

}  // namespace
}  // namespace buildlab::network
