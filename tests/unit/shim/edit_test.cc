#include "framework/shim/edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/variation/canary.h"

namespace buildlab::shim {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;
using variation::Application;
using variation::How;
using variation::Kind;
using variation::Variation;

const Variation k_clock{Kind::clock, 86'400};

Json config() {
  return {{"process",
           {{"user", {{"uid", 0}, {"gid", 0}}},
            {"args", {"/bin/sh", "-c", "make"}},
            {"env", {"PATH=/bin", "A=b"}},
            {"cwd", "/"}}},
          {"root", {{"path", "rootfs"}}},
          {"hostname", "buildkitsandbox"},
          {"mounts",
           {{{"destination", "/proc"}, {"type", "proc"}, {"source", "proc"}},
            {{"destination", "/etc/hosts"}, {"type", "bind"}, {"source", "/x/hosts"}}}},
          {"linux", {{"resources", Json::object()}}}};
}

// A Debian with everything that a variation can want.
Surroundings surroundings() {
  Surroundings all;
  all.facts.program_name = "/bin/sh";
  all.facts.program = {Linkage::glibc, "/lib64/ld-linux-x86-64.so.2", own_machine()};
  all.facts.glibc = {2, 36};
  all.facts.has_libm = true;
  all.faketime = "/host/libfaketime.so.1";
  all.faketime_needs = {2, 34};
  all.processors = {0, 1};
  all.processor = 1;
  return all;
}

std::vector<std::string> variables(const Edit& edit) {
  return process_texts(edit.config, "env");
}

Application only(const Edit& edit) {
  EXPECT_THAT(edit.applications, SizeIs(1));
  return edit.applications.empty() ? Application{} : edit.applications.front();
}

std::string refusal(const Surroundings& around) {
  const auto edited = edit(config(), {k_clock}, around);
  EXPECT_TRUE(edited);
  EXPECT_EQ(only(*edited).how, How::refused);
  EXPECT_EQ(edited->config, config()) << "what is refused changes nothing";
  return only(*edited).reason;
}

TEST(ShimEdit, WithoutVariationsChangesNothing) {
  const auto edited = edit(config(), {}, surroundings());
  ASSERT_TRUE(edited);
  EXPECT_EQ(edited->config, config());
  EXPECT_THAT(edited->applications, SizeIs(0));
}

TEST(ShimEdit, LeavesWhatIsTheBuildersAndTheContextsAffair) {
  const auto edited =
      edit(config(), {{Kind::network}, {Kind::context_umask}, {Kind::parallelism}}, surroundings());
  ASSERT_TRUE(edited);
  EXPECT_EQ(edited->config, config());
  EXPECT_THAT(edited->applications, SizeIs(0));
}

TEST(ShimEdit, AddsACanaryVariable) {
  const auto edited = edit(config(), {{Kind::environment}}, surroundings());
  ASSERT_TRUE(edited);
  EXPECT_THAT(variables(*edited),
              ElementsAre("PATH=/bin", "A=b", "BUILDLAB_CANARY_VARIABLE=buildlab-canary-environment"));
  EXPECT_EQ(only(*edited).how, How::applied);
}

TEST(ShimEdit, NamesTheHost) {
  const auto edited = edit(config(), {{Kind::hostname}}, surroundings());
  ASSERT_TRUE(edited);
  EXPECT_EQ(edited->config["hostname"], "buildlab-canary-hostname");
  EXPECT_EQ(edited->host_name, "buildlab-canary-hostname");
}

TEST(ShimEdit, SetsTheUmaskAndKeepsTheUser) {
  const auto edited = edit(config(), {{Kind::umask}}, surroundings());
  ASSERT_TRUE(edited);
  EXPECT_EQ(edited->config["process"]["user"], (Json{{"uid", 0}, {"gid", 0}, {"umask", 2}}));
}

TEST(ShimEdit, SetsAZoneThatTheImageKnows) {
  Surroundings around = surroundings();
  EXPECT_THAT(variables(*edit(config(), {{Kind::time_zone}}, around)), Contains("TZ=<BLCANARYTZ>-13:37"));
  around.facts.has_zones = true;
  EXPECT_THAT(variables(*edit(config(), {{Kind::time_zone}}, around)), Contains("TZ=Pacific/Kiritimati"));
}

TEST(ShimEdit, LeavesWhatTheImageSetsItself) {
  Json own = config();
  own["process"]["env"] = {"TZ=UTC", "LANG=C.UTF-8", "USER=me"};
  for (const Kind kind : {Kind::time_zone, Kind::locale, Kind::user}) {
    const auto edited = edit(own, {{kind}}, surroundings());
    ASSERT_TRUE(edited);
    EXPECT_EQ(edited->config, own);
    EXPECT_EQ(only(*edited).how, How::pinned);
    EXPECT_THAT(only(*edited).reason, StartsWith("the image sets "));
  }
}

TEST(ShimEdit, TakesALocaleThatIsThere) {
  Surroundings around = surroundings();
  EXPECT_THAT(variables(*edit(config(), {{Kind::locale}}, around)), Contains("LC_ALL=C.UTF-8")) << "built in";
  around.facts.locales = {"C.utf8", "et_EE.utf8"};
  EXPECT_THAT(variables(*edit(config(), {{Kind::locale}}, around)), Contains("LANG=et_EE.UTF-8"));
  around.facts.locales = {"C.utf8"};
  around.facts.glibc = {2, 28};
  EXPECT_THAT(variables(*edit(config(), {{Kind::locale}}, around)), Contains("LC_ALL=C.UTF-8"));
  around.facts.locales = {};
  const auto edited = edit(config(), {{Kind::locale}}, around);
  EXPECT_EQ(only(*edited).how, How::refused);
  EXPECT_EQ(edited->config, config());
}

TEST(ShimEdit, BindsToOneProcessor) {
  Surroundings around = surroundings();
  auto edited = edit(config(), {{Kind::cpus}}, around);
  ASSERT_TRUE(edited);
  EXPECT_TRUE(edited->one_processor);
  EXPECT_EQ(edited->config, config());
  around.cpu_sets = true;
  edited = edit(config(), {{Kind::cpus}}, around);
  EXPECT_EQ(edited->config["linux"]["resources"]["cpu"]["cpus"], "1");
  around.processors = {1};
  edited = edit(config(), {{Kind::cpus}}, around);
  EXPECT_FALSE(edited->one_processor);
  EXPECT_EQ(only(*edited).how, How::refused);
}

TEST(ShimEdit, AsksForTheKernelsPersonality) {
  const auto edited = edit(config(), {{Kind::kernel}, {Kind::aslr}}, surroundings());
  ASSERT_TRUE(edited);
  EXPECT_TRUE(edited->old_kernel);
  EXPECT_TRUE(edited->no_randomisation);
  EXPECT_EQ(edited->config, config());
}

TEST(ShimEdit, MountsTheClocksLibraryBelowDevOnly) {
  const auto edited = edit(config(), {k_clock}, surroundings());
  ASSERT_TRUE(edited);
  EXPECT_EQ(only(*edited).how, How::applied);
  const Json& mount = edited->config["mounts"].back();
  EXPECT_THAT(mount["destination"].get<std::string>(), StartsWith("/dev/"));
  EXPECT_EQ(mount["source"], "/host/libfaketime.so.1");
  EXPECT_THAT(variables(*edited), Contains("FAKETIME=+86400"));
  EXPECT_THAT(variables(*edited), Contains("NO_FAKE_STAT=1"));
  EXPECT_THAT(variables(*edited), Contains("LD_PRELOAD=" + mount["destination"].get<std::string>()));
}

TEST(ShimEdit, KeepsTheImagesOwnPreload) {
  Json own = config();
  own["process"]["env"].push_back("LD_PRELOAD=/lib/own.so");
  const auto edited = edit(own, {k_clock}, surroundings());
  ASSERT_TRUE(edited);
  EXPECT_THAT(variables(*edited), Contains(testing::MatchesRegex("LD_PRELOAD=/dev/.*:/lib/own.so")));
  EXPECT_THAT(variables(*edited), Not(Contains("LD_PRELOAD=/lib/own.so")));
}

TEST(ShimEdit, RefusesAClockThatWouldNotBeSeen) {
  Surroundings around = surroundings();
  around.faketime = "";
  EXPECT_THAT(refusal(around), HasSubstr("not installed"));
  around = surroundings();
  around.facts.program = {Linkage::fixed, "", own_machine()};
  EXPECT_THAT(refusal(around), HasSubstr("/bin/sh is a static program"));
  around.facts.program = {Linkage::other, "/lib/ld-musl-x86_64.so.1", own_machine()};
  EXPECT_THAT(refusal(around), HasSubstr("ld-musl"));
  around.facts.program = {};
  EXPECT_THAT(refusal(around), HasSubstr("not known"));
  around = surroundings();
  around.facts.program.machine = 1;
  EXPECT_THAT(refusal(around), HasSubstr("another processor"));
  around = surroundings();
  around.faketime_needs = {2, 38};
  EXPECT_THAT(refusal(around), HasSubstr("glibc 2.36 is older than the 2.38"));
  around = surroundings();
  around.facts.glibc.reset();
  EXPECT_THAT(refusal(around), HasSubstr("libc.so.6"));
  around = surroundings();
  around.facts.has_libm = false;
  EXPECT_THAT(refusal(around), HasSubstr("libm.so.6"));
}

TEST(ShimEdit, RefusesConfigurationsOfTheWrongShape) {
  std::vector<Json> wrong{Json::array(), Json::object(), {{"process", 3}}};
  for (const auto& [key, value] :
       {std::pair<const char*, Json>{"env", 3}, {"env", {1}}, {"args", "x"}, {"user", 3}}) {
    Json one = config();
    one["process"][key] = value;
    wrong.push_back(std::move(one));
  }
  Json mounts = config();
  mounts["mounts"] = {1};
  wrong.push_back(std::move(mounts));
  Json resources = config();
  resources["linux"]["resources"] = 3;
  wrong.push_back(std::move(resources));
  for (const Json& json : wrong)
    EXPECT_FALSE(edit(json, {{Kind::cpus}, {Kind::umask}}, surroundings())) << to_line(json);
}

TEST(Hosts, AreReplacedWhereTheyAreMounted) {
  Json json = config();
  EXPECT_EQ(hosts_source(json), "/x/hosts");
  EXPECT_TRUE(replace_hosts(json, "/y"));
  EXPECT_EQ(hosts_source(json), "/y");
  json["mounts"] = Json::array();
  EXPECT_FALSE(replace_hosts(json, "/y"));
  EXPECT_EQ(hosts_source(json), "");
}

}  // namespace
}  // namespace buildlab::shim
