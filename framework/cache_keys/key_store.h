// What a builder's cache keys were computed from: its steps' own definitions, and the files that steps read.
// Values only.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace buildlab::cache_keys {

// One file or folder as a key sees it.
struct FileKey {
  std::string digest;                    // of the header and what the file holds
  std::vector<std::string> header = {};  // "mode420", "uid0", …; empty where it is not known

  friend bool operator==(const FileKey&, const FileKey&) = default;
};

// One of the paths that a step reads, with all below it: by path relative to it, itself being "".
using Tree = std::map<std::string, FileKey>;
// In the order of the paths' names; empty where it is not known.
using Content = std::vector<Tree>;

struct Operation {
  std::string preimage = {};  // JSON, as the daemon made it; "" where it is not known
  // Of its inputs that are known by their files, by the input's number: digest of the files -> files.
  std::map<int, std::map<std::string, Content>> inputs = {};

  friend bool operator==(const Operation&, const Operation&) = default;
};

struct KeyStore {
  std::map<std::string, Operation> operations = {};  // by the digest that their keys hold
  // It holds what one build left and nothing else, so that what it lacks was not there.
  bool of_one_build = false;

  friend bool operator==(const KeyStore&, const KeyStore&) = default;
};

}  // namespace buildlab::cache_keys
