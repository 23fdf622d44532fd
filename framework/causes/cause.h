// Why two images differ in one place: a class, the catalogue's row that was recognised, what shows it, and
// what mends it. Values only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace buildlab::causes {

enum class CauseClass {
  time,     // wall clock
  path,     // folder that was built in
  rand,     // random id, key, salt
  order,    // order of readdir, hashing, parallel work
  fsmeta,   // inode, device, change time, size of a folder
  host,     // host name, kernel, processor, user
  perm,     // mode, owner, umask
  xattr,    // extended attributes
  vers,     // an input that is not pinned
  comp,     // compression
  tool,     // version or options of the builder
  cache,    // state that a cache carried over
  derived,  // only follows from another difference
  link,     // which of several names is the file
};
inline constexpr CauseClass k_classes[] = {
    CauseClass::time, CauseClass::path,  CauseClass::rand,    CauseClass::order, CauseClass::fsmeta,
    CauseClass::host, CauseClass::perm,  CauseClass::xattr,   CauseClass::vers,  CauseClass::comp,
    CauseClass::tool, CauseClass::cache, CauseClass::derived, CauseClass::link};
std::string_view to_string(CauseClass kind);  // "TIME", …

struct Cause {
  CauseClass kind = CauseClass::time;
  std::string row;         // of docs/drift-causes.md: "B7", or "G5" when only a generic recogniser fired
  std::string recogniser;  // "G5", "G6", …; the row itself where a format's own reader recognised it
  std::string name;        // "ldconfig's cache keeps inode numbers and change times"
  // Normalising exactly this made both sides equal. Otherwise the cause is supposed.
  bool proven = false;
  std::vector<std::string> evidence;  // "offset 8: 2026-11-24T10:00:00Z, then 2026-11-24T10:00:07Z"
  std::string fix;                    // a concrete change: Dockerfile line, exporter option, variable
  std::string root;                   // path of the difference that this one follows from; "" for a root

  friend bool operator==(const Cause&, const Cause&) = default;
};

}  // namespace buildlab::causes
