#include "framework/drift/inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::drift {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

metrics::Provenance provenance(std::vector<metrics::Material> materials) {
  metrics::Provenance result;
  result.dockerfile_name = "Dockerfile";
  result.dockerfile_text = "FROM base\nRUN npm install\nRUN curl \\\n  -O x\n";
  result.steps["step0"] = {"step0", {}, {{1, 1}}};
  result.steps["step1"] = {"step1", {"step0:0"}, {{2, 2}}};
  result.steps["step2"] = {"step2", {"step1:0"}, {{3, 4}}};
  result.materials = std::move(materials);
  result.proxy_network = true;
  return result;
}

std::vector<MovedInput> moved(const metrics::Provenance& a, const metrics::Provenance& b,
                              const metrics::Readers& readers = {}) {
  return moved_inputs({a, readers}, {b, readers}, "app/Dockerfile");
}

constexpr const char* k_npm = "https://registry.yarnpkg.com";

TEST(Inputs, TakesTwoVersionsOfAPackageForOneCause) {
  const std::string old_url = std::string(k_npm) + "/left-pad/-/left-pad-1.3.0.tgz";
  const std::string new_url = std::string(k_npm) + "/left-pad/-/left-pad-1.3.1.tgz";
  const std::string same = std::string(k_npm) + "/right-pad/-/right-pad-1.0.0.tgz";
  const auto all = moved(provenance({{old_url, "sha256:1"}, {same, "sha256:9"}}),
                         provenance({{new_url, "sha256:2"}, {same, "sha256:9"}}),
                         {{old_url, {{2, 2}}}, {new_url, {{2, 2}}}});
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].what, "left-pad 1.3.0 → 1.3.1");
  EXPECT_EQ(all[0].version_a, "1.3.0");
  EXPECT_EQ(all[0].version_b, "1.3.1");
  EXPECT_THAT(all[0].a, ElementsAre(Given{old_url, "sha256:1"}));
  EXPECT_THAT(all[0].b, ElementsAre(Given{new_url, "sha256:2"}));
  EXPECT_THAT(all[0].steps, ElementsAre(StepRef{"app/Dockerfile", {2, 2}, "RUN npm install"}));
  EXPECT_EQ(headline(all[0]), "VERS: left-pad 1.3.0 → 1.3.1 (npm), read by app/Dockerfile:2 RUN npm install");
  EXPECT_THAT(all[0].fix, HasSubstr("\"left-pad\": \"1.3.0\""));
  EXPECT_THAT(url_lines(all[0]), ElementsAre("A " + old_url + " sha256:1", "B " + new_url + " sha256:2"));
}

TEST(Inputs, TellsOtherContentUnderTheSameVersion) {
  const std::string url = "https://repo.maven.apache.org/maven2/a/b/1.0/b-1.0.jar";
  const auto all = moved(provenance({{url, "sha256:1"}}), provenance({{url, "sha256:2"}}));
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].what, "a:b 1.0, other content under the same version");
  EXPECT_THAT(all[0].steps, IsEmpty());
}

TEST(Inputs, NamesOtherUrlsByThemselves) {
  const std::string url = "https://example.org/install.sh";
  const auto all =
      moved(provenance({{url, "sha256:1"}}), provenance({{url, "sha256:2"}}), {{url, {{3, 4}, {1, 1}}}});
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].what, url);
  EXPECT_FALSE(all[0].package);
  ASSERT_THAT(all[0].steps, SizeIs(2)) << "both that read it, by their lines";
  EXPECT_EQ(all[0].steps[1].lines, (dockerfile::LineRange{3, 4}));
  EXPECT_THAT(all[0].fix, HasSubstr("ADD --checksum=sha256:1 " + url));
}

TEST(Inputs, KeepsWhatOnlyOneBuildWasGiven) {
  const auto all = moved(provenance({{"https://example.org/left", "sha256:3"}}),
                         provenance({{"https://example.org/x/-/x-1.0.0.tgz", "sha256:5"}}));
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].what, "x 1.0.0, read by B only");
  EXPECT_EQ(headline(all[1]), "VERS: https://example.org/left, read by A only");
}

TEST(Inputs, PassOverTheSameContentUnderAnotherAddress) {
  EXPECT_THAT(moved(provenance({{"https://mirror-1.example/f", "sha256:1"}}),
                    provenance({{"https://mirror-2.example/f", "sha256:1"}})),
              IsEmpty());
  // Under the same address it has moved, also to content that stood elsewhere before.
  EXPECT_THAT(moved(provenance({{"https://e.example/f", "sha256:1"}, {"https://e.example/g", "sha256:2"}}),
                    provenance({{"https://e.example/f", "sha256:2"}, {"https://e.example/g", "sha256:2"}})),
              SizeIs(1));
}

TEST(Inputs, FindWhatOneBuildWasGivenTwiceDifferently) {
  const std::string url = "https://example.org/counter";
  const auto all = moved(provenance({{url, "sha256:1"}, {url, "sha256:2"}}), provenance({{url, "sha256:2"}}));
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_THAT(all[0].a, ElementsAre(Given{url, "sha256:1"}));
}

