#include "framework/variation/canary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::variation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<Kind> k_all = {Kind::hostname, Kind::environment, Kind::user, Kind::clock};

TEST(CanarySearch, FindsATextHoweverItIsCut) {
  const std::string bytes = "xx\0" + std::string(k_canary_hostname) + "yy";
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    CanarySearch search(k_all);
    for (std::size_t at = 0; at < bytes.size(); at += size)
      search.feed(std::string_view(bytes).substr(at, size));
    EXPECT_THAT(search.found(), ElementsAre(Kind::hostname)) << "pieces of " << size;
  }
}

TEST(CanarySearch, FindsNothingInWhatOnlyBeginsAlike) {
  CanarySearch search(k_all);
  const std::string almost(k_canary_hostname.substr(0, k_canary_hostname.size() - 1));
  search.feed(almost);
  search.feed("X" + almost);
  search.feed("");
  EXPECT_THAT(search.found(), IsEmpty());
}

TEST(CanarySearch, NamesAKindOnceInTheOrderAskedFor) {
  CanarySearch search(k_all);
  search.feed(std::string(k_canary_user) + std::string(k_canary_value) + std::string(k_canary_variable));
  EXPECT_THAT(search.found(), ElementsAre(Kind::environment, Kind::user));
}

TEST(Canaries, AreNoneOfAnothersText) {
  for (const Description& one : catalogue()) {
    for (const Description& other : catalogue()) {
      if (one.kind == other.kind) continue;
      for (const std::string_view text : canaries(one.kind)) {
        for (const std::string_view longer : canaries(other.kind))
          EXPECT_EQ(longer.find(text), std::string_view::npos) << one.name << " in " << other.name;
      }
    }
  }
}

}  // namespace
}  // namespace buildlab::variation
