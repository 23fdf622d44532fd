// The server that RUN steps fetch through, as a client and the servers behind it see it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <array>
#include <cstdlib>
#include <future>
#include <list>

#include "framework/network/proxy.h"
#include "tests/unit/network/raw_sockets.h"

namespace buildlab::network {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
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
    return fmt::format("{} {}/buildlab-through/http/127.0.0.1:{}{} HTTP/1.1\r\nHost: x\r\n\r\n", method,
                       proxy->entrance(), server.port(), path);
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
  const RawMessage answer =
      client.ask(fmt::format("GET {}/buildlab-through/http/127.0.0.1:{}/a HTTP/1.1\r\nHost: x\r\n\r\n",
                             at.proxy->entrance(), gone.port()));
  EXPECT_THAT(answer.first_line(), HasSubstr("502"));
  const auto exchanges = at.proxy->transfers().exchanges;
  ASSERT_THAT(exchanges, SizeIs(1));
  EXPECT_TRUE(failed(exchanges[0]));
}

TEST(FetchProxy, RefusesWhatIsNoRequestOfItsOwn) {
  for (const char* request :
       {"GET http://host/a HTTP/1.1\r\nHost: x\r\n\r\n", "GET {}/a HTTP/1.1\r\nHost: x\r\n\r\n",
        "CONNECT host:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST {}/buildlab-through/http/127.0.0.1:9/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"}) {
    Fetching at;
    RawClient client = at.client();
    const std::string asked = fmt::format(fmt::runtime(request), at.proxy->entrance());
    EXPECT_THAT(client.ask(asked).first_line(), HasSubstr("400")) << asked;
    EXPECT_THAT(at.server.requests(), IsEmpty());
    EXPECT_THAT(at.proxy->transfers().exchanges, IsEmpty());
  }
}

TEST(FetchProxy, ServesOnlyWhoKnowsItsEntrance) {
  Fetching at;
  const Fetching other;
  EXPECT_THAT(at.proxy->entrance(), MatchesRegex("/[0-9a-f]{32}"));
  for (const std::string& entrance : {std::string(), std::string("/"), other.proxy->entrance()}) {
    RawClient client = at.client();
    EXPECT_THAT(
        client
            .ask(fmt::format("GET {}/buildlab-through/http/127.0.0.1:{}/a HTTP/1.1\r\nHost: x\r\n\r\n",
                             entrance, at.server.port()))
            .first_line(),
        HasSubstr("400"))
        << entrance;
  }
  EXPECT_THAT(at.server.requests(), IsEmpty());
  EXPECT_THAT(at.proxy->transfers().exchanges, IsEmpty());
}

// As BuildKit asks for what ADD names.
std::string ask_for_add(const Fetching& at, std::string_view server, std::string_view path,
                        std::string_view fields = "") {
  return fmt::format(
      "GET {}/buildlab-through/http/{}{} HTTP/1.1\r\nHost: 127.0.0.1:1\r\nUser-Agent: "
      "buildkit/v0.32\r\n{}\r\n",
      at.proxy->entrance(), server, path, fields);
}

TEST(FetchProxy, GivesTheServerTheCredentialsOfTheUrl) {
  Fetching at;
  RawClient client = at.client();
  const std::string server = fmt::format("me:p%40ss@127.0.0.1:{}", at.server.port());
  EXPECT_EQ(client.ask(ask_for_add(at, server, "/a")).body, at.body);
  EXPECT_EQ(client.ask(ask_for_add(at, server, "/a", "Authorization: Bearer own\r\n")).body, at.body);
  const auto requests = at.server.requests();
  ASSERT_THAT(requests, SizeIs(2));
  EXPECT_EQ(requests[0].field("authorization"), "Basic bWU6cEBzcw==");
  EXPECT_EQ(requests[1].field("authorization"), "Bearer own");
  EXPECT_EQ(requests[0].field("host"), fmt::format("127.0.0.1:{}", at.server.port()));
  const auto exchanges = at.proxy->transfers().exchanges;
  ASSERT_THAT(exchanges, SizeIs(2));
  EXPECT_EQ(exchanges[0].target.path, at.url("/a")) << "and tells nobody of them";
  EXPECT_TRUE(exchanges[0].by_builder);
}

