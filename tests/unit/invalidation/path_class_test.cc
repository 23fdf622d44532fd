#include "framework/invalidation/path_class.h"

#include <gtest/gtest.h>

namespace buildlab::invalidation {
namespace {

TEST(PathClass, IsTheTopFolderWithTheExtension) {
  EXPECT_EQ(path_class("src/main.cpp"), "src/**/*.cpp");
  EXPECT_EQ(path_class("src/deep/er/main.cpp"), "src/**/*.cpp");
  EXPECT_EQ(path_class("src/archive.tar.gz"), "src/**/*.gz");
}

TEST(PathClass, FilesOfTheRootAreClassesOfTheirOwn) {
  EXPECT_EQ(path_class("package.json"), "package.json");
  EXPECT_EQ(path_class("package-lock.json"), "package-lock.json");
}

TEST(PathClass, NamesWithoutExtensionAreOneClassAFolder) {
  EXPECT_EQ(path_class("src/Makefile"), "src/** without extension");
  EXPECT_EQ(path_class("src/.gitignore"), "src/** without extension");
  EXPECT_EQ(path_class("src/odd."), "src/** without extension");
  EXPECT_EQ(path_class("src.d/plain"), "src.d/** without extension");
}

}  // namespace
}  // namespace buildlab::invalidation
