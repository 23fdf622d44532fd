#include "framework/engine/cache_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(CacheRecords, AreTheIdsOfTheListing) {
  EXPECT_THAT(cache_record_ids(R"([{"id":"b","mutable":true,"size":4096},{"id":"a"}])").value(),
              ElementsAre("a", "b"));
  EXPECT_THAT(cache_record_ids("[]").value(), IsEmpty());
  EXPECT_THAT(cache_record_ids("null").value(), IsEmpty());
}

TEST(CacheRecords, OfAnotherShapeAreAnError) {
  for (const char* listing : {"", "{}", "[1]", R"([{"ID":"a"}])", R"([{"id":1}])", R"([{"id":"a"})"}) {
    EXPECT_FALSE(cache_record_ids(listing)) << listing;
  }
}

TEST(PruneCommands, NameEachRecordAndSplitLongLists) {
  EXPECT_THAT(prune_commands({}), IsEmpty());
  EXPECT_THAT(prune_commands({"a", "b"}),
              ElementsAre(ElementsAre("prune", "--all", "--filter", "id==a", "--filter", "id==b")));
  std::set<std::string> many;
  for (int i = 0; i < 1001; ++i) many.insert(std::to_string(i));
  EXPECT_THAT(prune_commands(many), ElementsAre(SizeIs(2 + 2 * 1000), SizeIs(2 + 2 * 1)));
}

}  // namespace
}  // namespace buildlab::engine
