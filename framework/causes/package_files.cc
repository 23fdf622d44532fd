#include "framework/causes/package_files.h"

#include <algorithm>

#include "framework/base/text.h"

namespace buildlab::causes {
namespace {

constexpr std::size_t k_most_records = 100'000;

// What empty lines part.
std::vector<std::string_view> paragraphs(std::string_view text) {
  std::vector<std::string_view> found;
  std::size_t at = 0;
  while (at < text.size() && found.size() < k_most_records) {
    const std::size_t end = std::min(text.find("\n\n", at), text.size());
    std::string_view paragraph = text.substr(at, end - at);
    while (paragraph.ends_with('\n')) paragraph.remove_suffix(1);
    if (!paragraph.empty()) found.push_back(paragraph);
    at = end + 2;
  }
  return found;
}

std::string_view line_value(std::string_view text, std::string_view prefix) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (line.starts_with(prefix)) return trim(line.substr(prefix.size()));
    at = end + 1;
  }
  return {};
}

}  // namespace

std::vector<ApkRecord> apk_records(std::string_view installed) {
  std::vector<ApkRecord> records;
  for (const std::string_view text : paragraphs(installed)) {
    ApkRecord record{line_value(text, "P:"), line_value(text, "V:"), text};
    if (!record.name.empty()) records.push_back(record);
  }
  return records;
}

std::vector<std::string> apk_files(const ApkRecord& record) {
  std::vector<std::string> files;
  std::string folder;
  for (const std::string_view line : split(record.text, '\n')) {
    if (line.starts_with("F:")) folder = line.substr(2);
    if (!line.starts_with("R:")) continue;
    files.push_back(folder.empty() ? std::string(line.substr(2))
                                   : folder + "/" + std::string(line.substr(2)));
  }
  return files;
}

std::vector<DpkgRecord> dpkg_records(std::string_view status) {
  std::vector<DpkgRecord> records;
  for (const std::string_view text : paragraphs(status)) {
    DpkgRecord record{line_value(text, "Package:"), line_value(text, "Version:"),
                      line_value(text, "Architecture:"), text};
    if (!record.name.empty()) records.push_back(record);
  }
  return records;
}

}  // namespace buildlab::causes
