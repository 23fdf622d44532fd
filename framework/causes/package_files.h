// The files in which package managers say what is installed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace buildlab::causes {

// A record of lib/apk/db/installed.
struct ApkRecord {
  std::string_view name;     // P:
  std::string_view version;  // V:
  std::string_view text;
};
std::vector<ApkRecord> apk_records(std::string_view installed);
// The files that a record lists, by its F: and R: lines.
std::vector<std::string> apk_files(const ApkRecord& record);

// A paragraph of dpkg's status.
struct DpkgRecord {
  std::string_view name;
  std::string_view version;
  std::string_view architecture;
  std::string_view text;
};
std::vector<DpkgRecord> dpkg_records(std::string_view status);

}  // namespace buildlab::causes
