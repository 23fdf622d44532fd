// Archives of any kind as lists of members, and what two of them differ in.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/causes/findings.h"
#include "framework/causes/reading.h"

namespace buildlab::causes::formats {

// Something that an archive keeps about a member.
struct Field {
  const Row* row = nullptr;  // what a difference means; without one it stays unexplained
  std::string what;          // unique in its member
  std::string value;         // all of it: what is equal here is equal in the file
};

struct Member {
  std::string name;
  std::vector<Field> fields;
  std::string_view data;  // as the archive keeps it
  // The content, where `data` is compressed; nullopt when it is damaged or above the limits.
  std::function<std::optional<std::string>()> plain = {};
  // Of the content: must not differ where that does not.
  std::string checksum = {};
};

// Every byte of the file is in a member (its fields, data, checksum), or in `rest`, or follows from these.
struct Archive {
  std::vector<Member> members;
  std::string rest;
};

struct ArchiveRows {
  const Row& order;
  const Row& compression;
};

// True when both are the same once the findings' values are; what is inside members is asked of `reading`.
bool compare_archives(const Archive& a, const Archive& b, const Reading& reading, const ArchiveRows& rows,
                      Findings& findings);

}  // namespace buildlab::causes::formats