TEST(FetchProxy, LeadsARedirectedAddThroughItselfAgain) {
  Fetching at;
  const std::string other = "http://elsewhere.example/b?c=d";
  at.answer = ok("", fmt::format("Location: {}\r\n", other));
  at.answer.replace(0, at.answer.find("\r\n"), "HTTP/1.1 302 Found");
  RawClient client = at.client();
  const std::string server = fmt::format("127.0.0.1:{}", at.server.port());
  EXPECT_EQ(client.ask(ask_for_add(at, server, "/a")).field("location"),
            at.proxy->entrance() + "/buildlab-through/http/elsewhere.example/b?c=d");
  EXPECT_EQ(client.ask(at.ask_for("/a")).field("location"), other)
      << "a RUN step's program sees the server's own";
  at.answer.replace(at.answer.find(other), other.size(), "../up");
  EXPECT_EQ(client.ask(ask_for_add(at, server, "/x/y/z")).field("location"),
            fmt::format("{}/buildlab-through/http/{}/x/up", at.proxy->entrance(), server));
  const auto exchanges = at.proxy->transfers().exchanges;
  ASSERT_THAT(exchanges, SizeIs(3));
  EXPECT_EQ(exchanges[0].leads_to, other);
  EXPECT_EQ(exchanges[1].leads_to, "");
  EXPECT_FALSE(exchanges[1].by_builder);
  EXPECT_EQ(exchanges[2].leads_to, at.url("/x/up"));
}

