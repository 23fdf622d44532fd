#include "framework/advisor/installers.h"

#include <gtest/gtest.h>

namespace buildlab::advisor {
namespace {

std::string_view command_in(std::string_view run) {
  const Installer* installer = installer_in(run);
  return installer == nullptr ? "" : installer->command;
}

TEST(Installers, AreFoundAmongOtherCommandsAndOptions) {
  EXPECT_EQ(command_in("RUN npm ci --omit=dev"), "npm ci");
  EXPECT_EQ(command_in("RUN apt-get update && apt-get install -y g++"), "apt-get install");
  EXPECT_EQ(command_in("RUN apt-get -qq -y install g++"), "apt-get install");
  EXPECT_EQ(command_in("RUN --mount=type=cache,target=/root/.cache pip install -r requirements.txt"),
            "pip install -r");
  EXPECT_EQ(command_in("RUN python3 -m pip install --quiet -r requirements.txt"), "pip install -r");
  EXPECT_EQ(command_in("RUN cd /app;go mod download"), "go mod download");
  EXPECT_EQ(command_in("RUN /usr/bin/npm ci"), "npm ci");
}

TEST(Installers, AreNotFoundInOtherWords) {
  for (const char* run :
       {"RUN npm run build", "RUN npm cite", "RUN pnpm-ci", "RUN echo apt-getinstall", "RUN make install",
        "RUN xapt-get install x", "RUN pip install flask", "RUN npm", "RUN go build ./...", ""}) {
    EXPECT_EQ(command_in(run), "") << run;
  }
}

TEST(Installers, OfSystemPackagesReadNoFileOfTheContext) {
  EXPECT_TRUE(installer_in("RUN apk add curl")->manifests.empty());
  EXPECT_FALSE(installer_in("RUN npm ci")->manifests.empty());
}

}  // namespace
}  // namespace buildlab::advisor
