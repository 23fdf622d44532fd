// What damaged and hostile files do to the readers: nothing but an answer. Work that grows out of proportion
// ends at CTest's limit.
#include <gtest/gtest.h>

#include <iterator>
#include <random>

#include "tests/unit/causes_formats/samples.h"

namespace buildlab::causes {
namespace {

class Damage {
 public:
  std::string of(std::string bytes) {
    if (bytes.empty()) return bytes;
    const auto below = [this](std::size_t end) {
      return std::uniform_int_distribution<std::size_t>(0, end - 1)(m_random);
    };
    switch (below(5)) {
      case 0:  // cut
        bytes.resize(below(bytes.size()));
        break;
      case 1:  // flip
        for (std::size_t i = below(8) + 1; i > 0; --i)
          bytes[below(bytes.size())] ^= static_cast<char>(1 << below(8));
        break;
      case 2:  // a number that lies
        for (std::size_t i = 0, at = below(bytes.size()); i < 4 && at + i < bytes.size(); ++i) {
          bytes[at + i] = static_cast<char>(below(2) == 0 ? 0xff : 0x7f);
        }
        break;
      case 3: {  // a part twice
        const std::size_t at = below(bytes.size());
        bytes.insert(at, bytes.substr(below(bytes.size()), below(64) + 1));
        break;
      }
      default:  // a part left out
        bytes.erase(below(bytes.size()), below(64) + 1);
    }
    return bytes;
  }

 private:
  std::mt19937 m_random{20261124};  // the same damage in each run
};

TEST(Hostile, DamagedSamplesAreAnsweredSoon) {
  const auto names = sample_names();
  ASSERT_GT(names.size(), 30U);
  const char* const paths[] = {"a.tar",
                               "etc/ssl/certs/java/cacerts",
                               "var/lib/rpm/rpmdb.sqlite",
                               "a.jar",
                               "lib/apk/db/scripts.tar",
                               "META-INF/MANIFEST.MF",
                               "a.properties",
                               "x"};
  Damage damage;
  std::size_t answers = 0;
  for (std::size_t round = 0; round < 8 * std::size(paths); ++round) {
    for (const std::string& name : names) {
      const Sample of = sample(name);
      const char* path = paths[round % std::size(paths)];
      if (explain(path, damage.of(of.a), round % 2 == 0 ? of.b : damage.of(of.b), built_then())) ++answers;
    }
  }
  // Much damage is beside what a reader looks at, so that it still finds its cause.
  EXPECT_GT(answers, 0U);
}

TEST(Hostile, TheEndMayComeAnywhere) {
  for (const std::string& name : sample_names()) {
    const Sample of = sample(name);
    for (std::size_t size = 0; size < of.a.size(); size += 1 + of.a.size() / 64) {
      explain("x", of.a.substr(0, size), of.b);
      explain("x", of.a, of.b.substr(0, size));
    }
  }
}

TEST(Hostile, TheSameBytesHaveNoCause) {
  for (const std::string& name : sample_names()) {
    const Sample of = sample(name);
    EXPECT_FALSE(explain("x", of.a, of.a, built_then())) << name;
  }
}

// Whatever the cause, an unrelated byte must not be part of what is proven.
TEST(Hostile, NothingIsProvenWithAnUnrelatedByte) {
  for (const std::string& name : sample_names()) {
    const Sample of = sample(name);
    const auto cause = explain("x", of.a + "\x01\x02", of.b + "\x03\x04", built_then());
    EXPECT_FALSE(cause && cause->proven) << name << ": " << verdict(cause);
  }
}

TEST(Hostile, BombsStopAtTheLimits) {
  const std::string zeros(std::size_t{60} << 20, '\0');
  std::string a = gzip(zeros);
  std::string b = gzip(zeros.substr(1));
  for (int i = 0; i < 3; ++i) {
    a = gzip(a);
    b = gzip(b);
  }
  EXPECT_EQ(verdict(explain("a.gz", a, b)), "unknown");
}

TEST(Hostile, DeeplyNestedJsonIsLeftAlone) {
  const std::string deep(200'000, '[');
  EXPECT_EQ(verdict(explain("a.json", deep + "1", deep + "2")), "unknown");
  std::string keys_a = "{";
  for (int i = 0; i < 100'000; ++i) keys_a += "\"" + std::to_string(i) + "\":0,";
  EXPECT_EQ(verdict(explain("a.json", keys_a + "\"x\":1}", keys_a + "\"x\":2}")), "unknown");
}

}  // namespace
}  // namespace buildlab::causes
