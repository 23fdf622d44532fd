#include "framework/image/tar_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include "tests/support/image_writer.h"

namespace buildlab::image {
namespace {

using synthetic::Entry;
using ::testing::HasSubstr;

// Gives the text in pieces of a size, so that every border between pieces is met.
class Pieces : public ByteSource {
 public:
  Pieces(std::string text, std::size_t size) : m_text(std::move(text)), m_size(size) {}
  Result<std::string_view> next() override {
    const std::string_view piece = std::string_view(m_text).substr(std::min(m_at, m_text.size()), m_size);
    m_at += piece.size();
    return piece;
  }

 private:
  std::string m_text;
  std::size_t m_size;
  std::size_t m_at = 0;
};

struct Read {
  TarEntry entry;
  std::string content;
};

Result<std::vector<Read>> read_all(const std::string& tar, std::size_t piece = 1000,
                                   std::size_t max_entries = 100) {
  Pieces source(tar, piece);
  TarReader reader(source, "layer 1", max_entries);
  std::vector<Read> all;
  while (true) {
    BUILDLAB_ASSIGN(const TarEntry* const entry, reader.next());
    if (entry == nullptr) break;
    all.push_back({*entry, {}});
    while (true) {
      BUILDLAB_ASSIGN(const std::string_view got, reader.read());
      if (got.empty()) break;
      all.back().content += got;
    }
  }
  const auto trailer = reader.finish();
  if (!trailer) return tl::unexpected<Error>(trailer.error());
  return all;
}

std::string problem(const std::string& tar) {
  const auto all = read_all(tar);
  return all ? "no error" : all.error().message;
}

TEST(TarReader, TellsEveryAttribute) {
  Entry entry{"./usr/bin/tool", "content"};
  entry.mode = 04755;
  entry.uid = 12;
  entry.gid = 34;
  entry.uname = "daemon";
  entry.gname = "staff";
  entry.mtime = 1700000000;
  entry.pax = {
      {"mtime", "1700000000.25"}, {"atime", "5"}, {"SCHILY.xattr.user.note", "a\nb"}, {"comment", "x"}};
  for (const std::size_t piece : {1U, 7U, 512U, 4096U}) {
    const auto all = read_all(synthetic::tar_of({entry}), piece);
    ASSERT_TRUE(all) << all.error().message;
    ASSERT_EQ(all->size(), 1U);
    const TarEntry& read = all->front().entry;
    EXPECT_EQ(read.path, "usr/bin/tool");
    EXPECT_EQ(read.written_path, "./usr/bin/tool");
    EXPECT_EQ(read.mode, 04755U);
    EXPECT_EQ(read.uid, 12U);
    EXPECT_EQ(read.gid, 34U);
    EXPECT_EQ(read.uname, "daemon");
    EXPECT_EQ(read.gname, "staff");
    EXPECT_EQ(read.mtime, (TarTime{1700000000, 250000000}));
    EXPECT_EQ(read.atime, (TarTime{5, 0}));
    EXPECT_EQ(read.xattrs.at("user.note"), "a\nb");
    EXPECT_EQ(read.records.at("comment"), "x");
    EXPECT_EQ(read.format, TarFormat::pax);
    EXPECT_EQ(all->front().content, "content");
  }
}

TEST(TarReader, TakesLongNamesOfBothFormats) {
  const std::string name = std::string(150, 'd') + "/" + std::string(150, 'f');
  Entry pax{"short", "1"};
  pax.pax = {{"path", name}};
  Entry long_name{"././@LongLink", name + '\0', 'L'};
  long_name.gnu = true;
  Entry gnu{name.substr(0, 100), "2"};
  gnu.gnu = true;
  const auto all =
      read_all(synthetic::tar_entry(pax) + synthetic::tar_entry(long_name) + synthetic::tar_of({gnu}));
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ((*all)[0].entry.path, name);
  EXPECT_EQ((*all)[1].entry.path, name);
  EXPECT_EQ((*all)[1].entry.format, TarFormat::gnu);
}

TEST(TarReader, TakesNumbersInBase256) {
  std::string tar = synthetic::tar_of({{"big", ""}});
  std::string field(8, '\0');
  field[0] = '\x80';
  field[5] = '\x12';
  tar.replace(108, 8, field);  // uid
  tar.replace(148, 8, "        ");
  unsigned sum = 0;
  for (std::size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(tar[i]);
  tar.replace(148, 8, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  const auto all = read_all(tar);
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->front().entry.uid, 0x120000U);
}

TEST(TarReader, ReadsAnArchiveWithoutEndMark) {
  const auto all = read_all(synthetic::tar_entry({"a", "1"}));
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->size(), 1U);
}

TEST(TarReader, RefusesWhatLeavesTheImage) {
  EXPECT_THAT(problem(synthetic::tar_of({{"../evil", ""}})), HasSubstr("\"../evil\" leaves the image"));
  EXPECT_THAT(problem(synthetic::tar_of({{"a/../../evil", ""}})), HasSubstr("leaves the image"));
  EXPECT_THAT(problem(synthetic::tar_of({{"a", "", '1', "../../etc/shadow"}})), HasSubstr("hard link"));
  EXPECT_THAT(problem(synthetic::tar_of({{"a", "", '1', "./a"}})), HasSubstr("a hard link to itself"));
  // A symbolic link may point anywhere: it is text.
  EXPECT_TRUE(read_all(synthetic::tar_of({{"a", "", '2', "../../etc/shadow"}})));
}

TEST(TarReader, RefusesCutArchivesWhereverTheyAreCut) {
  Entry entry{"usr/bin/tool", std::string(700, 'x')};
  entry.pax = {{"mtime", "1.5"}};
  const std::string tar = synthetic::tar_entry(entry);
  ASSERT_TRUE(read_all(tar));
  for (std::size_t size = 1; size < tar.size(); ++size) {
    EXPECT_THAT(problem(tar.substr(0, size)), HasSubstr("ends")) << size;
  }
}

TEST(TarReader, RefusesSizesThatLie) {
  Entry entry{"a", "short"};
  entry.claimed_size = 077777777777ULL;
  EXPECT_THAT(problem(synthetic::tar_of({entry})), HasSubstr("before \"a\" does"));
  Entry header{"x", synthetic::pax_text({{"path", "y"}}), 'x'};
  header.claimed_size = 2U << 20U;
  EXPECT_THAT(problem(synthetic::tar_of({header})), HasSubstr("more than any real one"));
}

TEST(TarReader, RefusesDamagedHeaders) {
  std::string tar = synthetic::tar_of({{"a", "1"}});
  tar[0] = 'b';
  EXPECT_THAT(problem(tar), HasSubstr("checksum is wrong"));
  EXPECT_THAT(problem(synthetic::tar_of({{"a", "", 'Z'}})), HasSubstr("type 'Z'"));
  EXPECT_THAT(problem(synthetic::tar_of({{"x", "12 path=y", 'x'}, {"a", ""}})),
              HasSubstr("no list of records"));
  EXPECT_THAT(problem(synthetic::tar_of({{"x", "11 mtime=q\n", 'x'}, {"a", ""}})),
              HasSubstr("pax mtime \"q\""));
  EXPECT_THAT(problem(synthetic::tar_of({{"x", "16 GNU.sparse.x\n", 'x'}})), HasSubstr("no key"));
}

TEST(TarReader, RefusesTooManyEntries) {
  EXPECT_THAT(read_all(synthetic::tar_of({{"a", ""}, {"b", ""}}), 1000, 1).error().message,
              HasSubstr("more than 1 entries"));
}

TEST(TarReader, NeverCrashesOnDamagedBytes) {
  Entry entry{"usr/bin/tool", std::string(600, 'x')};
  entry.pax = {{"mtime", "1.5"}, {"SCHILY.xattr.user.a", "b"}};
  const std::string tar = synthetic::tar_of({entry, {"d/", "", '5'}, {"d/l", "", '1', "usr/bin/tool"}});
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = tar;
    for (unsigned i = 0; i <= random() % 3; ++i) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    (void)read_all(damaged, 1 + random() % 2000);
  }
}

}  // namespace
}  // namespace buildlab::image
