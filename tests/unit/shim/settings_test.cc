#include "framework/shim/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::shim {
namespace {

using variation::Kind;

TEST(ShimSettings, ReadBackAsTheyWere) {
  const Settings settings{
      "/usr/sbin/runc", "/s/report", "/f.so", {{Kind::clock, 86'400}, {Kind::umask}}, true, true};
  const auto again = settings_from_json(to_json(settings), "s");
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, settings);
}

TEST(ShimSettings, AreRefusedWhenIncomplete) {
  Json json = to_json({"/runc", "/report", "", {}, false});
  for (const char* key : {"runtime", "report", "variations"}) {
    Json without = json;
    without.erase(key);
    EXPECT_FALSE(settings_from_json(without, "s")) << key;
  }
  json["variations"] = {"hostname", 3};
  EXPECT_FALSE(settings_from_json(json, "s"));
  json["variations"] = {"hostnam"};
  EXPECT_FALSE(settings_from_json(json, "s"));
  EXPECT_FALSE(settings_from_json(Json::array(), "s"));
}

}  // namespace
}  // namespace buildlab::shim
