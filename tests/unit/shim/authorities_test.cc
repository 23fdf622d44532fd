#include "framework/shim/authorities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>

#include "framework/base/file.h"
#include "framework/shim/edit.h"

namespace buildlab::shim {
namespace {

using testing::Contains;
using testing::IsSupersetOf;
using testing::Not;
using testing::SizeIs;

const std::string k_authority = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n";
const std::string k_bundle =
    "-----BEGIN CERTIFICATE-----\nREVG\n-----END CERTIFICATE-----\n\n# buildkit proxy CA begin\n" +
    k_authority + "# buildkit proxy CA end\n";

Json config(std::vector<std::string> variables) {
  return {{"process", {{"args", {"sh"}}, {"env", std::move(variables)}, {"cwd", "/"}}},
          {"mounts", Json::array()}};
}

TEST(Authorities, SetsWhatTheImageDoesNotSet) {
  Json changed = config({"PATH=/bin", "PIP_CERT=/own.pem"});
  ASSERT_TRUE(trust(changed, "/host/a.pem"));
  const auto variables = process_texts(changed, "env");
  EXPECT_THAT(variables, Contains("PIP_CERT=/own.pem"));
  EXPECT_THAT(variables, Not(Contains(std::string("PIP_CERT=") + k_authorities_in_container)));
  std::vector<std::string> set;
  for (const char* name : {"NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE",
                           "GIT_SSL_CAINFO", "CARGO_HTTP_CAINFO"})
    set.push_back(std::string(name) + "=" + k_authorities_in_container);
  EXPECT_THAT(variables, IsSupersetOf(set));
  ASSERT_THAT(changed["mounts"], SizeIs(1));
  EXPECT_EQ(changed["mounts"][0]["source"], "/host/a.pem");
  // Anywhere else the mount's target would stay in the layer.
  EXPECT_EQ(changed["mounts"][0]["destination"].get<std::string>().find("/dev/"), 0U);
}

TEST(Authorities, LeavesAnImageAloneThatSetsAll) {
  std::vector<std::string> own;
  for (const std::string& name : authority_variables()) own.push_back(name + "=");
  Json changed = config(own);
  const Json before = changed;
  EXPECT_FALSE(trust(changed, "/host/a.pem"));
  EXPECT_EQ(changed, before);
}

TEST(Authorities, TellAProxiedContainer) {
  EXPECT_TRUE(is_proxied(config({"HTTPS_PROXY=http://10.89.0.1:1", "https_proxy=http://10.89.0.1:1"})));
  EXPECT_FALSE(is_proxied(config({"HTTPS_PROXY_X=1", "PATH=/bin"})));
}

TEST(Authorities, AreReadFromTheFirstBundleThatIsThere) {
  const auto made = TempDir::create(std::filesystem::temp_directory_path(), "authorities");
  ASSERT_TRUE(made);
  const TempDir& folder = *made;
  const auto root = [&] { return Root::open(folder.path()).value(); };
  EXPECT_FALSE(proxied_bundle(root()));
  std::filesystem::create_directories(folder.path() / "etc/ssl/certs");
  ASSERT_TRUE(write_file_atomic(folder.path() / "etc/ssl/cert.pem", k_bundle));
  const auto bundle = proxied_bundle(root());
  ASSERT_TRUE(bundle);
  EXPECT_EQ(bundle->path, "/etc/ssl/cert.pem");
  EXPECT_EQ(bundle->text, k_bundle);
  // BuildKit takes the first only: without its mark the proxy's authority is not known.
  ASSERT_TRUE(write_file_atomic(folder.path() / "etc/ssl/certs/ca-certificates.crt", k_authority));
  EXPECT_FALSE(proxied_bundle(root()));
}

TEST(Authorities, AreFoundBetweenTheirMarks) {
  EXPECT_EQ(proxy_authority(k_bundle), k_authority);
  EXPECT_EQ(proxy_authority(k_authority), "");
  EXPECT_EQ(proxy_authority(k_bundle.substr(0, k_bundle.size() - 5)), "") << "cut";
}

}  // namespace
}  // namespace buildlab::shim
