#include "framework/engine/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>

#include "framework/base/json.h"

namespace buildlab::engine {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;

std::vector<std::string> values_of(const std::vector<std::string>& arguments, const std::string& flag) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
    if (arguments[i] == flag) values.push_back(arguments[i + 1]);
  }
  return values;
}

BuildRequest plain_request() {
  BuildRequest request;
  request.context = "/w/context";
  request.dockerfile = "docker/Dockerfile.app";
  return request;
}

std::vector<std::string> arguments_of(const BuildRequest& request) {
  return build_arguments(request, client_files("/w/out"));
}

TEST(BuildArguments, OfAPlainRequestAreComplete) {
  EXPECT_THAT(arguments_of(plain_request()),
              ElementsAre("build", "--progress=rawjson", "--frontend=dockerfile.v0", "--local",
                          "context=/w/context", "--local", "dockerfile=/w/context/docker", "--opt",
                          "filename=Dockerfile.app", "--output", "type=oci,dest=/w/out/image.oci.tar",
                          "--metadata-file", "/w/out/metadata.json", "--ref-file", "/w/out/reference.txt"));
}

TEST(BuildArguments, PassTargetPlatformAndArgsAsTheyAre) {
  BuildRequest request = plain_request();
  request.target = "runtime";
  request.platform = "linux/amd64";
  request.build_args = {{"A", "a,b \"c\"=$(id)"}, {"EMPTY", ""}};
  const auto options = values_of(arguments_of(request), "--opt");
  EXPECT_THAT(options, ElementsAre("filename=Dockerfile.app", "target=runtime", "platform=linux/amd64",
                                   "build-arg:A=a,b \"c\"=$(id)", "build-arg:EMPTY="));
}

TEST(BuildArguments, GiveTheEpochOnceAndOverAnArgumentOfThatName) {
  BuildRequest request = plain_request();
  request.source_date_epoch = 1700000000;
  request.build_args = {{"SOURCE_DATE_EPOCH", "5"}};
  EXPECT_THAT(values_of(arguments_of(request), "--opt"),
              ElementsAre("filename=Dockerfile.app", "build-arg:SOURCE_DATE_EPOCH=1700000000"));
  request.source_date_epoch = std::nullopt;
  EXPECT_THAT(values_of(arguments_of(request), "--opt"), Contains("build-arg:SOURCE_DATE_EPOCH=5"));
}

TEST(BuildArguments, QuoteWhatTheClientSplitsAtCommas) {
  BuildRequest request = plain_request();
  request.export_attributes = {{"rewrite-timestamp", "true"}, {"annotation.x", "a,b\"c"}};
  request.secrets = {{.id = "npm", .file = "/s/a,b", .environment_variable = std::nullopt},
                     {.id = "token", .file = std::nullopt, .environment_variable = "TOKEN"}};
  const auto arguments = build_arguments(request, client_files("/w/o,ut"));
  EXPECT_THAT(
      values_of(arguments, "--output"),
      ElementsAre(
          "type=oci,\"dest=/w/o,ut/image.oci.tar\",\"annotation.x=a,b\"\"c\",rewrite-timestamp=true"));
  EXPECT_THAT(values_of(arguments, "--secret"), ElementsAre("id=npm,\"src=/s/a,b\"", "id=token,env=TOKEN"));
}

TEST(BuildArguments, PushAnImageBesideTheArchive) {
  BuildRequest request = plain_request();
  request.push = "localhost:5000/app:main";
  request.push_attributes = {{"compression", "zstd"}};
  EXPECT_THAT(values_of(arguments_of(request), "--output"),
              ElementsAre("type=oci,dest=/w/out/image.oci.tar",
                          "type=image,name=localhost:5000/app:main,push=true,compression=zstd"));
}

