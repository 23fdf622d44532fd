#include "framework/record/transfer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include "framework/record/record_json.h"
#include "tests/support/record_builder.h"

namespace buildlab::record {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Transfer transfer() {
  Transfer made;
  made.requests = 9;
  made.bytes_down = 3200;
  made.bytes_up = 500;
  made.retries = 1;
  made.cut = 1;
  made.faults = 1;
  made.first_byte_sec = 0.004;
  made.blobs = {{testing::digest("layer"), "layer", "down", 3, 2, 2500, 1000, 0.5},
                {testing::digest("config"), "config", "down", 1, 1, 600, 600, 0.1},
                {testing::digest("other"), "", "up", 1, 1, 500, std::nullopt, 0.2}};
  return made;
}

TEST(TransferLaws, HoldForWholeAndCutBodies) {
  EXPECT_THAT(broken_laws(transfer()), IsEmpty());
}

TEST(TransferLaws, AWholeBodyHasTheSizeOfItsDescriptor) {
  Transfer made = transfer();
  made.blobs[1].bytes = 599;
  EXPECT_THAT(broken_laws(made),
              ElementsAre(AllOf(HasSubstr("599 bytes in 1 requests"), HasSubstr("of a blob of 600"))));
  made.blobs[1].bytes = 601;
  EXPECT_THAT(broken_laws(made), ElementsAre(HasSubstr("601 bytes")));
  made = transfer();
  made.blobs[0].bytes = 1999;
  EXPECT_THAT(broken_laws(made), ElementsAre(HasSubstr("1999 bytes in 3 requests, 2 of them whole")));
}

TEST(TransferLaws, NoBlobHasMoreThanWentItsWay) {
  Transfer made = transfer();
  made.bytes_down = 3099;
  EXPECT_THAT(broken_laws(made), ElementsAre(HasSubstr("more bytes than went by")));
  made = transfer();
  made.bytes_up = 499;
  EXPECT_THAT(broken_laws(made), ElementsAre(HasSubstr("more bytes than went by")));
}

TEST(TransferLaws, CountsAndTimesAreSuch) {
  Transfer made = transfer();
  made.retries = 10;
  EXPECT_THAT(broken_laws(made), ElementsAre(HasSubstr("than there were")));
  made = transfer();
  made.reading = ReadTrouble{.retries = made.retries, .cut = made.cut, .faults = made.faults};
  EXPECT_THAT(broken_laws(made), IsEmpty());
  made.reading->faults += 1;
  EXPECT_THAT(broken_laws(made), ElementsAre(HasSubstr("more trouble than there was")));
  made.reading = ReadTrouble{.lookup_faults = 1};
  EXPECT_THAT(broken_laws(made), ElementsAre(HasSubstr("more trouble than there was")));
  made.reading = ReadTrouble{.cut = -1};
  EXPECT_THAT(broken_laws(made), ElementsAre(HasSubstr("less than none")));
  made = transfer();
  made.lookup_faults = -1;
  EXPECT_THAT(broken_laws(made), ElementsAre(HasSubstr("negative")));
  made = transfer();
  made.first_byte_sec = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(broken_laws(made), ElementsAre(HasSubstr("first byte")));
  made = transfer();
  made.blobs[2].count = 0;
  made.blobs[2].direction = "sideways";
  EXPECT_THAT(broken_laws(made), ElementsAre(HasSubstr("no direction"), HasSubstr("0 requests")));
}

TEST(TransferLaws, AreThoseOfTheRecordTheyStandIn) {
  ScenarioRecord record = testing::cold_record();
  record.builds[0].transfer = transfer();
  EXPECT_THAT(broken_laws(record), IsEmpty());
  record.builds[0].transfer->blobs[1].bytes = 1;
  EXPECT_THAT(broken_laws(record), ElementsAre(HasSubstr("build 1: transfer of sha256:")));
}

TEST(Transfer, IsReadAsItWasWritten) {
  ScenarioRecord record = testing::cold_record();
  record.faults = {"pull gone"};
  record.builds[0].transfer = transfer();
  EXPECT_FALSE(build_to_json(record.builds[0]).at("transfer").contains("lookup_faults"));
  EXPECT_FALSE(build_to_json(record.builds[0]).at("transfer").contains("left_out")) << "of before";
  EXPECT_FALSE(build_to_json(record.builds[0]).at("transfer").contains("reading")) << "of before";
  record.builds[0].transfer->lookup_faults = 3;
  record.builds[0].transfer->left_out = 18'446'744'073'709'551'615U;
  record.builds[0].transfer->turned_away = 0;
  record.builds[0].transfer->reading = ReadTrouble{1, 2, 3, 4};
  const auto read = record_from_json(to_json(record), "record");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, record);
  EXPECT_EQ(build_to_json(record.builds[0]).at("transfer").at("blobs")[2].at("media"), Json(nullptr));
}

TEST(Transfer, IsAbsentFromRecordsOfBefore) {
  Json json = to_json(testing::cold_record());
  json.erase("faults");
  json.at("builds")[0].erase("transfer");
  const auto read = record_from_json(json, "record");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_FALSE(read->builds[0].transfer);
}

TEST(Transfer, HasWords) {
  EXPECT_EQ(to_words(transfer()),
            "3.1 KiB down in 2 blobs, 500 B up in 1 blob, 1 retry, 1 cut, 1 request disturbed");
  Transfer looked_up;
  looked_up.lookup_faults = 2;
  EXPECT_EQ(to_words(looked_up), "0 B down in 0 blobs, 0 B up in 0 blobs, 2 look-ups disturbed");
  Transfer partial;
  partial.left_out = 20'000;
  partial.turned_away = 3;
  EXPECT_EQ(
      to_words(partial),
      "0 B down in 0 blobs, 0 B up in 0 blobs, 20000 more requests not counted, 3 connections turned away");
  EXPECT_EQ(to_words(Transfer{}), "0 B down in 0 blobs, 0 B up in 0 blobs");
}

}  // namespace
}  // namespace buildlab::record
