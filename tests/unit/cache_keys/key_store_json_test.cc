#include "framework/cache_keys/key_store_json.h"

#include <gtest/gtest.h>

#include "tests/unit/cache_keys/recorded.h"

namespace buildlab::cache_keys {
namespace {

TEST(KeyStoreJson, ComesBackAsItWas) {
  KeyStore store = test::keys("after");
  store.of_one_build = true;
  store.operations["sha256:x"].inputs[2]["sha256:y"] = {{{"\xff", {"sha256:z", {"user.a\xfe"}}}}};
  const auto json = parse_json(to_line(to_json(store)), "keys");
  ASSERT_TRUE(json);
  EXPECT_EQ(from_json(*json), store);
}

TEST(KeyStoreJson, HoldsNoCredentials) {
  KeyStore store;
  store.operations["sha256:x"].preimage = R"({"Exec":{"meta":{"env":["INDEX=https://me:hush@host/"]}}})";
  const auto back = from_json(to_json(store));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->operations.at("sha256:x").preimage.find("hush"), std::string::npos);
}

TEST(KeyStoreJson, OfAnotherVersionOrNoneIsNothing) {
  Json json = to_json(test::keys("before"));
  json["schema_version"] = 2;
  EXPECT_EQ(from_json(json), std::nullopt);
  EXPECT_EQ(from_json(Json::object()), std::nullopt);
  EXPECT_EQ(from_json(Json(3)), std::nullopt);
}

}  // namespace
}  // namespace buildlab::cache_keys
