#include "framework/engine/redact.h"

#include <gtest/gtest.h>

#include "environment.h"
#include "framework/base/base64.h"
#include "framework/base/file.h"
#include "framework/base/json.h"

namespace buildlab::engine {
namespace {

TEST(Redactor, TakesCredentialsOutOfUrls) {
  const Redactor redactor;
  EXPECT_EQ(redactor.text("get https://user:word@host/x?a=b@c"), "get https://***@host/x?a=b@c");
  EXPECT_EQ(redactor.text("https://ghp_token@github.com/a https://u:p@b"),
            "https://***@github.com/a https://***@b");
  EXPECT_EQ(redactor.text("https://u:p@ss@host/"), "https://***@host/");
  EXPECT_EQ(redactor.text("ssh://git@host/x ssh://git:word@host/x"), "ssh://git@host/x ssh://git:***@host/x");
  EXPECT_EQ(redactor.text("HTTP://u:p@host"), "HTTP://***@host");
}

TEST(Redactor, LeavesOtherTextAsItIs) {
  const Redactor redactor({"abc"});  // below four characters: not a secret that can be told from text
  for (const char* text :
       {"", "abc", "https://host/@scope/pkg", "a@b.c", "see://", "http://[::1]:80/", "x://@"}) {
    EXPECT_EQ(redactor.text(text), text);
  }
  const std::string line =
      R"({"vertexes":[{"digest":"sha256:00","name":"RUN <a> \u0026 b"}],"logs":[{"data":"aGk="}]})";
  EXPECT_EQ(redactor.json(line), line);
}

TEST(Redactor, TakesValuesOutInEveryFormTheyAreWrittenIn) {
  const std::string value = "s3cr\"et<&>\\x";
  const Redactor redactor({value + "\n"});
  EXPECT_EQ(redactor.text("token " + value + "!"), "token ***!");
  EXPECT_EQ(redactor.text(to_line(Json(value))), "\"***\"");
  EXPECT_EQ(redactor.text(R"("s3cr\"et\u003c\u0026\u003e\\x")"), "\"***\"");
  EXPECT_EQ(redactor.text("basic " + base64_encode(value)), "basic ***");
}

TEST(Redactor, LooksIntoBase64Data) {
  const Redactor redactor({"hunter22"});
  const std::string line =
      R"({"logs":[{"data":")" + base64_encode("the word is hunter22\n") + R"(","stream":1}]})";
  const auto json = parse_json(redactor.json(line), "line");
  ASSERT_TRUE(json);
  EXPECT_EQ(base64_decode(json->at("logs").at(0).at("data").get<std::string>()), "the word is ***\n");
  EXPECT_EQ(json->at("logs").at(0).at("stream"), 1);
  EXPECT_EQ(redactor.json(R"({"data":"hunter22 not base64)"), R"({"data":"*** not base64)");
}

TEST(Redactor, TakesOutThePartsOfAFileOfSecrets) {
  const Redactor redactor({"registry=https://r/\n//r/:_authToken=npm_0123456789\npassword: correcthorse\n"});
  EXPECT_EQ(redactor.text("using npm_0123456789 and correcthorse"), "using *** and ***");
  EXPECT_EQ(redactor.text("registry is fine"), "registry is fine");
}

TEST(SecretValues, ComeFromFilesAndVariablesAndSayWhatIsMissing) {
  const auto dir = TempDir::create(std::filesystem::temp_directory_path(), "buildlab-test-");
  ASSERT_TRUE(write_file_atomic(dir->path() / "s", "from file"));
  const ScopedVariable variable("BUILDLAB_TEST_SECRET", "from variable");
  const auto values =
      secret_values({{.id = "a", .file = dir->path() / "s", .environment_variable = {}},
                     {.id = "b", .file = {}, .environment_variable = "BUILDLAB_TEST_SECRET"}});
  ASSERT_TRUE(values);
  EXPECT_EQ(*values, (std::vector<std::string>{"from file", "from variable"}));
  const auto missing = secret_values({{.id = "c", .file = dir->path() / "none", .environment_variable = {}}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::usage);
  EXPECT_NE(missing.error().message.find("secret c"), std::string::npos);
  EXPECT_FALSE(secret_values({{.id = "d", .file = {}, .environment_variable = "BUILDLAB_TEST_NOT_SET"}}));
}

}  // namespace
}  // namespace buildlab::engine
