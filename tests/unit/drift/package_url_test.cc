#include "framework/drift/package_url.h"

#include <gtest/gtest.h>

namespace buildlab::drift {

// For failure messages.
void PrintTo(const Package& package, std::ostream* out) {
  *out << to_string(package.ecosystem) << " " << package.name << " " << package.version
       << (package.index ? " (index)" : "");
}

namespace {

using enum Ecosystem;

struct Known {
  const char* url;
  Package package;
};

TEST(PackageUrl, NamesPackageAndVersion) {
  const Known all[] = {
      {"http://archive.example/debian/pool/main/c/curl/curl_7.88.1-10+deb12u8_amd64.deb",
       {debian, "curl", "7.88.1-10+deb12u8"}},
      {"http://archive.example/debian/pool/main/g/gcc-12/libstdc%2b%2b6_12.2.0-14_amd64.deb",
       {debian, "libstdc++6", "12.2.0-14"}},
      {"https://files.pythonhosted.org/packages/70/8e/0e2d/requests-2.31.0-py3-none-any.whl",
       {pypi, "requests", "2.31.0"}},
      {"https://files.pythonhosted.org/packages/70/8e/0e2d/requests-2.31.0-py3-none-any.whl.metadata",
       {pypi, "requests", "2.31.0"}},
      {"http://127.0.0.1:8080/Zope.Interface_X-6.1-1-cp311-cp311-manylinux_2_17_x86_64.whl",
       {pypi, "zope-interface-x", "6.1"}},
      {"https://files.pythonhosted.org/packages/aa/bb/cc/python-dateutil-2.8.2.tar.gz",
       {pypi, "python-dateutil", "2.8.2"}},
      {"https://registry.yarnpkg.com/left-pad/-/left-pad-1.3.1.tgz", {npm, "left-pad", "1.3.1"}},
      {"https://registry.yarnpkg.com/@types/node/-/node-20.1.0.tgz", {npm, "@types/node", "20.1.0"}},
      {"https://registry.yarnpkg.com/@types%2fnode/-/node-20.1.0-beta.1.tgz",
       {npm, "@types/node", "20.1.0-beta.1"}},
      {"https://mirror.example/npm/left-pad/-/left-pad-1.3.1.tgz?cache=1#x", {npm, "left-pad", "1.3.1"}},
      {"https://modules.example/github.com/pkg/errors/@v/v0.9.1.zip",
       {go, "github.com/pkg/errors", "v0.9.1"}},
      {"https://goproxy.example/go/github.com/!azure/sdk/@v/v1.0.0-20200101000000-abcdef123456.mod",
       {go, "github.com/Azure/sdk", "v1.0.0-20200101000000-abcdef123456"}},
      {"https://static.crates.io/crates/serde/serde-1.0.190.crate", {cargo, "serde", "1.0.190"}},
      {"https://crates.io/api/v1/crates/serde_json/1.0.1/download", {cargo, "serde_json", "1.0.1"}},
      {"https://repo.maven.apache.org/maven2/org/slf4j/slf4j-api/2.0.9/slf4j-api-2.0.9.jar",
       {maven, "org.slf4j:slf4j-api", "2.0.9"}},
      {"https://repo.maven.apache.org/maven2/org/slf4j/slf4j-api/2.0.9/slf4j-api-2.0.9.pom.sha1",
       {maven, "org.slf4j:slf4j-api", "2.0.9"}},
      {"https://nexus.example/repository/public/com/acme/lib/1.0-SNAPSHOT/lib-1.0-20240101.120000-1.jar",
       {maven, "com.acme:lib", "1.0-20240101.120000-1"}},
      {"https://github.com/jqlang/jq/releases/download/jq-1.7/jq-linux-amd64",
       {github, "jqlang/jq", "jq-1.7"}},
      {"https://github.com/fmtlib/fmt/archive/refs/tags/10.1.0.tar.gz", {github, "fmtlib/fmt", "10.1.0"}},
      {"https://github.com/fmtlib/fmt/archive/master.zip", {github, "fmtlib/fmt", "master"}},
      {"https://codeload.github.com/fmtlib/fmt/tar.gz/refs/heads/feature/x",
       {github, "fmtlib/fmt", "feature/x"}},
      {"https://dl-cdn.alpinelinux.org/alpine/v3.20/main/x86_64/ca-certificates-bundle-20240226-r0.apk",
       {alpine, "ca-certificates-bundle", "20240226-r0"}},
      {"https://mirror.example/fedora/41/Packages/c/curl-minimal-8.9.1-3.fc41.x86_64.rpm",
       {rpm, "curl-minimal", "8.9.1-3.fc41"}},
      {"https://rubygems.org/gems/nokogiri-1.15.4-x86_64-linux.gem", {rubygems, "nokogiri", "1.15.4"}},
      {"https://rubygems.org/gems/net-http-persistent-4.0.2.gem", {rubygems, "net-http-persistent", "4.0.2"}},
      {"https://user:secret@registry.yarnpkg.com/left-pad/-/left-pad-1.3.1.tgz", {npm, "left-pad", "1.3.1"}},
      {"pkg:docker/library/debian@bookworm-slim?digest=sha256:ab&platform=linux%2Famd64",
       {image, "library/debian", "bookworm-slim"}},
  };
  for (const Known& known : all) {
    const auto package = package_of_url(known.url);
    ASSERT_TRUE(package) << known.url;
    EXPECT_EQ(*package, known.package) << known.url;
  }
}

TEST(PackageUrl, NamesIndexes) {
  const Known all[] = {
      {"http://archive.example/debian/dists/bookworm/InRelease", {debian, "bookworm", "", true}},
      {"http://archive.example/debian/dists/bookworm/main/binary-amd64/Packages.xz",
       {debian, "bookworm/main/binary-amd64", "", true}},
      // The hash in the path is another one each time; the list is the same.
      {"http://archive.example/debian/dists/bookworm/main/binary-amd64/by-hash/SHA256/"
       "0f1a2b3c4d5e6f708192a3b4c5d6e7f80f1a2b3c4d5e6f708192a3b4c5d6e7f8",
       {debian, "bookworm/main/binary-amd64", "", true}},
      {"https://pypi.org/simple/Requests_Toolbelt/", {pypi, "requests-toolbelt", "", true}},
      {"https://pypi.org/pypi/requests/json", {pypi, "requests", "", true}},
      {"https://registry.yarnpkg.com/left-pad", {npm, "left-pad", "", true}},
      {"https://registry.yarnpkg.com/@types%2fnode", {npm, "@types/node", "", true}},
      {"https://modules.example/github.com/pkg/errors/@v/list", {go, "github.com/pkg/errors", "", true}},
      {"https://modules.example/github.com/pkg/errors/@latest", {go, "github.com/pkg/errors", "", true}},
      {"https://index.crates.io/se/rd/serde", {cargo, "serde", "", true}},
      {"https://repo1.maven.org/maven2/org/slf4j/slf4j-api/maven-metadata.xml",
       {maven, "org.slf4j:slf4j-api", "", true}},
      {"https://dl-cdn.alpinelinux.org/alpine/v3.20/main/x86_64/APKINDEX.tar.gz",
       {alpine, "v3.20/main/x86_64", "", true}},
      {"https://mirror.example/fedora/41/repodata/repomd.xml", {rpm, "fedora/41", "", true}},
      {"https://rubygems.org/info/rake", {rubygems, "rake", "", true}},
  };
  for (const Known& known : all) {
    const auto package = package_of_url(known.url);
    ASSERT_TRUE(package) << known.url;
    EXPECT_EQ(*package, known.package) << known.url;
  }
}

TEST(PackageUrl, IsOfNoPackageWhereTheLayoutIsAnother) {
  for (const char* url : {
           "",
           "left-pad-1.3.1.tgz",
           "ftp://mirror.example/pool/curl_7.88.1-10_amd64.deb",
           "https://example.org",
           "https://example.org/",
           "https://example.org/install.sh",
           "https://example.org/curl.deb",                               // no version
           "https://example.org/curl_7.88.1-10.deb",                     // no architecture
           "https://example.org/curl_latest_amd64.deb",                  // no number
           "https://example.org/dists/bookworm",                         // a folder
           "https://example.org/dists/bookworm/notes.txt",               // no list
           "https://example.org/tool-1.2.3.tar.gz",                      // not from an archive of Python's
           "https://example.org/tool-1.2.3.whl",                         // no tags
           "https://example.org/packages/tool-latest.tar.gz",            // no number
           "https://example.org/left-pad/-/right-pad-1.3.1.tgz",         // another name
           "https://example.org/left-pad/-/left-pad.tgz",                // no version
           "https://example.org/left-pad/left-pad-1.3.1.tgz",            // no "-"
           "https://example.org/left-pad",                               // an index on npm's hosts only
           "https://registry.yarnpkg.com/-/npm/v1/security/advisories",  // an endpoint
           "https://modules.example/github.com/pkg/errors/v0.9.1.zip",   // no @v
           "https://modules.example/github.com/pkg/errors/@v/master.info",
           "https://modules.example/github.com/!1/errors/@v/v0.9.1.zip",
           "https://static.crates.io/crates/serde/toml-1.0.190.crate",
           "https://crates.io/api/v1/crates/serde/owners",
           "https://example.org/org/slf4j/slf4j-api/2.0.9/other-2.0.9.jar",
           "https://example.org/org/slf4j/slf4j-api/2.0.9/slf4j-api-2.0.91.jar",
           "https://github.com/jqlang/jq/releases/tag/jq-1.7",
           "https://github.com/jqlang/jq",
           "https://github.example/jqlang/jq/archive/1.7.tar.gz",
           "https://example.org/x86_64/busybox-1.36.1.apk",  // no -r
           "https://example.org/x86_64/-1.36.1-r1.apk",
           "https://example.org/curl.x86_64.rpm",
           "https://example.org/repodata/readme.html",
           "https://example.org/gems/rake.gem",
           "pkg:docker/",
           "pkg:docker/@tag",
       }) {
    const auto package = package_of_url(url);
    EXPECT_FALSE(package) << url << " is " << testing::PrintToString(package.value_or(Package{}));
  }
}

TEST(PackageUrl, SaysHowToPin) {
  EXPECT_EQ(pin_words({debian, "curl", "7.88.1-10"}, "").find("apt-get install curl=7.88.1-10"), 0U);
  EXPECT_EQ(pin_words({pypi, "requests", "2.31.0"}, "").find("pip install requests==2.31.0"), 0U);
  EXPECT_NE(pin_words({github, "a/b", "main"}, "sha256:12").find("--checksum=sha256:12"), std::string::npos);
  EXPECT_NE(pin_words({npm, "left-pad", "", true}, "").find("an index moves"), std::string::npos);
}

}  // namespace
}  // namespace buildlab::drift
