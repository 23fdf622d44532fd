#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/causes/text_tokens.h"
#include "tests/unit/causes/row_case.h"

namespace buildlab::causes {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts(std::string_view text, const std::vector<Token>& tokens) {
  std::vector<std::string> found;
  found.reserve(tokens.size());
  for (const Token& token : tokens) found.emplace_back(text.substr(token.begin, token.size));
  return found;
}

std::vector<std::string> times_in(std::string_view text) {
  return texts(text, time_tokens(text));
}

std::vector<std::string> random_in(std::string_view text) {
  return texts(text, random_tokens(text));
}

struct Form {
  const char* text;
  TokenKind kind;
  const char* moment;  // "" where the form names none
};

TEST(TimeTokens, AreFoundWholeAndDecoded) {
  const std::vector<Form> forms = {
      Form{"2026-11-24T10:00:07Z", TokenKind::moment, "2026-11-24T10:00:07Z"},
      Form{"2026-11-24T10:00:07.123456789Z", TokenKind::moment, "2026-11-24T10:00:07Z"},
      Form{"2026-11-24T10:00:07+01:00", TokenKind::moment, "2026-11-24T09:00:07Z"},
      Form{"2026-11-24 10:00:07", TokenKind::moment, "2026-11-24T10:00:07Z"},
      Form{"2026-11-24 10:00:07 -0230", TokenKind::moment, "2026-11-24T12:30:07Z"},
      Form{"2026-11-24 10:00:07 UTC", TokenKind::moment, "2026-11-24T10:00:07Z"},
      Form{"2026-11-24  10:00:07", TokenKind::moment, "2026-11-24T10:00:07Z"},
      Form{"2026/11/24 10:00:07", TokenKind::moment, "2026-11-24T10:00:07Z"},
      Form{"2026-11-24 10:00", TokenKind::moment, "2026-11-24T10:00:00Z"},
      Form{"2026-11-24T10_00_07_123Z", TokenKind::moment, "2026-11-24T10:00:07Z"},
      Form{"20261124T100007Z", TokenKind::moment, "2026-11-24T10:00:07Z"},
      Form{"20261124.100007", TokenKind::moment, "2026-11-24T10:00:07Z"},
      Form{"Tue, 24 Nov 2026 10:00:07 +0000", TokenKind::moment, "2026-11-24T10:00:07Z"},
      Form{"Tue, 24 Nov 2026 10:00:07 GMT", TokenKind::moment, "2026-11-24T10:00:07Z"},
      Form{"24/Nov/2026:10:00:07 +0000", TokenKind::moment, "2026-11-24T10:00:07Z"},
      Form{"Tue Nov 24 10:00:07 2026", TokenKind::moment, "2026-11-24T10:00:07Z"},
      Form{"Tue Nov 24 10:00:07 UTC 2026", TokenKind::moment, "2026-11-24T10:00:07Z"},
      Form{"Tue Nov 24 10:00:07 AM UTC 2026", TokenKind::moment, "2026-11-24T10:00:07Z"},
      Form{"Tue Nov  3 10:00:07 2026", TokenKind::moment, "2026-11-03T10:00:07Z"},
      Form{"Nov 24 10:00:07", TokenKind::syslog, ""},
      Form{"Nov 24 2026", TokenKind::date, "2026-11-24T00:00:00Z"},
      Form{"Nov  4 2026", TokenKind::date, "2026-11-04T00:00:00Z"},
      Form{"November 24, 2026", TokenKind::date, "2026-11-24T00:00:00Z"},
      Form{"24 November 2026", TokenKind::date, "2026-11-24T00:00:00Z"},
      Form{"November 2026", TokenKind::month, "2026-11-01T00:00:00Z"},
      Form{"2026-11-24", TokenKind::date, "2026-11-24T00:00:00Z"},
      Form{"20261124", TokenKind::digits_date, "2026-11-24T00:00:00Z"},
      Form{"20261124100007", TokenKind::digits, "2026-11-24T10:00:07Z"},
      Form{"10:00:07", TokenKind::clock, ""},
      Form{"10:00:07.250", TokenKind::clock, ""},
      Form{"1795514407", TokenKind::seconds, "2026-11-24T10:00:07Z"},
      Form{"1795514407.5", TokenKind::seconds, "2026-11-24T10:00:07Z"},
      Form{"1795514407123", TokenKind::millis, "2026-11-24T10:00:07Z"},
      Form{"1795514407123456", TokenKind::micros, "2026-11-24T10:00:07Z"},
      Form{"1795514407123456789", TokenKind::nanos, "2026-11-24T10:00:07Z"}};
  for (const Form& form : forms) {
    const std::string text = std::string("before: ") + form.text + ", after";
    const auto tokens = time_tokens(text);
    EXPECT_EQ(tokens.size(), 1U) << text;
    if (tokens.size() != 1) continue;
    EXPECT_EQ(text.substr(tokens[0].begin, tokens[0].size), form.text);
    EXPECT_EQ(tokens[0].kind, form.kind) << form.text;
    EXPECT_EQ(tokens[0].time ? time_text(*tokens[0].time) : "", form.moment);
  }
}

TEST(TimeTokens, LeaveAloneWhatOnlyLooksLikeATime) {
  for (const char* text :
       {"2026-13-24", "2026-11-31T", "1.2.3", "1:2", "aa:bb:12:34:56:78", "99999999999", "v1795514407x",
        "0.1795514407", "Marching 24 2026", "Nov 2", "25:00:00", "12345678", "Decimal 5", "Sunny, 3"}) {
    EXPECT_THAT(times_in(text), IsEmpty()) << text;
  }
}

TEST(TimeTokens, StandBesideEachOther) {
  EXPECT_THAT(times_in("a 10:00:00 b 2026-11-24\n1795514407,1795514408"),
              ElementsAre("10:00:00", "2026-11-24", "1795514407", "1795514408"));
}

TEST(TimeTokens, DurationsAreFoundOnlyWhereAsked) {
  constexpr std::string_view text = "took 0.35s, 12 ms, 1m2.5s; 3 systems";
  EXPECT_THAT(times_in(text), IsEmpty());
  EXPECT_THAT(texts(text, time_tokens(text, true)), ElementsAre("0.35s", "12 ms", "1m2.5s"));
}

TEST(TimeTokens, EndWithTheText) {
  for (const char* text : {"2026-11-24T10:00:0", "2026-11-", "Tue Nov", "Tue, ", "179551440", "24 Nov 20"}) {
    EXPECT_THAT(time_tokens(text), testing::SizeIs(testing::Le(1))) << text;
  }
}

TEST(RandomTokens, FindTheNamesOfTemporaryFiles) {
  EXPECT_THAT(random_in("open tmpab12cd34/x"), ElementsAre("tmpab12cd34"));
  EXPECT_THAT(random_in("see tmp.Ab12Cd34Ef here"), ElementsAre("tmp.Ab12Cd34Ef"));
  EXPECT_THAT(random_in("/usr/pip-target-1a2b3c4d/lib"), ElementsAre("pip-target-1a2b3c4d"));
  EXPECT_THAT(random_in("pip-build-env-x1_b3c4d"), ElementsAre("pip-build-env-x1_b3c4d"));
  EXPECT_THAT(random_in("/tmp/foo-9aX2/bar"), ElementsAre("foo-9aX2"));
  EXPECT_THAT(random_in("/var/tmp/foo-9aX2/bar"), ElementsAre("foo-9aX2"));
  EXPECT_THAT(random_in("ccAkoQ7x.s"), ElementsAre("ccAkoQ7x"));
  EXPECT_THAT(random_in("siteconf20180621-14-1p1kra6.rb"), ElementsAre("20180621-14-1p1kra6"));
  EXPECT_THAT(random_in("go-build4711815"), ElementsAre("go-build4711815"));
  EXPECT_THAT(random_in("target cmTC_0a1b2"), ElementsAre("cmTC_0a1b2"));
}

TEST(RandomTokens, FindIdsAddressesAndProcessNumbers) {
  EXPECT_THAT(random_in("id=3f2504e0-4f89-41d3-9a0c-0305e82c3301;"),
              ElementsAre("3f2504e0-4f89-41d3-9a0c-0305e82c3301"));
  EXPECT_THAT(random_in("<object at 0x7f3a52c81d30>"), ElementsAre("0x7f3a52c81d30"));
  EXPECT_THAT(random_in("apt[4711]: done"), ElementsAre("4711"));
  EXPECT_THAT(random_in("TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
              ElementsAre("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  EXPECT_THAT(random_in("token 0af7651916cd43dd8448eb211c80319c"),
              ElementsAre("0af7651916cd43dd8448eb211c80319c"));
}

TEST(RandomTokens, FindTheFingerprintsOfSshKeysAndNoOtherSums) {
  const std::string print = "SHA256:jHPbhkAhep79V5F3jT9YzgyrqweRLbM2u8AirqmQx+/";
  ASSERT_EQ(print.size(), 7U + 43U);
  EXPECT_THAT(random_in("3072 " + print + " root@buildkitsandbox (RSA)\n"), ElementsAre(print));
  EXPECT_THAT(random_in("256 " + print + " root@host (ED25519)"), ElementsAre(print));
  EXPECT_THAT(random_in("layer " + print + " of the image"), IsEmpty());
  EXPECT_THAT(random_in("256 " + print + "= root@host (ECDSA)"), IsEmpty());
  EXPECT_THAT(random_in("256 " + print), IsEmpty());
}

TEST(RandomTokens, SumsOfFilesAndCommitsAreNotRandom) {
  constexpr const char* k_sum = "0af7651916cd43dd8448eb211c80319c";
  for (const char* before : {"usr/bin/ls ", "md5: ", "\"hash\": \"", "commit ", "ETag: ", "file.txt  "}) {
    EXPECT_THAT(random_in(std::string(before) + k_sum), IsEmpty()) << before;
  }
  EXPECT_THAT(random_in(std::string(k_sum) + "  usr/bin/ls"), IsEmpty());
}

TEST(RandomTokens, LeaveWordsAndNumbersAlone) {
  for (const char* text : {"tmpfs", "pip-install", "0x10", "cc1plus.s", "deadbeef", "pip-23.2.1", "/tmp/x",
                           "11111111111111111111111111111111", "ccache.s", "[12]", "a[12] = 3"}) {
    EXPECT_THAT(random_in(text), IsEmpty()) << text;
  }
}

TEST(NormalName, PathsThatDifferInTimeOrChanceBecomeEqual) {
  EXPECT_EQ(normal_name("root/.npm/_logs/2026-11-24T10_00_00_123Z-debug-0.log"),
            normal_name("root/.npm/_logs/2026-11-24T10_00_07_555Z-debug-0.log"));
  EXPECT_EQ(normal_name("srv/tmpab12cd34/x"), "srv/<random>/x");
  EXPECT_EQ(normal_name("usr/bin/ls"), "usr/bin/ls");
}

TEST(NormalName, VersionsAndSumsStayDifferent) {
  EXPECT_NE(normal_name("certifi-2026.11.24.dist-info/x"), normal_name("certifi-2026.12.01.dist-info/x"));
  EXPECT_NE(normal_name("blobs/sha256/0af7651916cd43dd8448eb211c80319c"),
            normal_name("blobs/sha256/1bf7651916cd43dd8448eb211c80319c"));
}

Fit fit_of(std::string_view a, std::string_view b, const Surroundings& surroundings) {
  auto tokens_a = time_tokens(a);
  auto tokens_b = time_tokens(b);
  if (tokens_a.empty()) tokens_a = random_tokens(a);
  if (tokens_b.empty()) tokens_b = random_tokens(b);
  EXPECT_EQ(tokens_a.size(), 1U) << a;
  EXPECT_EQ(tokens_b.size(), 1U) << b;
  if (tokens_a.size() != 1 || tokens_b.size() != 1) return Fit::no;
  const auto text = [](std::string_view all, const Token& token) {
    return all.substr(token.begin, token.size);
  };
  return fit(tokens_a[0], text(a, tokens_a[0]), tokens_b[0], text(b, tokens_b[0]), surroundings);
}

TEST(Fit, NumbersAreTimesOnlyNearTheBuilds) {
  EXPECT_EQ(fit_of("1795514407", "1795514507", built_now()), Fit::certain);
  EXPECT_EQ(fit_of("1595514407", "1595514507", built_now()), Fit::no);
  EXPECT_EQ(fit_of("1795514407", "1595514507", built_now()), Fit::no);
  EXPECT_EQ(fit_of("1795514407", "1795514507", {}), Fit::supposed);
  EXPECT_EQ(fit_of("1795514407", "1495514507", {}), Fit::no);
}

TEST(Fit, TimesOfOtherYearsAreSupposedOnly) {
  EXPECT_EQ(fit_of("2026-11-24T10:00:07Z", "2026-11-24T10:02:00Z", built_now()), Fit::certain);
  EXPECT_EQ(fit_of("2020-11-24T10:00:07Z", "2021-11-24T10:02:00Z", built_now()), Fit::supposed);
  EXPECT_EQ(fit_of("2020-11-24", "2021-11-24", built_now()), Fit::no);
  EXPECT_EQ(fit_of("20261124", "20261125", built_now()), Fit::certain);
  EXPECT_EQ(fit_of("20261124", "20261125", {}), Fit::no);
}

TEST(Fit, SourceDateEpochCountsAsATimeOfTheBuild) {
  Surroundings surroundings = built_now();
  surroundings.source_date_epoch = 1'700'000'000;
  EXPECT_EQ(fit_of("1700000000", "1795514407", surroundings), Fit::certain);
}

TEST(Fit, IdsMadeFromNamesAreNotRandom) {
  EXPECT_EQ(fit_of("3f2504e0-4f89-41d3-9a0c-0305e82c3301", "4f2504e0-4f89-41d3-9a0c-0305e82c3302", {}),
            Fit::certain);
  EXPECT_EQ(fit_of("3f2504e0-4f89-51d3-9a0c-0305e82c3301", "4f2504e0-4f89-51d3-9a0c-0305e82c3302", {}),
            Fit::no);
}

TEST(Fit, WordsThatBeginLikeTemporaryNamesAreNot) {
  EXPECT_EQ(fit_of("tmpab12cd34", "tmpef56ab78", {}), Fit::certain);
  EXPECT_EQ(fit_of("tmpfilesafe", "tmpreaperxy", {}), Fit::no);
}

}  // namespace
}  // namespace buildlab::causes