TEST(Inputs, PutPackagesBeforeUrlsAndIndexesLast) {
  const std::string index = std::string(k_npm) + "/left-pad";
  const std::string script = "https://example.org/a.sh";
  const auto all = moved(
      provenance(
          {{index, "sha256:1"}, {script, "sha256:1"}, {std::string(k_npm) + "/z/-/z-1.0.0.tgz", "sha256:1"}}),
      provenance({{index, "sha256:2"},
                  {script, "sha256:2"},
                  {std::string(k_npm) + "/z/-/z-1.0.1.tgz", "sha256:2"}}));
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(all[0].what, "z 1.0.0 → 1.0.1");
  EXPECT_EQ(all[1].what, script);
  EXPECT_EQ(all[2].what, "index of left-pad");
}

TEST(Inputs, ShowNoCredentials) {
  const std::string url = "https://me:hunter2@example.org/f?token=hunter2";
  for (const MovedInput& input : moved(provenance({{url, "sha256:1"}}), provenance({{url, "sha256:2"}}))) {
    EXPECT_THAT(headline(input) + input.fix + url_lines(input).front(), testing::Not(HasSubstr("hunter2")));
  }
}

Comparison compared(std::vector<Difference> differences, std::vector<MovedInput> inputs) {
  Comparison comparison;
  comparison.differences = std::move(differences);
  comparison.inputs = std::move(inputs);
  tie_to_inputs(comparison);
  return comparison;
}

Difference content(const std::string& path, const std::string& a, const std::string& b) {
  Difference difference;
  difference.path = path;
  difference.a = a;
  difference.b = b;
  return difference;
}

TEST(TieToInputs, ProvesAFileWithTheBytesOfAUrl) {
  const auto inputs = moved(provenance({{"https://example.org/f", "sha256:1"}}),
                            provenance({{"https://example.org/f", "sha256:2"}}));
  Difference size = content("opt/f", "10", "11");
  size.attribute = Attribute::size;
  Difference copy = content("opt/copy", "sha256:7", "sha256:8");
  copy.cause.emplace();
  copy.cause->kind = causes::CauseClass::derived;
  copy.cause->root = "opt/f";
  const Comparison comparison =
      compared({content("opt/f", "sha256:1", "sha256:2"), size, copy,
                content("opt/g", "sha256:1", "sha256:9"), content("opt/h", "sha256:2", "sha256:1")},
               inputs);
  const auto& found = comparison.differences;
  ASSERT_TRUE(found[0].cause);
  EXPECT_EQ(found[0].cause->kind, causes::CauseClass::vers);
  EXPECT_TRUE(found[0].cause->proven);
  EXPECT_EQ(found[0].input, "https://example.org/f");
  EXPECT_TRUE(found[1].cause);
  EXPECT_EQ(found[1].input, "https://example.org/f");
  EXPECT_EQ(found[2].input, "https://example.org/f");
  EXPECT_EQ(found[2].cause->kind, causes::CauseClass::derived);
  EXPECT_FALSE(found[3].cause) << "only one side is what the URL gave";
  EXPECT_FALSE(found[4].cause) << "the sides changed places";
}

Difference versions(const std::string& row, const std::string& evidence) {
  Difference difference = content("some/list", "sha256:x", "sha256:y");
  difference.cause.emplace();
  difference.cause->kind = causes::CauseClass::vers;
  difference.cause->row = row;
  difference.cause->evidence = {evidence};
  return difference;
}

TEST(TieToInputs, TiesADatabaseToThePackagesThatWereFetched) {
  const std::string pool = "http://archive.example/debian/pool/main/c/curl/curl_";
  const auto inputs = moved(provenance({{pool + "7.88.1-10_amd64.deb", "sha256:1"}}),
                            provenance({{pool + "7.88.1-11_amd64.deb", "sha256:2"}}));
  const Comparison comparison = compared(
      {versions("B27", "curl: 7.88.1-10, then 7.88.1-11"),
       versions("B27", "curl: 1:7.88.1-10, then 1:7.88.1-11"),
       versions("B27", "curl: 7.88.1-9, then 7.88.1-11"), versions("B27", "curly: 7.88.1-10, then 7.88.1-11"),
       versions("F5", "curl: 7.88.1-10, then 7.88.1-11")},
      inputs);
  const auto& found = comparison.differences;
  EXPECT_EQ(found[0].input, "curl 7.88.1-10 → 7.88.1-11");
  EXPECT_EQ(found[1].input, "curl 7.88.1-10 → 7.88.1-11") << "an epoch is not in a file's name";
  EXPECT_EQ(found[2].input, "") << "another version";
  EXPECT_EQ(found[3].input, "") << "another package";
  EXPECT_EQ(found[4].input, "") << "a package of npm";
}

}  // namespace
}  // namespace buildlab::drift
