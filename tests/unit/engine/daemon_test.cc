#include "framework/engine/daemon.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::engine {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

BuilderOptions options() {
  return BuilderOptions{.toolchain = {}, .root = "/r"};
}

TEST(DaemonConfig, NeverCollectsGarbageAndRemembersBuilds) {
  const std::string toml = daemon_config(options(), "buildlab-1");
  EXPECT_THAT(
      toml,
      HasSubstr("[worker.oci]\n  enabled = true\n  gc = false\n  defaultCgroupParent = \"buildlab-1\"\n"));
  EXPECT_THAT(toml, HasSubstr("maxEntries = 500"));
  EXPECT_THAT(toml, Not(HasSubstr("[registry")));
}

TEST(DaemonConfig, NamesEachRegistryOnce) {
  BuilderOptions with = options();
  with.mirrors = {{.registry = "docker.io", .endpoint = "localhost:5055"}};
  with.plain_http_registries = {"localhost:5055", "10.0.0.1:80"};
  const std::string toml = daemon_config(with, "g");
  EXPECT_THAT(toml, HasSubstr("[registry.\"docker.io\"]\n  mirrors = [\"localhost:5055\"]\n"
                              "[registry.\"10.0.0.1:80\"]\n  http = true\n"
                              "[registry.\"localhost:5055\"]\n  http = true\n"));
  EXPECT_EQ(toml.find("localhost:5055\"]\n  http"), toml.rfind("localhost:5055\"]\n  http"));
}

TEST(DaemonCommand, PutsTheDaemonIntoItsOwnNamespaces) {
  BuilderOptions with = options();
  with.toolchain.buildkitd.path = "/e/buildkitd";
  with.toolchain.runc.path = "/e/runc";
  const auto argv = daemon_command(with, {.root = "/r",
                                          .socket = "/s/b.sock",
                                          .telemetry_socket = "/s/o.sock",
                                          .config = "/s/c.toml",
                                          .log = "/s/log"});
  EXPECT_EQ(argv.front(), "unshare");
  EXPECT_THAT(argv, Contains("--kill-child"));
  EXPECT_THAT(argv, Contains("--pid"));
  EXPECT_THAT(argv, Contains("--mount"));
  EXPECT_THAT(argv, Contains("unix:///s/b.sock"));
  EXPECT_THAT(argv, Contains("/s/o.sock"));  // a plain path: the daemon takes no unix:// there
}

TEST(DaemonCommand, KeepsPreimagesInMemoryAndTellsThemOnItsOwnSocket) {
  BuilderOptions with = options();
  const auto command = [&with] {
    return fmt::format("{}", fmt::join(daemon_command(with, {.root = "/r",
                                                             .socket = "/s/b.sock",
                                                             .telemetry_socket = "/s/o.sock",
                                                             .config = "/s/c.toml",
                                                             .log = "/s/log",
                                                             .debug_socket = "/s/debug.sock",
                                                             .preimages = "/s/preimages"}),
                                       " "));
  };
  EXPECT_THAT(command(), Not(HasSubstr("debug")));
  with.keeps_preimages = true;
  EXPECT_THAT(command(), HasSubstr("mount -t tmpfs"));
  EXPECT_THAT(command(), HasSubstr("buildlab-daemon 268435456 /s/preimages /r "));
  EXPECT_THAT(command(), HasSubstr("--save-cache-debug --debugaddr unix:///s/debug.sock"));
}

TEST(DaemonConfig, RunsOneStepAtATimeWhereThatIsVaried) {
  EXPECT_THAT(daemon_config(options(), "g"), Not(HasSubstr("max-parallelism")));
  BuilderOptions with = options();
  with.varied.variations = {{variation::Kind::parallelism}};
  const std::string toml = daemon_config(with, "g");
  EXPECT_THAT(toml, HasSubstr("defaultCgroupParent = \"g\"\n  max-parallelism = 1\n"))
      << "within [worker.oci]";
}

