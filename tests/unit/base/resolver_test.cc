#include "framework/base/resolver.h"

#include <gtest/gtest.h>

namespace buildlab {
namespace {

using Words = std::vector<std::string>;

TEST(Resolver, ReadsServersSearchAndOptions) {
  const ResolverSettings resolver = parse_resolver(
      "# by hand\n; also\nnameserver 10.0.0.1\nnameserver\tfe80::1%eth0 trailing\r\n"
      "domain first.example second.example\nsearch a.example b.example\noptions ndots:2 timeout:1\n"
      "options rotate\nsortlist 10.0.0.0\n");
  EXPECT_EQ(resolver.servers, (Words{"10.0.0.1", "fe80::1%eth0"}));
  EXPECT_EQ(resolver.search, (Words{"a.example", "b.example"}));
  EXPECT_EQ(resolver.options, (Words{"ndots:2", "timeout:1", "rotate"}));
  EXPECT_EQ(parse_resolver("search a b\ndomain c d").search, Words{"c"}) << "the last one counts";
}

TEST(Resolver, PassesOverWhatIsNone) {
  EXPECT_EQ(parse_resolver(""), ResolverSettings{});
  EXPECT_EQ(parse_resolver("nameserver\nnameserver not-an-address\nnameserver 10.0.0.256\nsearch\n \n"),
            ResolverSettings{});
  EXPECT_EQ(parse_resolver("nameserver 1.1.1.1\nnameserver 2.2.2.2\nnameserver 3.3.3.3\nnameserver 4.4.4.4")
                .servers.size(),
            3U);
  using namespace std::string_literals;
  EXPECT_EQ(parse_resolver("nameserver 10.0.0.1\0x\nnameserver ::1\0\n"s), ResolverSettings{});
  std::string many = "search";
  for (int i = 0; i < 1000; ++i) many += " x";
  EXPECT_EQ(parse_resolver(many).search.size(), 32U);
}

TEST(Resolver, IsReadAsItWasWritten) {
  const ResolverSettings resolver{{"10.0.0.1", "::1"}, {"a.example"}, {"ndots:2", "rotate"}};
  EXPECT_EQ(resolver_text(resolver),
            "nameserver 10.0.0.1\nnameserver ::1\nsearch a.example\noptions ndots:2 rotate\n");
  EXPECT_EQ(parse_resolver(resolver_text(resolver)), resolver);
  EXPECT_EQ(resolver_text({}), "");
}

}  // namespace
}  // namespace buildlab
