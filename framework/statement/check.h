// Whether a file is a statement that may be believed.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "framework/base/bytes.h"
#include "framework/statement/dsse.h"
#include "framework/statement/keys.h"
#include "framework/statement/statement.h"

namespace buildlab::statement {

inline constexpr Bytes k_max_statement_file{1U << 20U};

// Without `lenient` a signed file has to be written byte for byte as Build Lab writes it, and every signature
// in it has to be of one of the keys: no byte of it can change unnoticed. With it one genuine signature is
// enough, around which anything may stand that DSSE allows; what the signature covers is the same.
struct Policy {
  std::vector<PublicKey> keys;
  bool accept_unsigned = false;
  bool lenient = false;
};

struct Checked {
  Statement statement;
  std::vector<std::string> signers;  // ids of the keys, each once; empty when the file is not signed
  std::string file_digest;           // of the file's bytes
};

struct Refusal {
  enum class Kind {
    not_a_statement,  // neither an envelope nor a statement
    no_key,           // nothing was given to check it with
    not_verified,     // it is one, and must not be believed
  };
  Kind kind = Kind::not_verified;
  std::string reason;
  std::vector<std::string> details = {};
};

tl::expected<Checked, Refusal> check(std::string_view text, const Policy& policy);

}  // namespace buildlab::statement
