#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "framework/base/text.h"
#include "framework/causes/catalogue.h"

namespace buildlab::causes {
namespace {

std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '*') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string line_of(const Row& row) {
  return "| " + std::string(row.id) + " | " + std::string(to_string(row.kind)) + " | " + cell(row.name) +
         " | " + cell(row.fix) + " |";
}

// A row's line begins with its letter and number.
bool is_row_line(std::string_view line) {
  return line.size() > 4 && line.starts_with("| ") && line[2] >= 'A' && line[2] <= 'K' && line[2] != 'G' &&
         line[3] >= '0' && line[3] <= '9';
}

TEST(Document, ListsExactlyTheRowsOfTheCatalogue) {
  std::ifstream file(std::string(BUILDLAB_TEST_DATA) + "/../../docs/drift-causes.md");
  ASSERT_TRUE(file);
  std::multiset<std::string> written;
  for (std::string line; std::getline(file, line);) {
    if (is_row_line(line)) written.insert(line);
  }
  for (const Row& row : catalogue()) {
    const auto found = written.find(line_of(row));
    if (found == written.end()) {
      ADD_FAILURE() << "docs/drift-causes.md lacks:\n" << line_of(row);
    } else {
      written.erase(found);
    }
  }
  for (const std::string& line : written) ADD_FAILURE() << "no row of the catalogue:\n" << line;
}

}  // namespace
}  // namespace buildlab::causes
