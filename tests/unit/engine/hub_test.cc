#include "framework/engine/hub.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>
#include <chrono>
#include <thread>

#include "environment.h"
#include "framework/base/file.h"
#include "framework/engine/base_image.h"

namespace buildlab::engine {
namespace {

using namespace std::chrono_literals;

// A listening socket on a free port of the loopback.
struct Listener {
  Fd fd{::socket(AF_INET, SOCK_STREAM, 0)};
  std::string port;

  Listener() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(fd.get(), 4), 0);
    EXPECT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port = std::to_string(ntohs(address.sin_port));
  }
};

// Answers one TLS connection with `answer`, under a certificate that nobody signed but itself.
void serve_tls(int listener, const std::string& answer, bool after_connect) {
  const Fd client(::accept(listener, nullptr, nullptr));
  if (after_connect) {
    std::string request(4096, '\0');
    const ssize_t got = ::recv(client.get(), request.data(), request.size(), 0);
    const bool right = got > 0 && request.starts_with("CONNECT registry.test:443 HTTP/1.1\r\n");
    const std::string_view reply = right ? "HTTP/1.1 200 OK\r\n\r\n" : "HTTP/1.1 400 Bad\r\n\r\n";
    if (::send(client.get(), reply.data(), reply.size(), MSG_NOSIGNAL) < 0) return;
  }
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_use_certificate(context, certificate);
  SSL_CTX_use_PrivateKey(context, key);
  SSL* tls = SSL_new(context);
  SSL_set_fd(tls, client.get());
  if (SSL_accept(tls) == 1) {
    char request[512];
    if (SSL_read(tls, request, sizeof request) > 0)
      SSL_write(tls, answer.data(), static_cast<int>(answer.size()));
    SSL_shutdown(tls);
  }
  SSL_free(tls);
  SSL_CTX_free(context);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

TEST(AnswersHttps, ToAnyHttpAnswerWhateverItSays) {
  const Listener listener;
  std::thread server([&] { serve_tls(listener.fd.get(), "HTTP/1.1 401 Unauthorized\r\n\r\n", false); });
  EXPECT_TRUE(answers_https({"127.0.0.1", listener.port}, std::nullopt, 5s));
  server.join();
}

TEST(AnswersHttps, ThroughAProxyThatWantsCredentials) {
  const Listener listener;
  std::string request;
  std::thread server([&] {
    const Fd client(::accept(listener.fd.get(), nullptr, nullptr));
    char bytes[1024];
    const ssize_t got = ::recv(client.get(), bytes, sizeof bytes, 0);
    if (got > 0) request.assign(bytes, static_cast<std::size_t>(got));
    ::send(client.get(), "HTTP/1.1 407 No\r\n\r\n", 20, MSG_NOSIGNAL);
  });
  EXPECT_FALSE(answers_https({"registry.test", "443"}, Endpoint{"127.0.0.1", listener.port, "u:p"}, 5s));
  server.join();
  EXPECT_NE(request.find("\r\nProxy-Authorization: Basic dTpw\r\n"), std::string::npos) << request;
}

TEST(AnswersHttps, ThroughAProxy) {
  const Listener listener;
  std::thread server([&] { serve_tls(listener.fd.get(), "HTTP/1.1 200 OK\r\n\r\n", true); });
  EXPECT_TRUE(answers_https({"registry.test", "443"}, Endpoint{"127.0.0.1", listener.port}, 5s));
  server.join();
}

TEST(AnswersHttps, NotWhenSomethingElseSpeaks) {
  const Listener listener;
  std::thread server([&] { serve_tls(listener.fd.get(), "SSH-2.0-x", false); });
  EXPECT_FALSE(answers_https({"127.0.0.1", listener.port}, std::nullopt, 5s));
  server.join();
}

TEST(AnswersHttps, NotWhenNobodyListensAndSaysSoAtOnce) {
  std::string port;
  { port = Listener().port; }
  const auto begun = SteadyClock::now();
  EXPECT_FALSE(answers_https({"127.0.0.1", port}, std::nullopt, 3s));
  EXPECT_LT(SteadyClock::now() - begun, 1s);
}

TEST(AnswersHttps, NotBeyondTheLimitWhenThePeerIsSilent) {
  const Listener listener;  // connects, and says nothing
  const auto begun = SteadyClock::now();
  EXPECT_FALSE(answers_https({"127.0.0.1", listener.port}, std::nullopt, 200ms));
  EXPECT_LT(SteadyClock::now() - begun, 2s);
  EXPECT_GE(SteadyClock::now() - begun, 190ms);
}

TEST(DockerHub, IsAskedAtTheProbeWhereOneIsNamed) {
  std::string port;
  { port = Listener().port; }
  const ScopedVariable probe("BUILDLAB_HUB_PROBE", ("127.0.0.1:" + port).c_str());
  EXPECT_FALSE(docker_hub_answers());
}

TEST(ResolveBases, SaysWhatToDoWhenTheHubDoesNotAnswer) {
  const ScopedVariable probe("BUILDLAB_HUB_PROBE", "127.0.0.1:1");
  const auto other = resolve_bases({}, {"python:3.12"}, "", true, nullptr);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::infrastructure);
  EXPECT_NE(other.error().message.find("docker.io/library/python:3.12"), std::string::npos);
  EXPECT_FALSE(other.error().details.empty());
  const auto forbidden = resolve_bases({}, {"debian:bookworm"}, "", false, nullptr);
  ASSERT_FALSE(forbidden);
  EXPECT_NE(forbidden.error().details.back().find("local_base"), std::string::npos);
  const auto foreign = resolve_bases({}, {"debian:bookworm"}, "linux/s390x", true, nullptr);
  ASSERT_FALSE(foreign);
  EXPECT_NE(foreign.error().details.back().find("s390x"), std::string::npos);
}

TEST(ResolveBases, NeedsNobodyForDigestsAndScratch) {
  const ScopedVariable probe("BUILDLAB_HUB_PROBE", "127.0.0.1:1");
  const std::string reference = "debian@sha256:" + std::string(64, 'a');
  const auto bases = resolve_bases({}, {"scratch", reference, reference}, "", false, nullptr);
  ASSERT_TRUE(bases) << bases.error().message;
  ASSERT_EQ(bases->resolved.size(), 1U);
  EXPECT_EQ(bases->resolved.front().digest.hex(), std::string(64, 'a'));
  EXPECT_FALSE(bases->resolved.front().made_locally);
  const auto invalid = resolve_bases({}, {"Not A Name"}, "", false, nullptr);
  ASSERT_FALSE(invalid);
  EXPECT_EQ(invalid.error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace buildlab::engine
