// Each fault as the client sees it. No time is measured: what is slow is only told from what is lost.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/network/proxy.h"
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

const std::string k_blob_digest = digest('a');
const std::string k_pull = "GET /v2/a/blobs/" + k_blob_digest + " HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string k_import = "GET /v2/a/manifests/primed HTTP/1.1\r\nHost: x\r\n\r\n";

std::string upload(const std::string& body) {
  return fmt::format(
      "PUT /v2/a/blobs/uploads/u?digest={} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}",
      k_blob_digest, body.size(), body);
}

// A registry that gives and takes `blob`, with a proxy that makes one fault before it.
struct Disturbing {
  explicit Disturbing(const char* text)
      : server([this](const RawMessage& request) {
          return RawAnswer{request.head.starts_with("GET") ? ok(blob) : ok("")};
        }) {
    Plan plan;
    plan.faults.push_back(fault::parse_fault(text).value());
    plan.import_reference = "primed";
    proxy = std::move(Proxy::start({"127.0.0.1", server.port()}, plan).value());
  }
  RawClient client() const { return RawClient(testing::port_of(proxy->endpoint())); }

  std::string blob = std::string(50'000, 'b') + std::string(50'000, 'c');
  RawServer server;
  std::unique_ptr<Proxy> proxy;
};

TEST(ProxyFaults, AnswersInPlaceOfTheUpstream) {
  for (const auto& [text, line] : std::vector<std::pair<const char*, const char*>>{
           {"pull status status=503", "503"}, {"pull gone", "404"}, {"pull unauthorized", "401"}}) {
    Disturbing at(text);
    RawClient client = at.client();
    const RawMessage answer = client.ask(k_pull);
    EXPECT_THAT(answer.first_line(), HasSubstr(line)) << text;
    EXPECT_THAT(answer.body, HasSubstr("\"errors\"")) << text;
    EXPECT_EQ(client.ask(k_import).body, at.blob) << text << ": elsewhere nothing is disturbed";
    const auto exchanges = at.proxy->transfers().exchanges;
    ASSERT_THAT(exchanges, SizeIs(2));
    EXPECT_TRUE(exchanges[0].disturbed);
    EXPECT_FALSE(exchanges[0].cut);
    EXPECT_FALSE(exchanges[1].disturbed);
    EXPECT_THAT(at.server.requests(), SizeIs(1)) << text;
  }
}

TEST(ProxyFaults, TellsWhenToAskAgainAndGivesWayAfterSoManyTimes) {
  Disturbing at("pull too_many_requests retry_after_sec=7 times=1");
  RawClient client = at.client();
  const RawMessage refused = client.ask(k_pull);
  EXPECT_THAT(refused.first_line(), HasSubstr("429"));
  EXPECT_EQ(refused.field("retry-after"), "7");
  EXPECT_EQ(client.ask(k_pull).body, at.blob);
  const Transfers seen = at.proxy->transfers();
  EXPECT_EQ(account(seen.exchanges, seen.described).retries, 1);
}

TEST(ProxyFaults, AnAnswerComesAfterTheRequestsBodyWasTaken) {
  Disturbing at("export status status=500");
  RawClient client = at.client();
  EXPECT_THAT(client.ask(upload(at.blob)).first_line(), HasSubstr("500"));
  EXPECT_EQ(client.ask(k_pull).body, at.blob);
  EXPECT_EQ(at.proxy->transfers().exchanges[0].bytes_up, at.blob.size());
}

TEST(ProxyFaults, RefusedIsAConnectionThatIsTorn) {
  Disturbing at("import refused");
  RawClient client = at.client();
  EXPECT_EQ(client.ask(k_import).head, "");
  EXPECT_THAT(at.server.requests(), IsEmpty());
  const auto exchanges = at.proxy->transfers().exchanges;
  ASSERT_THAT(exchanges, SizeIs(1));
  EXPECT_TRUE(exchanges[0].cut);
  EXPECT_FALSE(exchanges[0].status);
  RawClient other = at.client();
  EXPECT_EQ(other.ask(k_pull).body, at.blob);
}

TEST(ProxyFaults, CutsABodyAtItsPlace) {
  Disturbing at("pull cut after_bytes=70001");
  RawClient client = at.client();
  EXPECT_FALSE(client.ask(k_pull).complete);
  const auto exchanges = at.proxy->transfers().exchanges;
  ASSERT_THAT(exchanges, SizeIs(1));
  EXPECT_EQ(exchanges[0].bytes_down, 70'001U);
  EXPECT_TRUE(exchanges[0].cut);
}

TEST(ProxyFaults, CutsInTheMiddleWithoutAPlaceAndNotBeyondTheEnd) {
  Disturbing middle("pull cut");
  RawClient client = middle.client();
  EXPECT_FALSE(client.ask(k_pull).complete);
  EXPECT_EQ(middle.proxy->transfers().exchanges[0].bytes_down, 50'000U);
  Disturbing beyond("pull cut after_bytes=100000");
  RawClient other = beyond.client();
  EXPECT_EQ(other.ask(k_pull).body, beyond.blob);
}

TEST(ProxyFaults, CutsAnUploadForBothSides) {
  Disturbing at("export cut after_bytes=1000");
  RawClient client = at.client();
  EXPECT_FALSE(client.ask(upload(at.blob)).complete);
  const auto exchanges = at.proxy->transfers().exchanges;
  ASSERT_THAT(exchanges, SizeIs(1));
  EXPECT_EQ(exchanges[0].bytes_up, 1000U);
  EXPECT_TRUE(exchanges[0].cut);
  for (const RawMessage& request : at.server.requests()) EXPECT_FALSE(request.complete);
}

TEST(ProxyFaults, CorruptsOneByteOfTheBody) {
  Disturbing at("pull corrupt");
  RawClient client = at.client();
  const RawMessage answer = client.ask(k_pull);
  ASSERT_EQ(answer.body.size(), at.blob.size());
  std::size_t different = 0;
  for (std::size_t i = 0; i < at.blob.size(); ++i) different += answer.body[i] != at.blob[i] ? 1 : 0;
  EXPECT_EQ(different, 1U);
  EXPECT_NE(answer.body[50'000], at.blob[50'000]);
  Disturbing up("export corrupt");
  RawClient sender = up.client();
  sender.ask(upload(up.blob));
  ASSERT_THAT(up.server.requests(), SizeIs(1));
  EXPECT_NE(up.server.requests()[0].body, up.blob);
  EXPECT_EQ(up.server.requests()[0].body.size(), up.blob.size());
}

TEST(ProxyFaults, SlowIsWholeAllTheSame) {
  for (const char* text :
       {"pull latency latency_ms=20 jitter_ms=10", "pull bandwidth bytes_per_sec=2000000"}) {
    Disturbing at(text);
    RawClient client = at.client();
    EXPECT_EQ(client.ask(k_pull).body, at.blob) << text;
    const auto exchanges = at.proxy->transfers().exchanges;
    ASSERT_THAT(exchanges, SizeIs(1));
    EXPECT_TRUE(exchanges[0].disturbed);
    EXPECT_FALSE(exchanges[0].cut);
  }
}

TEST(ProxyFaults, StopDoesNotWaitForADelay) {
  Disturbing at("pull latency latency_ms=3600000");
  RawClient client = at.client();
  client.send(k_pull);
  RawClient other = at.client();
  EXPECT_EQ(other.ask(k_import).body, at.blob);
  at.proxy->stop();
  EXPECT_TRUE(client.sees_the_end());
}

}  // namespace
}  // namespace buildlab::network
