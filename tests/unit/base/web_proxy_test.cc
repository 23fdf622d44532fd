#include "framework/base/web_proxy.h"

#include <gtest/gtest.h>
#include <cstdlib>
#include <map>

namespace buildlab {
namespace {

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
                         {"NO_PROXY", "near.example"}});
  EXPECT_EQ(proxy_for(false, "far.example"), (Endpoint{"plain", "3128"}));
  EXPECT_EQ(proxy_for(true, "far.example"), (Endpoint{"secure", "80", "me:word"}));
  EXPECT_EQ(proxy_for(true, "a.near.example"), std::nullopt);
  for (const char* here : {"localhost", "127.0.0.1", "127.8.9.1", "::1"}) {
    EXPECT_EQ(proxy_for(false, here), std::nullopt) << here;
  }
}

TEST(WebProxy, IsNoneWhereTheEnvironmentNamesNone) {
  const Proxies proxies({});
  EXPECT_EQ(proxy_for(true, "far.example"), std::nullopt);
  EXPECT_EQ(proxy_for(false, "far.example"), std::nullopt);
}

TEST(WebProxy, IsAskedForAWayToTheServer) {
  EXPECT_EQ(connect_request({"host", "443"}, {"proxy", "80"}),
            "CONNECT host:443 HTTP/1.1\r\nHost: host:443\r\n\r\n");
  EXPECT_EQ(connect_request({"::1", "8443"}, {"proxy", "80", "u:p"}),
            "CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\nProxy-Authorization: Basic dTpw\r\n\r\n");
}

}  // namespace
}  // namespace buildlab
