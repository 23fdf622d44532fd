#include "framework/network/accounting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/network/digests.h"

namespace buildlab::network {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Exchange exchange(const char* method, const std::string& target, std::optional<int> status,
                  Nanoseconds start) {
  Exchange made;
  made.method = method;
  made.target = parse_target(target);
  made.status = status;
  made.start = start;
  if (status) made.first_byte = start + 2ms;
  made.end = start + 10ms;
  return made;
}

Exchange download(char blob, std::uint64_t bytes, Nanoseconds start, std::optional<int> status = 200) {
  Exchange made = exchange("GET", "/v2/a/blobs/" + digest(blob), status, start);
  made.bytes_down = bytes;
  return made;
}

TEST(Accounting, HasARowForEachBlobAndDirection) {
  Exchange sent = exchange("PUT", "/v2/a/blobs/uploads/u1?digest=" + digest('a'), 201, 3s);
  sent.bytes_up = 100;
  const Account made =
      account({download('a', 100, 1s), download('b', 7, 2s), sent}, {{digest('a'), {"layer", 100}}});
  EXPECT_EQ(made.requests, 3);
  EXPECT_EQ(made.bytes_down, 107U);
  EXPECT_EQ(made.bytes_up, 100U);
  EXPECT_THAT(made.first_byte, ElementsAre(2ms, 2ms, 2ms));
  EXPECT_THAT(made.blobs, ElementsAre(BlobRow{digest('a'), "layer", Direction::down, 1, 1, 100, 100, 10ms},
                                      BlobRow{digest('b'), "", Direction::down, 1, 1, 7, std::nullopt, 10ms},
                                      BlobRow{digest('a'), "layer", Direction::up, 1, 1, 100, 100, 10ms}));
}

TEST(Accounting, TheOrderOfItsExchangesIsThatOfTheirStart) {
  const Account made = account({download('b', 7, 2s), download('a', 100, 1s)}, {});
  ASSERT_THAT(made.blobs, SizeIs(2));
  EXPECT_EQ(made.blobs[0].digest, digest('a'));
}

TEST(Accounting, AQuestionOrAnErrorIsNoBlob) {
  Exchange head = exchange("HEAD", "/v2/a/blobs/" + digest('a'), 200, 1s);
  Exchange missing = download('a', 90, 2s, 404);
  Exchange opened = exchange("POST", "/v2/a/blobs/uploads/", 202, 3s);
  Exchange mounted = exchange("POST", "/v2/a/blobs/uploads/?mount=" + digest('a') + "&from=b", 201, 4s);
  Exchange by_tag = exchange("GET", "/v2/a/manifests/primed", 200, 5s);
  by_tag.bytes_down = 10;
  const Account made = account({head, missing, opened, mounted, by_tag}, {});
  EXPECT_THAT(made.blobs, IsEmpty());
  EXPECT_EQ(made.bytes_down, 100U);
}

TEST(Accounting, PiecesOfAnUploadBelongToTheDigestOfItsEnd) {
  Exchange first = exchange("PATCH", "/v2/a/blobs/uploads/u1?_state=1", 202, 1s);
  first.bytes_up = 60;
  Exchange second = exchange("PATCH", "/v2/a/blobs/uploads/u1?_state=2", 202, 2s);
  second.bytes_up = 40;
  const Exchange end = exchange("PUT", "/v2/a/blobs/uploads/u1?_state=3&digest=" + digest('a'), 201, 3s);
  Exchange other = exchange("PATCH", "/v2/a/blobs/uploads/u2", 202, 4s);
  other.bytes_up = 5;
  const Account made = account({first, second, end, other}, {});
  EXPECT_THAT(made.blobs,
              ElementsAre(BlobRow{digest('a'), "", Direction::up, 2, 1, 100, std::nullopt, 20ms}));
  EXPECT_EQ(made.bytes_up, 105U);
}

TEST(Accounting, WhatWasCutIsNotWhole) {
  Exchange cut = download('a', 40, 1s);
  cut.cut = true;
  const Account made = account({cut, download('a', 100, 2s)}, {{digest('a'), {"layer", 100}}});
  EXPECT_EQ(made.cut, 1);
  EXPECT_THAT(made.blobs, ElementsAre(BlobRow{digest('a'), "layer", Direction::down, 2, 1, 140, 100, 20ms}));
}

TEST(Accounting, CountsWhatWasAskedAgainAfterAFailure) {
  Exchange cut = download('a', 40, 1s);
  cut.cut = true;
  const Exchange none = download('b', 0, 2s, std::nullopt);
  EXPECT_EQ(account({cut, download('a', 100, 3s)}, {}).retries, 1);
  EXPECT_EQ(account({none, download('b', 1, 3s)}, {}).retries, 1);
  for (const int status : {500, 503, 429, 408})
    EXPECT_EQ(account({download('a', 0, 1s, status), download('a', 100, 2s)}, {}).retries, 1) << status;
  for (const int status : {200, 401, 404})
    EXPECT_EQ(account({download('a', 0, 1s, status), download('a', 100, 2s)}, {}).retries, 0) << status;
  EXPECT_EQ(account({download('a', 0, 1s, 503), download('b', 100, 2s)}, {}).retries, 0) << "another blob";
  EXPECT_EQ(account({download('a', 0, 1s, 503), download('a', 9, 2s), download('a', 9, 3s)}, {}).retries, 1)
      << "one failure, one retry";
}

TEST(Accounting, OfNothingIsNothing) {
  EXPECT_EQ(account({}, {}), Account());
}

}  // namespace
}  // namespace buildlab::network
