#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/causes_formats/samples.h"

namespace buildlab::causes {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(MachineId, IsRandomByItsPlace) {
  const std::string a = "0123456789abcdef0123456789abcdef\n";
  const std::string b = "fedcba98765432100123456789abcdef\n";
  const auto cause = explain("etc/machine-id", a, b);
  EXPECT_EQ(verdict(cause), "RAND B17 proven");
  EXPECT_THAT(fix(cause), HasSubstr("/etc/machine-id"));
  EXPECT_EQ(verdict(explain("var/lib/dbus/machine-id", a, b)), "RAND B17 proven");
  EXPECT_EQ(verdict(explain("etc/other-id", a, b)), "unknown");
  EXPECT_EQ(verdict(explain("etc/machine-id", a, "uninitialized\n")), "unknown");
  EXPECT_EQ(verdict(explain("etc/machine-id", a, b + "more\n")), "unknown");
}

TEST(CompiledXml, NamesTheRandomIdentifier) {
  const auto silo = [](char guid, const std::string& rest) {
    return "XMLb" + le(9, 4) + std::string(16, guid) + rest;
  };
  const std::string path = "var/cache/swcatalog/cache/en_US.xb";
  EXPECT_EQ(verdict(explain(path, silo('a', "nodes"), silo('b', "nodes"))), "RAND B22 proven");
  EXPECT_EQ(verdict(explain(path, silo('a', "nodes"), silo('b', "other"))), "unknown");
}

std::string chunk(const std::string& type, const std::string& data) {
  return be(data.size(), 4) + type + data + std::string(4, data.empty() ? 'c' : data.back());
}
std::string png(const std::string& middle, const std::string& pixels = "pixels") {
  return std::string("\x89PNG\r\n\x1a\n", 8) + chunk("IHDR", std::string(13, '\1')) + middle +
         chunk("IDAT", pixels) + chunk("IEND", "");
}

TEST(Png, NamesWhenThePictureWasMade) {
  const auto time = [](int second) {
    return chunk("tIME", be(2026, 2) + "\x0b\x18\x0a" + be(0, 1) + be(second, 1));
  };
  const auto cause = explain("a.png", png(time(1)), png(time(9)));
  EXPECT_EQ(verdict(cause), "TIME I7 proven");
  EXPECT_THAT(evidence(cause), HasSubstr("2026-11-24T10:00:01Z, then 2026-11-24T10:00:09Z"));
  const auto text = [](const std::string& key, const std::string& value) {
    return chunk("tEXt", key + '\0' + value);
  };
  EXPECT_EQ(verdict(explain("a.png", png(text("date:create", "2026-11-24T10:00:01+00:00")),
                            png(text("date:create", "2026-11-24T10:00:07.5+00:00")))),
            "TIME I7 proven");
  EXPECT_EQ(verdict(explain("a.png", png(text("Software", "x 1")), png(text("Software", "x 22")))),
            "VERS I7 proven");
  EXPECT_EQ(verdict(explain("a.png", png(text("Comment", "1")), png(text("Comment", "2")))), "unknown");
  EXPECT_EQ(verdict(explain("a.png", png(time(1)), png(time(9), "others"))), "TIME I7 supposed");
}

std::string pdf(const std::string& date, const std::string& id, const std::string& text = "text") {
  return "%PDF-1.5\n1 0 obj\n<< /Producer (x) /CreationDate (D:" + date + "Z) /ModDate (D:" + date +
         "Z) >>\nendobj\n" + text + "\n<xmp:CreateDate>" + date +
         "</xmp:CreateDate>\ntrailer\n<< /Size 2 /ID [<" + id + "> <" + id + ">] >>\n%%EOF\n";
}

TEST(Pdf, NamesDatesAndIdentifiers) {
  const auto cause = explain("a.pdf", pdf("20261124100000", "abcd"), pdf("20261124100007", "ef01"));
  EXPECT_EQ(verdict(cause), "TIME I7 proven");
  EXPECT_THAT(evidence(cause),
              AllOf(HasSubstr("(/CreationDate): \"D:20261124100000Z\", then \"D:20261124100007Z\""),
                    HasSubstr("also RAND (I7)")));
  EXPECT_EQ(verdict(explain("a.pdf", pdf("20261124100000", "abcd"), pdf("20261124100000", "ef01"))),
            "RAND I7 proven");
  EXPECT_EQ(verdict(explain("a.pdf", pdf("20261124100000", "abcd"), pdf("20261124100007", "abcd", "more"))),
            "TIME I7 supposed");
  EXPECT_EQ(verdict(explain("a.pdf", pdf("1", "abcd"), pdf("1", "abcd", "other"))), "unknown");
}

std::string catalogue(const std::string& date, const std::string& yes = "ja") {
  const std::string header =
      "Project-Id-Version: x\nPOT-Creation-Date: " + date + "\nContent-Type: text/plain\n";
  const std::size_t texts = 28 + 2 * 16;
  const std::size_t translations = texts + 5;  // behind "" and "yes"
  return le(0x950412de, 4) + le(0, 4) + le(2, 4) + le(28, 4) + le(44, 4) + le(0, 4) + le(0, 4) + le(0, 4) +
         le(texts, 4) + le(3, 4) + le(texts + 1, 4) + le(header.size(), 4) + le(translations, 4) +
         le(yes.size(), 4) + le(translations + header.size() + 1, 4) + '\0' + "yes" + '\0' + header + '\0' +
         yes + '\0';
}

TEST(Gettext, NamesWhenTheTemplateWasMade) {
  const std::string path = "usr/share/locale/de/LC_MESSAGES/x.mo";
  const auto cause = explain(path, catalogue("2026-11-24 10:00+0000"), catalogue("2026-11-24 11:00+0000"));
  EXPECT_EQ(verdict(cause), "TIME I6 proven");
  EXPECT_THAT(evidence(cause), HasSubstr("POT-Creation-Date: \"2026-11-24 10:00+0000\", then "));
  EXPECT_EQ(
      verdict(explain(path, catalogue("2026-11-24 10:00+0000"), catalogue("2026-11-24 11:00+0000", "jo"))),
      "TIME I6 supposed");
  EXPECT_EQ(verdict(explain(path, catalogue("2026-11-24"), catalogue("2026-11-24", "jo"))), "unknown");
}

}  // namespace
}  // namespace buildlab::causes
