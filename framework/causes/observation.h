// What the comparison of two images hands to the recognisers. Values only; A is the first image, B the
// second.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace buildlab::causes {

enum class Attribute {
  content,
  size,
  mode,
  uid,
  gid,
  uname,
  gname,
  mtime,
  atime,
  ctime,
  xattr,
  type,
  linktarget,
  nlink,
  device,
  missing,  // only in A
  added,    // only in B
  order,
  format,
  compression,
  mediatype,
  annotation,
  history,
  config
};
std::string_view to_string(Attribute attribute);  // "content", …

enum class EntryKind {
  file,
  directory,
  symlink,
  hardlink,
  character_device,
  block_device,
  fifo,
  whiteout,
  opaque
};

// Seconds since 1970, both ends included.
struct Window {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

// A value that a variation put into one side's environment, to be found in the bytes.
struct Canary {
  std::string variation;  // "hostname"
  std::string value;      // "buildlab-canary-host-5f1c"
};

// What is known of the two builds; each part may be unknown.
struct Surroundings {
  std::optional<Window> build_a;
  std::optional<Window> build_b;
  std::optional<std::int64_t> source_date_epoch;
  std::vector<Canary> canaries;
};

// A regular file that both images have, with different bytes.
struct ContentPair {
  std::string path;  // in the image, no leading slash: "var/log/dpkg.log"
  std::string_view a;
  std::string_view b;
  bool complete = true;  // false: only the beginnings were kept, so that nothing can be proven
};

// Anything else that differs about an entry, a layer (empty path) or the image (empty path).
// Times are "SECONDS" or "SECONDS.NNNNNNNNN" since 1970 in UTC, modes octal without a leading zero ("644"),
// ids decimal, xattrs and devices as they stand.
struct AttributePair {
  Attribute attribute = Attribute::mtime;
  std::string path;
  EntryKind kind = EntryKind::file;
  std::string key;  // name of the xattr, annotation or member of the config ("config.Env" -> "Env")
  std::string a;
  std::string b;
};

// An entry that only one image has.
struct Presence {
  std::string path;
  EntryKind kind = EntryKind::file;
  bool only_in_a = true;
  std::string_view content = {};  // of a file, when it was kept
};

}  // namespace buildlab::causes
