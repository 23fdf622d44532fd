// Entries of one layer, or of layers below, that make something else of an entry.
#include "tests/unit/drift/drift_fixture.h"

namespace buildlab::drift {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Entry folder(const std::string& path, unsigned mode = 0755) {
  return {path + "/", "", '5', "", mode};
}
Entry link_to(const std::string& path, const std::string& target) {
  return {path, "", '2', target};
}
Entry hard_link(const std::string& path, const std::string& target) {
  return {path, "", '1', target};
}

class Replaced : public TwoImages {
 protected:
  using Layers = std::vector<std::vector<Entry>>;

  static ImageSpec layers(const Layers& all) {
    ImageSpec spec;
    for (const auto& entries : all) spec.tars.push_back(synthetic::tar_of(entries));
    return spec;
  }
  Result<Comparison> both(const Layers& a, const Layers& b) { return compare(layers(a), layers(b)); }
  std::string told(const Layers& a, const Layers& b) { return text(both(a, b)); }
  // The verdict, which is the same the other way round.
  std::string verdict(const Layers& a, const Layers& b) {
    const std::string there = told(a, b);
    const std::string back = told(b, a);
    const auto first = [](const std::string& text) { return text.substr(0, text.find(';')); };
    return first(there) == first(back) ? first(there) : there + " BUT BACK " + back;
  }
};

TEST_F(Replaced, AnEntryTwiceIsFormWhereTheLastIsTheSame) {
  const Entry last{"x", "last"};
  const Entry first{"x", "first"};
  EXPECT_EQ(told({{last}}, {{first, last}}),
            "representation; 1 x format entries that others replace 1 entry -> the last of 2 entries");
  EXPECT_EQ(told({{first, last}}, {{last}}),
            "representation; 1 x format entries that others replace the last of 2 entries -> 1 entry");
  EXPECT_EQ(verdict({{last}}, {{last, last}}), "representation");
  // With another entry that is replaced.
  EXPECT_EQ(told({{first, last}}, {{{"x", "other"}, last}}),
            "representation; 1 x format entries that others replace the last of 2 entries -> the last of 2 "
            "entries");
  EXPECT_EQ(verdict({{first, last}}, {{{"x", "first", '0', "", 0600}, last}}), "representation");
}

TEST_F(Replaced, TheLastOfAnEntryCounts) {
  const Entry one{"x", "1"};
  const Entry two{"x", "2"};
  EXPECT_EQ(told({{one}}, {{one, two}}), "different; 1 x content");
  EXPECT_EQ(told({{one, two}}, {{two, one}}), "different; 1 x content");
  EXPECT_EQ(told({{one, two}}, {{one}}), "different; 1 x content");
  EXPECT_EQ(told({{one}}, {{one, {"x", "1", '0', "", 0600}}}), "different; 1 x mode 644 -> 600");
  // Whatever stands between them.
  EXPECT_EQ(verdict({{one, {"a", "a"}, two, {"b", "b"}}}, {{two, {"b", "b"}, {"a", "a"}, one}}), "different");
}

TEST_F(Replaced, WhatIsToldOfTheLastEntriesIsTheirContent) {
  const auto comparison = both({{{"x", "1"}, {"x", "2"}}}, {{{"x", "3"}}});
  ASSERT_TRUE(comparison) << comparison.error().message;
  ASSERT_EQ(comparison->differences.size(), 1U);
  EXPECT_EQ(comparison->differences[0].a, sha256("2").text());
  EXPECT_EQ(comparison->differences[0].b, sha256("3").text());
}

TEST_F(Replaced, AFolderTwiceKeepsWhatIsInIt) {
  const Layers plain{{folder("d"), {"d/x", "x"}, {"d/y", "y"}}};
  EXPECT_EQ(verdict(plain, {{folder("d"), {"d/x", "x"}, folder("d"), {"d/y", "y"}}}), "representation");
  EXPECT_EQ(told(plain, {{folder("d"), {"d/x", "x"}, folder("d", 0700), {"d/y", "y"}}}),
            "different; 1 d mode 755 -> 700");
  EXPECT_EQ(verdict(plain, {{folder("d"), {"d/x", "x"}, folder("d"), {"d/z", "y"}}}), "different");
}

TEST_F(Replaced, AFileInPlaceOfAFolderTakesAwayWhatIsInIt) {
  const Layers file{{{"d", "file"}}};
  const Layers folder_then_file{{folder("d"), {"d/x", "x"}, {"d", "file"}}};
  const Layers file_then_folder{{{"d", "file"}, folder("d"), {"d/x", "x"}}};
  EXPECT_EQ(verdict(file, folder_then_file), "representation");
  EXPECT_EQ(verdict(file_then_folder, folder_then_file), "different");
  EXPECT_EQ(verdict({{folder("d"), {"d/x", "x"}}}, file_then_folder), "representation");
  EXPECT_EQ(verdict(file, file_then_folder), "different");
}

TEST_F(Replaced, AHardLinkKeepsTheFileThatWasThere) {
  const Entry first{"t", "first"};
  const Entry last{"t", "last"};
  const Layers kept{{first, hard_link("h", "t"), last}};
  EXPECT_EQ(verdict(kept, {{first, last, hard_link("h", "t")}}), "different");
  EXPECT_EQ(verdict(kept, {{last, hard_link("h", "t")}}), "different");
  EXPECT_EQ(verdict(kept, {{{"h", "first"}, last}}), "representation");
  EXPECT_EQ(verdict(kept, {{{"h", "last"}, last}}), "different");
}

TEST_F(Replaced, AFileHasTheAttributesOfItsNameThatWasWrittenLast) {
  Entry loose = hard_link("h", "t");
  loose.mode = 0755;
  Entry strict = hard_link("t", "h");
  const Entry file{"t", "x"};
  const Entry loose_file{"h", "x", '0', "", 0755};
  EXPECT_EQ(verdict({{file, loose}}, {{loose_file, strict}}), "different");
  Entry strict_link = hard_link("h", "t");
  EXPECT_EQ(verdict({{file, strict_link}}, {{{"h", "x"}, strict}}), "representation");
}

TEST_F(Replaced, AHardLinkBeforeItsTargetNamesWhatIsBelow) {
  const Entry target{"t", "new"};
  const std::vector<Entry> early{hard_link("h", "t"), target};
  const std::vector<Entry> late{target, hard_link("h", "t")};
  EXPECT_EQ(verdict({{{"t", "old"}}, early}, {{{"t", "old"}}, late}), "different");
  EXPECT_EQ(verdict({{{"u", "old"}}, early}, {{{"u", "old"}}, late}), "representation");
}

TEST_F(Replaced, ANameThatALayerAboveRemovesDoesNotCount) {
  const Entry file{"h", "x"};
  const Entry other{"j", "x"};
  const Entry gone{".wh.j", ""};
  EXPECT_EQ(verdict({{file, hard_link("i", "h"), hard_link("j", "h")}, {gone}},
                    {{file, hard_link("i", "h"), other}, {gone}}),
            "representation");
  // The file itself may be the name that goes.
  EXPECT_EQ(verdict({{other, hard_link("k", "j")}, {gone}}, {{other, {"k", "x"}}, {gone}}), "representation");
  EXPECT_EQ(verdict({{other, hard_link("k", "j")}, {{"j", "y"}}}, {{other, {"k", "x"}}, {{"j", "y"}}}),
            "representation");
  // Other names stay.
  EXPECT_EQ(verdict({{file, hard_link("i", "h"), other}, {gone}}, {{file, {"i", "x"}, other}, {gone}}),
            "different");
}

TEST_F(Replaced, WhichNamesAreOneFileCountsInOtherLayersToo) {
  const std::vector<Entry> ab{{"a", "x"}, hard_link("b", "a")};
  const std::vector<Entry> cd{{"c", "x"}, hard_link("d", "c")};
  const Layers one{{{"a", "x"}, hard_link("b", "a"), {"c", "x"}, hard_link("d", "c")}};
  EXPECT_EQ(verdict(one, {ab, cd}), "representation");
  EXPECT_EQ(verdict({{{"a", "x"}, hard_link("c", "a"), {"b", "x"}, hard_link("d", "b")}}, {ab, cd}),
            "different");
}

TEST_F(Replaced, AHardLinkToALayerBelowIsNotTakenForAnyFile) {
  const std::vector<Entry> base{{"t", "old"}};
  const std::vector<Entry> more{{"z", "z"}};
  EXPECT_EQ(verdict({base, {hard_link("h", "t"), {"z", "z"}}}, {base, {{"h", "other"}}, more}), "different");
  EXPECT_EQ(verdict({base, {hard_link("h", "t"), {"z", "z"}}}, {base, {{"h", "old"}}, more}), "different");
  EXPECT_EQ(verdict({base, {hard_link("h", "t"), {"z", "z"}}}, {base, {hard_link("h", "t")}, more}),
            "representation");
}

TEST_F(Replaced, ALinkOfTheSameLayerIsFollowed) {
  const std::vector<Entry> folders{folder("usr"), folder("usr/lib"), link_to("lib", "usr/lib")};
  const auto plus = [&](const Entry& entry) {
    std::vector<Entry> all = folders;
    all.push_back(entry);
    return Layers{all};
  };
  EXPECT_EQ(
      told(plus({"usr/lib/x", "x"}), plus({"lib/x", "x"})),
      "representation; 1 lib/x format entries that others replace none -> an entry that others replace or "
      "lead elsewhere; 1 usr/lib/x format entries that others replace 1 entry -> 1 entry");
  EXPECT_EQ(verdict(plus({"usr/lib/x", "x"}), plus({"lib/x", "y"})), "different");
  // The link replaces a folder that was made for the entry.
  const std::vector<Entry> link_last{
      folder("usr"), folder("usr/lib"), {"lib/x", "x"}, link_to("lib", "usr/lib")};
  EXPECT_EQ(verdict(plus({"lib/x", "x"}), {link_last}), "different");
  EXPECT_EQ(verdict({folders}, {link_last}), "representation");
  // Links that lead round give way.
  EXPECT_EQ(verdict({{link_to("l", "l"), {"l/x", "x"}}}, {{folder("l"), {"l/x", "x"}}}), "different");
  EXPECT_EQ(verdict({{folder("usr"), link_to("l", "../../usr/"), {"l/x", "x"}}},
                    {{folder("usr"), link_to("l", "../../usr/"), {"usr/x", "x"}}}),
            "representation");
}

TEST_F(Replaced, WhatLiesBelowALinkOfALayerBelowIsNeverCalledTheSame) {
  const std::vector<Entry> base{
      folder("usr"), folder("usr/lib"), {"usr/lib/x", "old"}, link_to("lib", "usr/lib")};
  const std::vector<Entry> through{{"lib/x", "x"}};
  const std::vector<Entry> direct{{"usr/lib/x", "x"}};
  const auto comparison = both({base, through}, {base, direct});
  EXPECT_THAT(text(comparison),
              AllOf(StartsWith("different"), HasSubstr("2 lib/x missing"), HasSubstr("2 usr/lib/x added")));
  ASSERT_TRUE(comparison);
  ASSERT_EQ(comparison->notes.size(), 1U);
  EXPECT_THAT(comparison->notes[0],
              HasSubstr("layer 2 writes \"lib/x\" below \"lib\", a symbolic link of layer 1"));
  // Made one layer, the link is followed by all.
  std::vector<Entry> joined = base;
  joined.push_back(through[0]);
  EXPECT_EQ(verdict({base, through}, {joined}), "different");
  // A whiteout too.
  const std::vector<Entry> gone{{"lib/.wh.x", ""}};
  const std::vector<Entry> gone_directly{{"usr/lib/.wh.x", ""}};
  EXPECT_EQ(verdict({base, gone}, {base, gone_directly}), "different");
  // Which of two is the last depends on the order, for those that follow the link.
  EXPECT_EQ(
      verdict({base, {{"lib/y", "1"}, {"usr/lib/y", "2"}}}, {base, {{"usr/lib/y", "2"}, {"lib/y", "1"}}}),
      "different");
  EXPECT_EQ(verdict({base, {{"lib/y", "1"}, {"z", "2"}}}, {base, {{"z", "2"}, {"lib/y", "1"}}}),
            "representation");
  EXPECT_EQ(
      verdict({base, {{"lib/y", "1"}}, {{"usr/lib/y", "2"}}}, {base, {{"usr/lib/y", "2"}, {"lib/y", "1"}}}),
      "different");
}

TEST_F(Replaced, WhereALinkLedBeforeItWasReplacedCounts) {
  const Entry through{"l/x", "x"};
  EXPECT_EQ(verdict({{folder("d"), folder("e"), link_to("l", "d"), through, link_to("l", "e")}},
                    {{folder("d"), folder("e"), link_to("l", "e"), through, link_to("l", "e")}}),
            "different");
  EXPECT_EQ(verdict({{folder("d"), folder("e"), link_to("l", "d"), through, link_to("l", "e")}},
                    {{folder("d"), folder("e"), link_to("l", "d"), through, link_to("l", "e"), {"z", ""}},
                     {{".wh.z", ""}}}),
            "representation");
  // Of a layer below; and the link's name is another thing in the end.
  const std::vector<Entry> below{folder("d"), folder("e"), {"e/x", "old"}, link_to("l", "e")};
  EXPECT_EQ(verdict({below, {folder("l"), link_to("l", "d")}, {{"l", "f"}}},
                    {below, {through, link_to("l", "d")}, {{"l", "f"}}}),
            "different");
  // A folder's entry behind what lies in it.
  EXPECT_EQ(verdict({below, {folder("l"), through}}, {below, {through, folder("l")}}), "different");
  EXPECT_EQ(verdict({{folder("l"), through}}, {{through, folder("l")}}), "representation");
  // A hard link to a link of a layer below, which a folder replaces before or after.
  const std::vector<Entry> to_d{folder("d"), link_to("l", "d")};
  EXPECT_EQ(verdict({to_d, {hard_link("e", "l"), {"e/y", "1"}, folder("e")}},
                    {to_d, {hard_link("e", "l"), folder("e"), {"e/y", "1"}}}),
            "different");
}

TEST_F(Replaced, AFolderThatWasMadeForAFileStays) {
  EXPECT_EQ(
      verdict({{{"x/y", "1"}, {"z", ""}}, {{"x/.wh.y", ""}}}, {{{"y", "1"}, {"z", ""}}, {{".wh.y", ""}}}),
      "different");
  EXPECT_EQ(verdict({{{"x/y", "1"}, {"x/z", "1"}}, {{"x/.wh.y", ""}}},
                    {{{"x/w", "1"}, {"x/z", "1"}}, {{"x/.wh.w", ""}}}),
            "representation");
}

TEST_F(Replaced, EqualRepetitionsAreNotReadAgainAndHideNothing) {
  const std::vector<Entry> twice{{"x", "1"}, {"x", "2"}, {"y", "1"}};
  std::vector<Entry> other = twice;
  other[2].content = "2";
  EXPECT_EQ(told({twice}, {other}), "different; 1 y content");
}

TEST_F(Replaced, AnArchiveWithoutItsEndMarkIsTold) {
  const ImageSpec whole{{synthetic::tar_of(tree())}};
  ImageSpec other = whole;
  other.tars[0].resize(other.tars[0].size() - 1024);
  EXPECT_EQ(
      text(compare(whole, other)),
      "representation; 1 - format end of the archive 1024 bytes -> 0 bytes, less than the two blocks of "
      "the end mark");
  // Beside other differences too.
  other = ImageSpec{{synthetic::tar_of(with("etc/a", [](Entry& e) { e.mode = 0600; }))}};
  other.tars[0].resize(other.tars[0].size() - 512);
  EXPECT_THAT(text(compare(whole, other)),
              AllOf(StartsWith("different; 1 etc/a mode"), HasSubstr("1024 bytes -> 512 bytes, less than")));
  // What fills a record is not.
  other.tars[0].resize(other.tars[0].size() + 4096);
  EXPECT_EQ(text(compare(whole, other)), "different; 1 etc/a mode 644 -> 600");
}

TEST_F(Replaced, AMediaTypeThatNamesAnotherCompressionIsTold) {
  const ImageSpec right{{synthetic::tar_of(tree())}};
  ImageSpec lying = right;
  lying.pack = [](const std::string& tar) { return tar; };
  lying.layer_type = "application/vnd.oci.image.layer.v1.tar+gzip";
  const auto comparison = compare(right, lying);
  EXPECT_EQ(
      text(comparison),
      "representation; 1 - compression; 1 - mediatype compression "
      "application/vnd.oci.image.layer.v1.tar+gzip -> application/vnd.oci.image.layer.v1.tar+gzip, but not "
      "compressed");
  ASSERT_TRUE(comparison);
  ASSERT_EQ(comparison->notes.size(), 1U);
  EXPECT_THAT(comparison->notes[0], AllOf(HasSubstr("layer 1 sha256:"), HasSubstr("is not compressed")));
  // Both lie: no difference, but noted.
  ImageSpec other = lying;
  other.tars[0] = synthetic::tar_of(with("etc/a", [](Entry& e) { e.mode = 0600; }));
  const auto both_lie = compare(lying, other);
  EXPECT_EQ(text(both_lie), "different; 1 etc/a mode 644 -> 600");
  ASSERT_TRUE(both_lie);
  EXPECT_EQ(both_lie->notes.size(), 2U);
  EXPECT_THAT(compare(right, right)->notes, ::testing::IsEmpty());
}

}  // namespace
}  // namespace buildlab::drift
