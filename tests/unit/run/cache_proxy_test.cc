#include "framework/run/cache_proxy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::run {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(CacheProxy, StandsInForTheRegistryItIsBeforeAndNoOther) {
  const auto changed =
      through_proxy({{"registry", {{"ref", "localhost:5000/buildlab/cache:primed"}, {"mode", "max"}}},
                     {"registry", {{"ref", "localhost:50001/cache"}}},
                     {"local", {{"dest", "localhost:5000/x"}}}},
                    "localhost:5000", "localhost:7");
  EXPECT_EQ(changed[0].attributes.at("ref"), "localhost:7/buildlab/cache:primed");
  EXPECT_EQ(changed[0].attributes.at("mode"), "max");
  EXPECT_EQ(changed[1].attributes.at("ref"), "localhost:50001/cache");
  EXPECT_EQ(changed[2].attributes.at("dest"), "localhost:5000/x");
}

TEST(CacheProxy, WhatItCountedIsTheRecords) {
  const std::string digest = "sha256:" + std::string(64, 'a');
  network::Exchange one;
  one.method = "GET";
  one.target = network::parse_target("/v2/a/blobs/" + digest);
  one.status = 200;
  one.bytes_down = 100;
  one.start = 1s;
  one.first_byte = 1s + 4ms;
  one.end = 1500ms;
  one.disturbed = true;
  network::Exchange two = one;
  two.start = 2s;
  two.first_byte = 2s + 8ms;
  two.end = 2s + 250ms;
  network::Transfers transfers;
  transfers.exchanges = {one, two};
  transfers.described = {{digest, {"layer", 100}}};
  transfers.left_out = 5;
  transfers.turned_away = 7;
  const record::Transfer made = to_transfer(transfers, "primed");
  EXPECT_EQ(made.requests, 2);
  EXPECT_EQ(made.bytes_down, 200U);
  EXPECT_EQ(made.faults, 2);
  EXPECT_EQ(made.left_out, 5U) << "what is not counted is told of";
  EXPECT_EQ(made.turned_away, 7U);
  EXPECT_DOUBLE_EQ(made.first_byte_sec.value(), 0.006);
  EXPECT_THAT(made.blobs, ElementsAre(record::BlobTransfer{digest, "layer", "down", 2, 2, 200, 100, 0.75}));
  EXPECT_TRUE(record::broken_laws(made).empty());
  EXPECT_EQ(to_transfer({}, "").first_byte_sec, std::nullopt);
}

network::Exchange exchanged(const std::string& method, const std::string& target, int status,
                            Nanoseconds start) {
  network::Exchange made;
  made.method = method;
  made.target = network::parse_target(target);
  made.status = status;
  made.start = start;
  made.end = start + 1ms;
  return made;
}

TEST(CacheProxy, TellsTroubleOfReadingFromThatOfTheExport) {
  const std::string blob = "/v2/a/blobs/sha256:" + std::string(64, 'a');
  network::Exchange disturbed_head = exchanged("HEAD", blob, 503, 1s);  // whether it is there
  disturbed_head.disturbed = true;
  network::Exchange upload = exchanged("PUT", "/v2/a/blobs/uploads/x", 201, 3s);
  upload.cut = true;
  network::Transfers transfers;
  transfers.exchanges = {disturbed_head, exchanged("HEAD", blob, 404, 2s), upload,
                         exchanged("HEAD", "/v2/a/manifests/exported", 503, 4s),
                         exchanged("HEAD", "/v2/a/manifests/exported", 404, 5s)};
  record::Transfer made = to_transfer(transfers, "primed");
  EXPECT_EQ(made.faults, 1);
  EXPECT_EQ(made.cut, 1);
  EXPECT_EQ(made.retries, 2);
  EXPECT_EQ(made.reading, record::ReadTrouble{});
  network::Exchange manifest = exchanged("GET", "/v2/a/manifests/primed", 503, 6s);
  manifest.disturbed = true;
  network::Exchange pull = exchanged("GET", blob, 200, 8s);
  pull.cut = true;
  transfers.exchanges.insert(transfers.exchanges.end(),
                             {manifest, exchanged("GET", "/v2/a/manifests/primed", 200, 7s), pull});
  made = to_transfer(transfers, "primed");
  EXPECT_EQ(made.reading, (record::ReadTrouble{.retries = 1, .cut = 1, .faults = 1}));
  EXPECT_EQ(made.retries, 3);
  EXPECT_TRUE(record::broken_laws(made).empty());
}

TEST(CacheProxy, RefusesARegistryWithoutAPort) {
  EXPECT_FALSE(start_cache_proxy("localhost", {}, "primed"));
  EXPECT_FALSE(start_cache_proxy("localhost:many", {}, "primed"));
  EXPECT_TRUE(start_cache_proxy("localhost:5000", {}, "primed"));
}

TEST(CacheProxy, IsAskedForByItsAddressWhereNoFaultIsOfTheWay) {
  const auto way =
      open_way("localhost:5000",
               {fault::parse_fault("pull gone").value(), fault::parse_fault("fetch unreachable").value()},
               "primed", 1);
  ASSERT_TRUE(way);
  EXPECT_EQ(way->import_endpoint(), way->proxy->endpoint());
  EXPECT_EQ(way->export_endpoint(), way->proxy->endpoint());
  EXPECT_EQ(transfer_of(*way).lookup_faults, std::nullopt);
  engine::BuilderOptions options;
  tell_of_way(*way, options);
  EXPECT_FALSE(options.names);
  EXPECT_THAT(options.plain_http_registries, Contains(way->proxy->endpoint()));
}

TEST(CacheProxy, HasANameToReadAndOneToWriteWhereAFaultIsOfTheWay) {
  const auto way = open_way("localhost:5000", {fault::parse_fault("pull unreachable").value()}, "primed", 1);
  if (!way) {
    EXPECT_THAT(way.error().message, HasSubstr("starting a name server"));
    GTEST_SKIP() << way.error().message;
  }
  const std::string endpoint = way->proxy->endpoint();
  const std::string port = endpoint.substr(endpoint.rfind(':'));
  EXPECT_EQ(way->import_endpoint(), "cache.buildlab.test" + port);
  EXPECT_EQ(way->export_endpoint(), "export.buildlab.test" + port);
  EXPECT_EQ(transfer_of(*way).lookup_faults, 0);
  EXPECT_EQ(transfer_of(*way).reading, record::ReadTrouble{});
  engine::BuilderOptions options;
  tell_of_way(*way, options);
  ASSERT_TRUE(options.names);
  EXPECT_EQ(options.names->server, way->names->address());
  EXPECT_THAT(options.names->no_proxy, EndsWith("buildlab.test"));
  EXPECT_THAT(options.plain_http_registries, ElementsAre(way->import_endpoint(), way->export_endpoint()));
}

TEST(CacheProxy, FaultsHaveTheirText) {
  const std::vector<fault::Fault> faults = {fault::parse_fault("pull cut after_bytes=7").value(),
                                            fault::parse_fault("export gone").value()};
  EXPECT_THAT(fault_texts(faults), ElementsAre("pull cut after_bytes=7", "export gone"));
}

}  // namespace
}  // namespace buildlab::run