TEST(BuildArguments, NameCachesWithTheirTypeFirst) {
  BuildRequest request = plain_request();
  request.cache_imports = {{.type = "registry", .attributes = {{"ref", "localhost:5000/c"}}}};
  request.cache_exports = {{.type = "local", .attributes = {{"dest", "/c"}, {"mode", "max"}}}};
  EXPECT_THAT(values_of(arguments_of(request), "--import-cache"),
              ElementsAre("type=registry,ref=localhost:5000/c"));
  EXPECT_THAT(values_of(arguments_of(request), "--export-cache"), ElementsAre("type=local,dest=/c,mode=max"));
}

TEST(BuildArguments, ForceAllOrSomeStages) {
  BuildRequest request = plain_request();
  request.no_cache_filter = {"deps", "build"};
  EXPECT_THAT(values_of(arguments_of(request), "--opt"), Contains("no-cache=deps,build"));
  request.no_cache = true;
  EXPECT_THAT(arguments_of(request), AllOf(Contains("--no-cache"), Not(Contains("no-cache=deps,build"))));
}

TEST(BuildArguments, LeaveTheExportOutWhenNoneIsWanted) {
  BuildRequest request = plain_request();
  request.export_oci = false;
  EXPECT_THAT(arguments_of(request), Not(Contains("--output")));
}

TEST(SourcePolicy, ConvertsEachReferenceToItsDigest) {
  const Digest digest = sha256("x");
  BuildRequest request = plain_request();
  EXPECT_THAT(arguments_of(request), Not(Contains("--source-policy-file")));
  request.pins.emplace("docker.io/library/debian:bookworm-slim", digest);
  EXPECT_THAT(values_of(arguments_of(request), "--source-policy-file"), ElementsAre("/w/out/policy.json"));
  const auto policy = parse_json(source_policy(request.pins), "policy");
  ASSERT_TRUE(policy);
  const Json& rule = policy->at("rules").at(0);
  EXPECT_EQ(rule.at("action"), "CONVERT");
  EXPECT_EQ(rule.at("selector").at("identifier"), "docker-image://docker.io/library/debian:bookworm-slim");
  EXPECT_EQ(rule.at("updates").at("identifier"),
            "docker-image://docker.io/library/debian:bookworm-slim@" + digest.text());
}

// Go's regular expressions and ECMAScript's agree on all that the rule uses.
TEST(SourcePolicy, LeadsAllUrlsButItsOwnThroughTheServer) {
  BuildRequest request = plain_request();
  request.fetch_server = "127.0.0.1:5999/0a1b";
  EXPECT_THAT(values_of(arguments_of(request), "--source-policy-file"), ElementsAre("/w/out/policy.json"));
  const auto policy = parse_json(source_policy({}, request.fetch_server), "policy");
  ASSERT_TRUE(policy);
  const Json& rule = policy->at("rules").at(0);
  EXPECT_EQ(rule.at("selector").at("match_type"), "REGEX");
  EXPECT_EQ(rule.at("updates").at("identifier"), "http://127.0.0.1:5999/0a1b/buildlab-through/${1}/${2}");
  const std::regex expression(rule.at("selector").at("identifier").get<std::string>());
  const auto led = [&](const std::string& url) {
    std::smatch match;
    return std::regex_match(url, match, expression) ? match[1].str() + "/" + match[2].str() : "";
  };
  EXPECT_EQ(led("https://pypi.example:443/simple/?a=b"), "https/pypi.example:443/simple/?a=b");
  EXPECT_EQ(led("http://127.0.0.1:5998/a"), "http/127.0.0.1:5998/a");
  EXPECT_EQ(led("http://127.0.0.1:59990/a"), "http/127.0.0.1:59990/a");
  EXPECT_EQ(led("http://1.example/"), "http/1.example/");
  EXPECT_EQ(led("http://127.0.0.1:5999/0a1b/buildlab-through/http/a/"), "") << "its own result";
  EXPECT_EQ(led("docker-image://docker.io/library/debian"), "");
  EXPECT_EQ(led("git://host/a"), "");
}

}  // namespace
}  // namespace buildlab::engine
