#include "framework/network/name_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <algorithm>
#include <cerrno>
#include <thread>

#include "framework/base/file.h"
#include "tests/unit/network/name_question.h"
#include "tests/unit/network/raw_sockets.h"

namespace buildlab::network {
namespace {

using ::testing::EndsWith;
using testing::name_question;
using ::testing::StartsWith;

sockaddr_in socket_place(const std::string& address, std::uint16_t port) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  EXPECT_EQ(::inet_pton(AF_INET, address.c_str(), &place.sin_addr), 1);
  return place;
}

// Names on any port, so that no rights are needed, before a proxy's port.
class Names {
 public:
  explicit Names(std::initializer_list<const char*> faults, bool imported = false) {
    for (const char* text : faults) m_plan.faults.push_back(fault::parse_fault(text).value());
    m_plan.build = 1;
    m_plan.proxy_port = m_proxy.port();
    m_plan.imported = [imported] { return imported; };
    m_plan.port = 0;
    m_server = std::move(NameServer::start(m_plan).value());
  }
  explicit Names(const NamePlan& plan) : m_plan(plan) {
    m_plan.proxy_port = m_proxy.port();
    m_server = std::move(NameServer::start(m_plan).value());
  }

  NameServer& server() { return *m_server; }
  std::uint16_t proxy_port() const { return m_proxy.port(); }

  // What is answered to the packet; waits for it.
  std::string ask(const std::string& packet) const {
    const Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const sockaddr_in place = socket_place(m_server->address(), m_server->port());
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place), 0);
    EXPECT_GT(::send(fd.get(), packet.data(), packet.size(), 0), 0);
    char answer[512];
    const ssize_t got = ::recv(fd.get(), answer, sizeof answer, 0);
    return {answer, static_cast<std::size_t>(std::max<ssize_t>(0, got))};
  }
  // The address that a host is said to have, as its four bytes; "" for none.
  std::string address_of(const char* host) const {
    const std::string question = name_question(host);
    const std::string answer = ask(question);
    return answer.size() > question.size() ? answer.substr(answer.size() - 4) : "";
  }

 private:
  testing::RawServer m_proxy{[](const testing::RawMessage&) { return testing::RawAnswer{}; }};
  NamePlan m_plan;
  std::unique_ptr<NameServer> m_server;
};

const std::string k_loopback("\x7f\0\0\x01", 4);

TEST(NameServer, LeadsBothNamesToTheProxy) {
  Names names({});
  EXPECT_THAT(names.server().address(), StartsWith("127.53."));
  EXPECT_EQ(names.address_of(k_import_host), k_loopback);
  EXPECT_EQ(names.address_of(k_export_host), k_loopback);
  EXPECT_EQ(names.server().disturbed(), 0);
  const std::string other_kind = name_question(k_import_host, 28);
  EXPECT_EQ(names.ask(other_kind).size(), other_kind.size()) << "no address of version 6";
}

TEST(NameServer, LeadsAstrayAtTheFaultsPlace) {
  Names before({"pull no_route", "export unresolved times=1"});
  EXPECT_EQ(before.address_of(k_import_host), k_loopback) << "the import is not over";
  EXPECT_EQ(before.ask(name_question(k_export_host, 28))[3] & 0x0f, 2) << "of the other version too";
  EXPECT_EQ(before.ask(name_question(k_export_host))[3] & 0x0f, 2) << "server failure";
  EXPECT_EQ(before.address_of(k_export_host), k_loopback) << "once only";
  EXPECT_EQ(before.server().disturbed(), 1);
  Names after({"pull no_route"}, true);
  EXPECT_EQ(after.address_of(k_import_host), std::string("\xe0\0\0\x01", 4));
}

TEST(NameServer, AnswersAllTheSameAfterADelay) {
  Names names({"import slow_dns delay_ms=20"});
  EXPECT_EQ(names.address_of(k_import_host), k_loopback);
  EXPECT_EQ(names.server().disturbed(), 1);
}

TEST(NameServer, AnUnreachableHostNeitherAnswersNorRefuses) {
  Names names({"import unreachable"});
  in_addr given{};
  ASSERT_EQ(::inet_pton(AF_INET, names.server().address().c_str(), &given), 1);
  EXPECT_EQ(names.address_of(k_import_host), std::string(reinterpret_cast<const char*>(&given), 4));
  const sockaddr_in place = socket_place(names.server().address(), names.proxy_port());
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place), -1);
  EXPECT_EQ(errno, EINPROGRESS);
  // A port that is open or closed tells so at once.
  pollfd polled{fd.get(), POLLOUT, 0};
  EXPECT_EQ(::poll(&polled, 1, 100), 0);
}

TEST(NameServer, PassesOtherQuestionsOnToTheFirstServerThatAnswers) {
  const Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in place = socket_place("127.0.0.1", 0);
  socklen_t size = sizeof place;
  ASSERT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&place), size), 0);
  ASSERT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&place), &size), 0);
  std::thread machines([&] {
    char packet[512];
    sockaddr_in client{};
    socklen_t client_size = sizeof client;
    const ssize_t got =
        ::recvfrom(fd.get(), packet, sizeof packet, 0, reinterpret_cast<sockaddr*>(&client), &client_size);
    packet[2] = static_cast<char>(0x81);
    ::sendto(fd.get(), packet, static_cast<std::size_t>(std::max<ssize_t>(0, got)), 0,
             reinterpret_cast<const sockaddr*>(&client), client_size);
  });
  NamePlan plan;
  plan.port = 0;
  plan.servers = {"not-an-address", "127.0.0.77", "127.0.0.1"};  // nobody is at the second
  plan.servers_port = ntohs(place.sin_port);
  Names names(plan);
  std::string question = name_question("elsewhere.test");
  const std::string answer = names.ask(question);
  machines.join();
  question[2] = static_cast<char>(0x81);
  EXPECT_EQ(answer, question);
}

TEST(NameServer, SaysThatItFailedWhereNoServerAnswersAQuestion) {
  const std::string question = name_question("elsewhere.test");
  NamePlan without;
  without.port = 0;
  Names alone(without);
  const std::string answer = alone.ask(question);
  EXPECT_EQ(answer.size(), question.size());
  EXPECT_EQ(answer[3] & 0x0f, 2) << "server failure";
  NamePlan refused = without;
  refused.servers = {"127.0.0.77", "127.0.0.78"};  // nobody is there
  refused.servers_port = 9;
  EXPECT_EQ(Names(refused).ask(question), answer);
}

TEST(NameServer, HearsNothingOfWhatIsNoQuestionAndEndsWithAnswersUnderWay) {
  Names names({"import slow_dns delay_ms=3600000"});
  const Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const sockaddr_in place = socket_place(names.server().address(), names.server().port());
  for (const std::string& packet : {std::string("?"), std::string(2000, '\xff'), name_question(k_import_host),
                                    name_question("elsewhere.test")}) {
    EXPECT_GT(::sendto(fd.get(), packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&place),
                       sizeof place),
              0);
  }
  EXPECT_EQ(names.address_of(k_export_host), k_loopback) << "it still answers";
}

TEST(NameServer, SaysWhatToDoWhereItsPortIsNotToBeHad) {
  const Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in place = socket_place("0.0.0.0", 0);
  socklen_t size = sizeof place;
  ASSERT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&place), size), 0);
  ASSERT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&place), &size), 0);
  NamePlan plan;
  plan.port = ntohs(place.sin_port);
  const auto server = NameServer::start(plan);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(server.error().message, EndsWith("Address already in use"));
}

}  // namespace
}  // namespace buildlab::network
