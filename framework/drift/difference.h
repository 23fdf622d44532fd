// How two images differ. Values only; A is the first image, B the second.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/digest.h"
#include "framework/causes/cause.h"
#include "framework/causes/observation.h"
#include "framework/dockerfile/dockerfile.h"
#include "framework/drift/package_url.h"

namespace buildlab::drift {

using causes::Attribute;
using causes::EntryKind;

// The instruction that wrote a layer.
struct StepRef {
  std::string file;  // "Dockerfile"
  dockerfile::LineRange lines;
  std::string text = {};  // "RUN apt-get install …", where it is known

  friend bool operator==(const StepRef&, const StepRef&) = default;
};

struct Difference {
  // 1 is the lowest; 0 for what belongs to no layer (config, manifest). `layer` is A's, and B's where only B
  // has the entry; `layer_b` differs from it where the images are divided into layers differently.
  std::size_t layer = 0;
  std::size_t layer_b = 0;
  std::string path;  // no leading slash; empty where no file is meant
  EntryKind kind = EntryKind::file;
  Attribute attribute = Attribute::content;
  std::string key;  // name of the xattr, annotation, member of the config
  std::string a;    // the values, as observation.h writes them; of content: the digest
  std::string b;
  // The same flattened tree and configuration in other bytes.
  bool representation = false;
  std::optional<causes::Cause> cause;
  std::vector<std::string> shown = {};  // of a content without a cause: its first bytes that differ
  std::optional<StepRef> step;
  std::string input = {};  // `what` of the moved input that it provably follows from; "" where none is known
};

struct Given {
  std::string url;     // without credentials
  std::string digest;  // "sha256:…"; "" where provenance has none

  friend bool operator==(const Given&, const Given&) = default;
};

// An input from outside of which the builds were given different content (inputs.h): a root cause of class
// VERS.
struct MovedInput {
  std::string what;                // "left-pad 1.3.0 → 1.3.1", "index of bookworm/main", a URL
  std::optional<Package> package;  // its version is that of one of both
  std::string version_a;           // "" where A was not given it; several with ", " between them
  std::string version_b;
  std::vector<Given> a;  // what only A was given
  std::vector<Given> b;
  std::vector<StepRef> steps;  // that fetched it, as far as known
  std::string fix;

  friend bool operator==(const MovedInput&, const MovedInput&) = default;
};

enum class Verdict { identical, representation, different };
std::string_view to_string(Verdict verdict);

// What a policy left out.
struct Ignored {
  std::string policy;  // "path var/log/*"
  std::string reason;
  std::size_t differences = 0;
};

struct Side {
  std::string name;  // as it was given
  std::optional<Digest> manifest;
  std::optional<Digest> config;
  std::string platform;
  std::vector<Digest> layers;
  std::vector<Digest> diff_ids;
};

struct Comparison {
  Verdict verdict = Verdict::identical;
  Side a;
  Side b;
  std::vector<Difference> differences;  // worst first, see order.h
  std::vector<Ignored> ignored;
  std::size_t layers_equal = 0;
  std::size_t layers_read = 0;  // of both images
  std::vector<MovedInput> inputs;
  std::vector<std::string> notes;
};

}  // namespace buildlab::drift
