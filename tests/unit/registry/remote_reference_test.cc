#include <gtest/gtest.h>

#include "framework/registry/remote_image.h"

namespace buildlab::registry {
namespace {

TEST(RemoteReference, IsWhatCanBeNoFile) {
  const std::string digest = "@sha256:" + std::string(64, 'a');
  for (const std::string& text : {std::string("localhost:5000/a/b:1"), std::string("ghcr.io/team/app"),
                                  std::string("debian:12"), "app" + digest, "localhost/app:1" + digest}) {
    EXPECT_TRUE(remote_reference(text)) << text;
  }
}

TEST(RemoteReference, FilesThatAreNotThereAreNone) {
  for (const char* text :
       {"image.tar", "out/image.tar", "./a/b:1", "../x.tar", "/tmp/none.tar", "", "scratch", "/dev/null"}) {
    EXPECT_FALSE(remote_reference(text)) << text;
  }
}

}  // namespace
}  // namespace buildlab::registry
