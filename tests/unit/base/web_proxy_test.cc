#include "framework/base/web_proxy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <cstdlib>
#include <map>

namespace buildlab {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// The variables as a test wants them, and as they were afterwards.
class Proxies {
 public:
  explicit Proxies(const std::map<std::string, std::string>& wanted) {
    for (const char* name :
         {"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"}) {
      if (const char* value = std::getenv(name)) m_before[name] = value;
      ::unsetenv(name);
    }
    for (const auto& [name, value] : wanted) ::setenv(name.c_str(), value.c_str(), 1);
    for (const auto& each : wanted) m_set.push_back(each.first);
  }
  ~Proxies() {
    for (const std::string& name : m_set) ::unsetenv(name.c_str());
    for (const auto& [name, value] : m_before) ::setenv(name.c_str(), value.c_str(), 1);
  }
  Proxies(const Proxies&) = delete;
  Proxies& operator=(const Proxies&) = delete;
  Proxies(Proxies&&) = delete;
  Proxies& operator=(Proxies&&) = delete;

 private:
  std::map<std::string, std::string> m_before;
  std::vector<std::string> m_set;
};

// Of an environment that names what can be used.
std::optional<Endpoint> chosen(bool tls, const std::string& host, const std::string& port) {
  return proxy_for(tls, host, port).value();
}

TEST(Endpoint, IsReadFromHostsUrlsAndProxies) {
  EXPECT_EQ(parse_endpoint("host:5", "443"), (Endpoint{"host", "5"}));
  EXPECT_EQ(parse_endpoint("host", "443"), (Endpoint{"host", "443"}));
  EXPECT_EQ(parse_endpoint("http://u:p@proxy:3128/x", "80"), (Endpoint{"proxy", "3128", "u:p"}));
  EXPECT_EQ(parse_endpoint("http://u%40x:p%2Fq%@proxy", "80"), (Endpoint{"proxy", "80", "u@x:p/q%"}));
  EXPECT_EQ(parse_endpoint("[::1]:80", "443"), (Endpoint{"::1", "80"}));
  EXPECT_EQ(parse_endpoint("[::1]", "443"), (Endpoint{"::1", "443"}));
  for (const char* text : {"", ":80", "host:", "host:http", "host:1234567", "[::1", "http://"}) {
    EXPECT_FALSE(parse_endpoint(text, "443")) << text;
  }
}

TEST(NoProxy, NamesHostsDomainsOrAll) {
  EXPECT_TRUE(bypasses_proxy("registry-1.docker.io", "localhost, .docker.io"));
  EXPECT_TRUE(bypasses_proxy("registry-1.docker.io", "docker.io"));
  EXPECT_TRUE(bypasses_proxy("registry-1.docker.io", "*"));
  EXPECT_TRUE(bypasses_proxy("Registry-1.docker.io", "a, *.Docker.io"));
  EXPECT_FALSE(bypasses_proxy("registry-1.docker.io", "ker.io,localhost,,."));
  EXPECT_FALSE(bypasses_proxy("registry-1.docker.io", ""));
}

TEST(NoProxy, NamesOnePortOfAHost) {
  EXPECT_TRUE(bypasses_proxy("a.org", "b.org, .a.org:8080", "8080"));
  EXPECT_TRUE(bypasses_proxy("x.a.org", "a.org:8080", "8080"));
  EXPECT_FALSE(bypasses_proxy("a.org", "a.org:8080", "80"));
  EXPECT_FALSE(bypasses_proxy("a.org", "a.org:8080"));
  EXPECT_TRUE(bypasses_proxy("fd00::7", "[fd00::7]:8080", "8080"));
  EXPECT_FALSE(bypasses_proxy("fd00::7", "[fd00::7]:8080", "80"));
  EXPECT_TRUE(bypasses_proxy("fd00::7", "fd00::7", "80")) << "its colons are no port's";
  for (const char* entry : {":8080", "[", "[]:8080", "]:8080", "a.org:", "a.org:x"}) {
    EXPECT_FALSE(bypasses_proxy("a.org", entry, "8080")) << entry;
  }
}

TEST(NoProxy, NamesRangesOfAddresses) {
  EXPECT_TRUE(bypasses_proxy("10.1.2.3", "example.org, 10.0.0.0/8"));
  EXPECT_TRUE(bypasses_proxy("fd00::7", "fd00::/8"));
  EXPECT_TRUE(bypasses_proxy("10.1.2.3", "0.0.0.0/0"));
  EXPECT_FALSE(bypasses_proxy("11.1.2.3", "10.0.0.0/8"));
  EXPECT_FALSE(bypasses_proxy("10.1.2.3", "10.1.2.2/32"));
  for (const char* range :
       {"10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "/8", "fd00::/8", "x/8"}) {
    EXPECT_FALSE(bypasses_proxy("10.1.2.3", range)) << range;
  }
}

TEST(WebProxy, IsThatOfTheSchemeUnlessTheHostIsExcepted) {
  const Proxies proxies({{"HTTP_PROXY", "http://plain:3128"},
                         {"https_proxy", "http://me:word@secure"},
                         {"NO_PROXY", "near.example, mirror.example:8443"}});
  EXPECT_EQ(chosen(false, "far.example", "80"), (Endpoint{"plain", "3128"}));
  EXPECT_EQ(chosen(true, "far.example", "443"), (Endpoint{"secure", "80", "me:word"}));
  EXPECT_EQ(chosen(true, "a.near.example", "443"), std::nullopt);
  EXPECT_EQ(chosen(true, "mirror.example", "8443"), std::nullopt);
  EXPECT_NE(chosen(true, "mirror.example", "443"), std::nullopt);
  for (const char* here : {"localhost", "127.0.0.1", "127.8.9.1", "::1"}) {
    EXPECT_EQ(chosen(false, here, "80"), std::nullopt) << here;
  }
}

TEST(WebProxy, IsNoneWhereTheEnvironmentNamesNone) {
  const Proxies proxies({});
  EXPECT_EQ(chosen(true, "far.example", "443"), std::nullopt);
  EXPECT_EQ(chosen(false, "far.example", "80"), std::nullopt);
}

std::string refusal_of(const std::string& proxy) {
  const Proxies proxies({{"https_proxy", proxy}});
  const auto proxy_or_error = proxy_for(true, "far.example", "443");
  if (proxy_or_error) return "";
  return proxy_or_error.error().message + " " + proxy_or_error.error().details.at(0);
}

TEST(WebProxy, ThatCannotBeSpokenToIsAnErrorAndNotLeftOut) {
  EXPECT_EQ(refusal_of("HTTP://proxy:3128"), "");
  EXPECT_EQ(refusal_of("proxy"), "");
  EXPECT_THAT(refusal_of("https://me:word@proxy:3128"),
              AllOf(HasSubstr("https_proxy"), HasSubstr("by https,"), HasSubstr("http://HOST:PORT"),
                    Not(HasSubstr("word"))));
  EXPECT_THAT(refusal_of("socks5h://proxy:1080"), HasSubstr("by socks5h,"));
  EXPECT_THAT(refusal_of("word://proxy"), AllOf(HasSubstr("by something else,"), Not(HasSubstr("word"))));
  EXPECT_THAT(refusal_of("http://me:word@proxy:port"),
              AllOf(HasSubstr("https_proxy is no address"), Not(HasSubstr("word"))));
}

TEST(WebProxy, ThatIsNotUsedNeedsNotBeKnown) {
  const Proxies proxies({{"https_proxy", "socks5://proxy"}, {"NO_PROXY", "near.example"}});
  EXPECT_EQ(chosen(true, "near.example", "443"), std::nullopt);
  EXPECT_EQ(chosen(true, "localhost", "443"), std::nullopt);
  EXPECT_EQ(chosen(false, "far.example", "80"), std::nullopt) << "that of the other scheme";
}

TEST(WebProxy, IsAskedForAWayToTheServer) {
  EXPECT_EQ(connect_request({"host", "443"}, {"proxy", "80"}),
            "CONNECT host:443 HTTP/1.1\r\nHost: host:443\r\n\r\n");
  EXPECT_EQ(connect_request({"::1", "8443"}, {"proxy", "80", "u:p"}),
            "CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\nProxy-Authorization: Basic dTpw\r\n\r\n");
}

}  // namespace
}  // namespace buildlab