TEST(DaemonNames, AreAskedOfItsOwnServerAndStepsOfTheMachines) {
  BuilderOptions with = options();
  EXPECT_THAT(daemon_config(with, "g"), Not(HasSubstr("[dns]")));
  with.names = OwnNames{.server = "127.53.0.9",
                        .no_proxy = "buildlab.test",
                        .machine = {{"10.0.0.1", "::1"}, {"corp.example"}, {"use-vc", "ndots:2", "tcp"}}};
  EXPECT_EQ(daemon_resolver(*with.names), "nameserver 127.53.0.9\nsearch corp.example\noptions ndots:2\n")
      << "its own server speaks UDP only";
  EXPECT_THAT(daemon_config(with, "g"), HasSubstr("[dns]\n  nameservers = [\"10.0.0.1\",\"::1\"]\n"
                                                  "  searchDomains = [\"corp.example\"]\n"
                                                  "  options = [\"use-vc\",\"ndots:2\",\"tcp\"]\n"));
  with.toolchain.buildkitd.path = "/e/buildkitd";
  const std::string command =
      fmt::format("{}", fmt::join(daemon_command(with, {.root = "/r",
                                                        .socket = "/s/b.sock",
                                                        .telemetry_socket = "/s/o.sock",
                                                        .config = "/s/c.toml",
                                                        .log = "/s/log",
                                                        .resolver = "/s/resolv.conf"}),
                                  " "));
  EXPECT_THAT(command,
              HasSubstr("mount --bind \"$1\" /etc/resolv.conf && shift && exec \"$@\" buildlab-daemon "
                        "/s/resolv.conf /e/buildkitd"));
  with.names->machine = {};
  EXPECT_THAT(daemon_config(with, "g"), Not(HasSubstr("[dns]"))) << "nothing to say";
}

class VariedDaemon : public testing::Test {
 protected:
  std::string command(const std::vector<variation::Variation>& variations) {
    BuilderOptions with = options();
    with.toolchain.buildkitd.path = "/e/buildkitd";
    with.toolchain.runc.path = "/e/runc";
    with.varied.variations = variations;
    with.varied.tools.shim = "/e/buildlab-runtime";
    with.varied.memory_root = m_memory;
    return fmt::format("{}", fmt::join(daemon_command(with, {.root = "/r",
                                                             .socket = "/s/b.sock",
                                                             .telemetry_socket = "/s/o.sock",
                                                             .config = "/s/c.toml",
                                                             .log = "/s/log"}),
                                       " "));
  }
  std::optional<Bytes> m_memory;
};

TEST_F(VariedDaemon, TakesTheShimForItsRuntimeOnlyWhereContainersAreVaried) {
  EXPECT_THAT(command({}), HasSubstr("--oci-worker-binary /e/runc"));
  EXPECT_THAT(command({{variation::Kind::network}, {variation::Kind::context_umask}}),
              HasSubstr("--oci-worker-binary /e/runc"));
  EXPECT_THAT(command({{variation::Kind::umask}}), HasSubstr("--oci-worker-binary /e/buildlab-runtime"));
}

TEST_F(VariedDaemon, KeepsItsFilesElsewhere) {
  EXPECT_THAT(command({}), Not(HasSubstr("snapshotter")));
  EXPECT_THAT(command({{variation::Kind::file_order}}), HasSubstr("--oci-worker-snapshotter native"));
  m_memory = Bytes{1000};
  EXPECT_THAT(command({}), Not(HasSubstr("tmpfs"))) << "only file_order does";
  const std::string in_memory = command({{variation::Kind::file_order}});
  EXPECT_THAT(in_memory, HasSubstr("mount -t tmpfs"));
  EXPECT_THAT(in_memory, HasSubstr("buildlab-daemon 1000 /r /e/buildkitd"));
  EXPECT_THAT(in_memory, Not(HasSubstr("snapshotter")));
}

TEST(Snapshotter, IsReadFromTheWorkersLine) {
  EXPECT_EQ(snapshotter_in("x labels=map[org.mobyproject.buildkit.worker.selinux.enabled:false "
                           "org.mobyproject.buildkit.worker.snapshotter:overlayfs], platforms=[linux/amd64]"),
            "overlayfs");
  EXPECT_EQ(snapshotter_in(""), std::nullopt);
  EXPECT_EQ(snapshotter_in("org.mobyproject.buildkit.worker.snapshotter:over"), std::nullopt)
      << "cut in mid-line";
}

TEST(LastLines, AreAtMostAsManyAsAsked) {
  EXPECT_THAT(last_lines("a\nb\nc\n", 2), ElementsAre("b", "c"));
  EXPECT_THAT(last_lines("a", 2), ElementsAre("a"));
}

TEST(LastLogLines, LeaveTheStackTraceOut) {
  EXPECT_THAT(last_log_lines("time=x msg=a\nbuildkitd: could not lock /r\n1 v0.32.2 buildkitd\n"
                             "main.main.func3\n\tgithub.com/moby/buildkit/main.go:392\nruntime.goexit\n",
                             2),
              ElementsAre("buildkitd: could not lock /r", "1 v0.32.2 buildkitd"));
  EXPECT_THAT(last_log_lines("trace.only\n", 2), ElementsAre("trace.only"));
}

}  // namespace
}  // namespace buildlab::engine
