#include "framework/network/disturbance.h"

#include <gtest/gtest.h>

#include "tests/unit/network/digests.h"

namespace buildlab::network {
namespace {

using namespace std::chrono_literals;
using fault::At;

Asked asked(const char* method, const std::string& target, bool has_body = false) {
  return {method, parse_target(target), has_body};
}

Plan plan(std::initializer_list<const char*> faults) {
  Plan made;
  for (const char* text : faults) made.faults.push_back(fault::parse_fault(text).value());
  made.import_reference = "primed";
  return made;
}

const Asked k_manifest = asked("GET", "/v2/a/manifests/primed");
const Asked k_layer = asked("GET", "/v2/a/blobs/sha256:" + std::string(64, 'b'));
const Asked k_upload = asked("PUT", "/v2/a/blobs/uploads/u?digest=sha256:" + std::string(64, 'b'), true);

TEST(PlaceOfARequest, IsImportPullOrExport) {
  const Descriptions known{{digest('a'), {"config", 1}}, {digest('b'), {"layer", 2}}};
  const auto place = [&](const char* method, const std::string& target) {
    return place_of(asked(method, target), known, "primed");
  };
  EXPECT_EQ(place("HEAD", "/v2/a/manifests/primed"), At::import);
  EXPECT_EQ(place("GET", "/v2/a/manifests/" + digest('c')), At::import);
  EXPECT_EQ(place("HEAD", "/v2/a/manifests/" + digest('c')), At::import);
  EXPECT_EQ(place("GET", "/v2/a/blobs/" + digest('a')), At::import);
  EXPECT_EQ(place("GET", "/v2/"), At::import);
  EXPECT_EQ(place("GET", "/v2/a/blobs/" + digest('b')), At::pull);
  EXPECT_EQ(place("GET", "/v2/a/blobs/" + digest('d')), At::pull);
  EXPECT_EQ(place("HEAD", "/v2/a/blobs/" + digest('b')), At::write);
  EXPECT_EQ(place("POST", "/v2/a/blobs/uploads/"), At::write);
  EXPECT_EQ(place("PATCH", "/v2/a/blobs/uploads/u"), At::write);
  EXPECT_EQ(place("HEAD", "/v2/a/manifests/primed-run"), At::write);
  EXPECT_EQ(place("PUT", "/v2/a/manifests/primed-run"), At::write);
}

TEST(Disturbance, TouchesItsPlaceOnly) {
  Disturbance disturbance(plan({"pull gone"}));
  EXPECT_FALSE(disturbance.next(k_manifest, {}).any());
  EXPECT_FALSE(disturbance.next(k_upload, {}).any());
  EXPECT_EQ(disturbance.next(k_layer, {}).answer, (FaultyAnswer{404, std::nullopt}));
}

TEST(Disturbance, IsOnWhenItsScheduleSays) {
  Plan scheduled = plan({"pull gone build=2 from_ms=100 for_ms=50"});
  scheduled.build = 2;
  Disturbance disturbance(scheduled);
  EXPECT_FALSE(disturbance.next(k_layer, {}, 99ms).any());
  EXPECT_TRUE(disturbance.next(k_layer, {}, 100ms).any());
  EXPECT_FALSE(disturbance.next(k_layer, {}, 150ms).any());
  scheduled.build = 1;
  EXPECT_FALSE(Disturbance(scheduled).next(k_layer, {}, 100ms).any());
}

TEST(Disturbance, TouchesFetchesBeforeTheirServersOnly) {
  Plan of_fetches = plan({"pull gone", "fetch refused"});
  EXPECT_FALSE(Disturbance(of_fetches).next(k_layer, {}).reset);
  of_fetches.fetches = true;
  const Disturbed disturbed = Disturbance(of_fetches).next(asked("GET", "/any"), {});
  EXPECT_TRUE(disturbed.reset);
  EXPECT_FALSE(disturbed.answer);
}

TEST(Disturbance, OfTheWayIsARegistrysNamesAndAFetchsAnswer) {
  Plan of_way = plan({"pull unreachable", "fetch unreachable", "pull slow_dns delay_ms=9"});
  EXPECT_FALSE(Disturbance(of_way).next(k_layer, {}).any());
  of_way.fetches = true;
  const Disturbed disturbed = Disturbance(of_way).next(asked("GET", "/any"), {});
  EXPECT_EQ(disturbed.answer, (FaultyAnswer{502, std::nullopt}));
  EXPECT_EQ(disturbed.delay, 30s);
  Plan late = plan({"fetch slow_dns delay_ms=40"});
  late.fetches = true;
  const Disturbed slow = Disturbance(late).next(asked("GET", "/any"), {});
  EXPECT_EQ(slow.delay, 40ms);
  EXPECT_FALSE(slow.answer);
}

TEST(Disturbance, StopsAfterSoManyTimes) {
  Disturbance disturbance(plan({"pull status status=503 times=2"}));
  EXPECT_TRUE(disturbance.next(k_layer, {}).any());
  EXPECT_FALSE(disturbance.next(k_manifest, {}).any());
  EXPECT_TRUE(disturbance.next(k_layer, {}).any());
  EXPECT_FALSE(disturbance.next(k_layer, {}).any());
}

TEST(Disturbance, OfABodyNeedsOne) {
  Disturbance disturbance(plan({"export cut times=1", "pull corrupt"}));
  EXPECT_FALSE(disturbance.next(asked("POST", "/v2/a/blobs/uploads/"), {}).any());
  const Disturbed upload = disturbance.next(k_upload, {});
  EXPECT_TRUE(upload.cut);
  EXPECT_TRUE(upload.of_request);
  EXPECT_FALSE(disturbance.next(k_upload, {}).any());
  const Disturbed pull = disturbance.next(k_layer, {});
  EXPECT_TRUE(pull.corrupt);
  EXPECT_FALSE(pull.of_request);
}

TEST(Disturbance, AddsUp) {
  Disturbance disturbance(plan({"import latency latency_ms=30", "import latency latency_ms=12",
                                "import bandwidth bytes_per_sec=9000", "import bandwidth bytes_per_sec=4000",
                                "import too_many_requests retry_after_sec=7", "import unauthorized"}));
  const Disturbed made = disturbance.next(k_manifest, {});
  EXPECT_EQ(made.delay, 42ms);
  EXPECT_EQ(made.bytes_per_sec, 4000U);
  EXPECT_EQ(made.answer, (FaultyAnswer{429, 7})) << "the first answer";
}

TEST(Disturbance, JitterIsDrawnWithinItsRangeAndTheSameForOneSeed) {
  const auto delays = [](std::uint64_t seed) {
    Plan made = plan({"import latency latency_ms=10 jitter_ms=1000"});
    made.seed = seed;
    Disturbance disturbance(made);
    std::vector<Nanoseconds> drawn;
    for (int i = 0; i < 20; ++i) drawn.push_back(disturbance.next(k_manifest, {}).delay);
    return drawn;
  };
  EXPECT_EQ(delays(1), delays(1));
  EXPECT_NE(delays(1), delays(2));
  for (const Nanoseconds delay : delays(3)) {
    EXPECT_GE(delay, 10ms);
    EXPECT_LE(delay, 1010ms);
  }
}

}  // namespace
}  // namespace buildlab::network
