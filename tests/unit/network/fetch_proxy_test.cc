// The server that RUN steps fetch through, as a client and the servers behind it see it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/network/proxy.h"
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

struct Fetching {
  explicit Fetching(std::initializer_list<const char*> faults = {}, std::optional<int> build = 1)
      : server([this](const RawMessage& request) {
          return RawAnswer{request.head.starts_with("HEAD") ? answer.substr(0, answer.find("\r\n\r\n") + 4)
                                                            : answer};
        }) {
    Plan plan;
    for (const char* text : faults) plan.faults.push_back(fault::parse_fault(text).value());
    plan.build = build;
    proxy = std::move(Proxy::start_for_fetches(plan).value());
  }
  RawClient client() const { return RawClient(testing::port_of(proxy->endpoint())); }
  std::string ask_for(std::string_view path, std::string_view method = "GET") const {
    return fmt::format("{} /buildlab-through/http/127.0.0.1:{}{} HTTP/1.1\r\nHost: x\r\n\r\n", method,
                       server.port(), path);
  }
  std::string url(std::string_view path) const {
    return fmt::format("http://127.0.0.1:{}{}", server.port(), path);
  }

  std::string body = std::string(100'000, 'b');
  std::string answer = ok(body, "ETag: \"e\"\r\n");
  RawServer server;
  std::unique_ptr<Proxy> proxy;
};

TEST(FetchProxy, AsksTheServerThatTheRequestNames) {
  Fetching at;
  RawClient client = at.client();
  const RawMessage answer = client.ask(at.ask_for("/pool/a.deb?x=1"));
  EXPECT_EQ(answer.body, at.body);
  EXPECT_EQ(answer.field("etag"), "\"e\"");
  EXPECT_EQ(client.ask(at.ask_for("/other")).body, at.body);
  const auto requests = at.server.requests();
  ASSERT_THAT(requests, SizeIs(2));
  EXPECT_EQ(requests[0].first_line(), "GET /pool/a.deb?x=1 HTTP/1.1");
  EXPECT_EQ(requests[0].field("host"), fmt::format("127.0.0.1:{}", at.server.port()));
  EXPECT_EQ(at.server.connections(), 1) << "the connection is kept";
  const auto exchanges = at.proxy->transfers().exchanges;
  ASSERT_THAT(exchanges, SizeIs(2));
  EXPECT_EQ(exchanges[0].target.path, at.url("/pool/a.deb?x=1"));
  EXPECT_EQ(exchanges[0].status, 200);
  EXPECT_EQ(exchanges[0].bytes_down, at.body.size());
  EXPECT_TRUE(exchanges[0].first_byte);
  EXPECT_FALSE(exchanges[0].cut);
}

TEST(FetchProxy, AsksForTheHeadAlone) {
  Fetching at;
  RawClient client = at.client();
  const RawMessage answer = client.ask(at.ask_for("/a", "HEAD"), true);
  EXPECT_THAT(answer.first_line(), HasSubstr("200"));
  EXPECT_EQ(client.ask(at.ask_for("/a")).body, at.body);
}

TEST(FetchProxy, PassesAChunkedBodyOn) {
  Fetching at;
  at.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
  RawClient client = at.client();
  EXPECT_EQ(client.ask(at.ask_for("/a")).body, "hello world");
  EXPECT_EQ(client.ask(at.ask_for("/b")).body, "hello world");
}

TEST(FetchProxy, SaysSoWhereNobodyAnswers) {
  Fetching at;
  RawServer gone([](const RawMessage&) { return RawAnswer{"", true}; });
  RawClient client = at.client();
  const RawMessage answer = client.ask(
      fmt::format("GET /buildlab-through/http/127.0.0.1:{}/a HTTP/1.1\r\nHost: x\r\n\r\n", gone.port()));
  EXPECT_THAT(answer.first_line(), HasSubstr("502"));
  const auto exchanges = at.proxy->transfers().exchanges;
  ASSERT_THAT(exchanges, SizeIs(1));
  EXPECT_TRUE(failed(exchanges[0]));
}

TEST(FetchProxy, RefusesWhatIsNoRequestOfItsOwn) {
  for (const char* request :
       {"GET http://host/a HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
        "CONNECT host:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /buildlab-through/http/127.0.0.1:9/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"}) {
    Fetching at;
    RawClient client = at.client();
    EXPECT_THAT(client.ask(request).first_line(), HasSubstr("400")) << request;
    EXPECT_THAT(at.server.requests(), IsEmpty());
    EXPECT_THAT(at.proxy->transfers().exchanges, IsEmpty());
  }
}

TEST(FetchProxy, MakesTheFaultsOfThatBuildOnly) {
  const auto first_answer = [](std::optional<int> build) {
    Fetching at({"fetch status status=503 build=2 times=1", "pull gone"}, build);
    RawClient client = at.client();
    return client.ask(at.ask_for("/a")).first_line();
  };
  EXPECT_THAT(first_answer(1), HasSubstr("200"));
  EXPECT_THAT(first_answer(std::nullopt), HasSubstr("200"));
  EXPECT_THAT(first_answer(2), HasSubstr("503"));
}

TEST(FetchProxy, CutsAndTears) {
  Fetching cut({"fetch cut after_bytes=1000"});
  RawClient client = cut.client();
  EXPECT_FALSE(client.ask(cut.ask_for("/a")).complete);
  EXPECT_EQ(cut.proxy->transfers().exchanges.at(0).bytes_down, 1000U);
  Fetching torn({"fetch refused times=1"});
  RawClient other = torn.client();
  EXPECT_EQ(other.ask(torn.ask_for("/a")).head, "");
  RawClient again = torn.client();
  EXPECT_EQ(again.ask(torn.ask_for("/a")).body, torn.body);
  const Transfers seen = torn.proxy->transfers();
  EXPECT_EQ(account(seen.exchanges, seen.described).retries, 1);
}

}  // namespace
}  // namespace buildlab::network