TEST(FetchProxy, LeavesALocationThatItCannotLeadThroughAsItIs) {
  Fetching at;
  at.answer = ok("", "Location: ftp://elsewhere.example/b\r\n");
  at.answer.replace(0, at.answer.find("\r\n"), "HTTP/1.1 301 Moved");
  RawClient client = at.client();
  const std::string server = fmt::format("127.0.0.1:{}", at.server.port());
  EXPECT_EQ(client.ask(ask_for_add(at, server, "/a")).field("location"), "ftp://elsewhere.example/b");
  const std::string far = "http://" + std::string(200, 'h') + "/" + std::string(40'000, 'a');
  at.answer = ok("", fmt::format("Location: {}\r\n", far));
  at.answer.replace(0, at.answer.find("\r\n"), "HTTP/1.1 301 Moved");
  EXPECT_EQ(client.ask(ask_for_add(at, server, "/a")).field("location"), far);
}

TEST(FetchProxy, TellsTheNextServerOfTheOneBeforeAndNoneOfItsSecrets) {
  Fetching at;
  RawClient client = at.client();
  const std::string server = fmt::format("127.0.0.1:{}", at.server.port());
  const std::string secrets = "Authorization: Basic old\r\nCookie: a=b\r\n";
  client.ask(ask_for_add(
      at, server, "/b",
      secrets + "Referer: http://127.0.0.1:1/0a/buildlab-through/http/me:word@first.example/a\r\n"));
  client.ask(ask_for_add(at, server, "/c",
                         secrets + "Referer: http://127.0.0.1:1/buildlab-through/https/first.example/a\r\n"));
  client.ask(ask_for_add(at, server, "/d", secrets));
  const auto requests = at.server.requests();
  ASSERT_THAT(requests, SizeIs(3));
  EXPECT_EQ(requests[0].field("referer"), "http://first.example/a");
  EXPECT_EQ(requests[0].field("authorization"), "");
  EXPECT_EQ(requests[0].field("cookie"), "");
  EXPECT_EQ(requests[1].field("referer"), "") << "of what was encrypted nothing is told without encryption";
  EXPECT_EQ(requests[1].field("authorization"), "");
  EXPECT_EQ(requests[2].field("authorization"), "Basic old");
}

// An environment that names the proxy for everything but loopback.
class Behind {
 public:
  explicit Behind(std::uint16_t port, std::string_view credentials = "")
      : Behind(fmt::format("http://{}127.0.0.1:{}", credentials, port)) {}
  explicit Behind(const std::string& proxy) {
    for (const char* name : k_names) ::setenv(name, proxy.c_str(), 1);
    ::setenv("NO_PROXY", "127.0.0.0/8", 1);
  }
  ~Behind() {
    for (const char* name : k_names) ::unsetenv(name);
    ::unsetenv("NO_PROXY");
  }
  Behind(const Behind&) = delete;
  Behind& operator=(const Behind&) = delete;
  Behind(Behind&&) = delete;
  Behind& operator=(Behind&&) = delete;

 private:
  static constexpr std::array k_names{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"};
};

std::string ask_for_url(const Fetching& at, std::string_view scheme, std::string_view rest) {
  return fmt::format("GET {}/buildlab-through/{}/{} HTTP/1.1\r\nHost: x\r\n\r\n", at.proxy->entrance(),
                     scheme, rest);
}

TEST(FetchProxy, AsksTheMachinesProxyForAServerFarAway) {
  Fetching at;
  const Behind behind(at.server.port(), "me:word@");
  RawClient client = at.client();
  EXPECT_EQ(client.ask(ask_for_url(at, "http", "far.example/a?b")).body, at.body);
  EXPECT_EQ(client.ask(ask_for_url(at, "http", "other.example:8080/")).body, at.body);
  const auto requests = at.server.requests();
  ASSERT_THAT(requests, SizeIs(2));
  EXPECT_EQ(requests[0].first_line(), "GET http://far.example/a?b HTTP/1.1");
  EXPECT_EQ(requests[0].field("host"), "far.example");
  EXPECT_EQ(requests[0].field("proxy-authorization"), "Basic bWU6d29yZA==");
  EXPECT_EQ(requests[1].first_line(), "GET http://other.example:8080/ HTTP/1.1");
  EXPECT_EQ(at.proxy->transfers().exchanges.at(0).target.path, "http://far.example/a?b");
}

TEST(FetchProxy, AnswersThatAProxyCannotBeSpokenTo) {
  Fetching at;
  const Behind behind("socks5://me:word@127.0.0.1:" + std::to_string(at.server.port()));
  RawClient client = at.client();
  const RawMessage answer = client.ask(ask_for_url(at, "http", "far.example/a"));
  EXPECT_THAT(answer.first_line(), HasSubstr("502"));
  EXPECT_THAT(answer.body, AllOf(HasSubstr("HTTP_PROXY"), HasSubstr("socks5"), Not(HasSubstr("word"))));
  EXPECT_THAT(at.server.requests(), IsEmpty()) << "nor is the server asked without it";
}

TEST(FetchProxy, GoesStraightToWhatIsExceptedFromTheProxy) {
  RawServer nobody([](const RawMessage&) { return RawAnswer{"", true}; });
  Fetching at;
  const Behind behind(nobody.port());
  RawClient client = at.client();
  EXPECT_EQ(client.ask(at.ask_for("/a")).body, at.body);
  EXPECT_EQ(at.server.requests().at(0).first_line(), "GET /a HTTP/1.1");
  EXPECT_THAT(nobody.requests(), IsEmpty());
}

TEST(FetchProxy, AsksTheMachinesProxyForAWayToAnEncryptedServer) {
  RawServer refusing([](const RawMessage&) {
    return RawAnswer{"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", true};
  });
  Fetching at;
  const Behind behind(refusing.port(), "me:word@");
  RawClient client = at.client();
  EXPECT_THAT(client.ask(ask_for_url(at, "https", "far.example/a")).first_line(), HasSubstr("502"));
  const auto requests = refusing.requests();
  ASSERT_THAT(requests, SizeIs(1));
  EXPECT_EQ(requests[0].first_line(), "CONNECT far.example:443 HTTP/1.1");
  EXPECT_EQ(requests[0].field("proxy-authorization"), "Basic bWU6d29yZA==");
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

// So many descriptors as this test program may open.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t count) {
    ::getrlimit(RLIMIT_NOFILE, &m_before);
    rlimit few = m_before;
    few.rlim_cur = count;
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &m_before); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;
  FewDescriptors(FewDescriptors&&) = delete;
  FewDescriptors& operator=(FewDescriptors&&) = delete;

 private:
  rlimit m_before{};
};

TEST(FetchProxy, ServesMoreClientsThanItHasDescriptorsForOneAfterTheOther) {
  const FewDescriptors few(256);
  Fetching at;
  std::list<RawClient> clients;
  for (int i = 0; i < 60; ++i) clients.emplace_back(testing::port_of(at.proxy->endpoint()));
  // All are connected, and have asked, before the first answer is read; none of them goes before the end.
  for (RawClient& client : clients) client.send(at.ask_for("/a"));
  for (RawClient& client : clients) EXPECT_EQ(client.read().body, at.body);
  const Transfers seen = at.proxy->transfers();
  EXPECT_THAT(seen.exchanges, SizeIs(60));
  EXPECT_EQ(seen.turned_away, 0U);
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
