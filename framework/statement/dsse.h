// Signed envelopes: DSSE v1 (github.com/secure-systems-lab/dsse, protocol.md and envelope.md).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/json.h"
#include "framework/base/result.h"
#include "framework/statement/keys.h"

namespace buildlab::statement {

inline constexpr const char* k_payload_type = "application/vnd.in-toto+json";

struct Signature {
  std::string key_id;  // what the envelope says: a hint that nobody signed
  std::string bytes;

  friend bool operator==(const Signature&, const Signature&) = default;
};

struct Envelope {
  std::string payload_type;
  std::string payload;
  std::vector<Signature> signatures;

  friend bool operator==(const Envelope&, const Envelope&) = default;
};

// How exactly an envelope has to be written. `canonical`: byte for byte as to_text() writes it, so that no
// byte of the file can change unnoticed. `any`: whatever DSSE allows, for envelopes of other tools.
enum class Form { canonical, any };

// What is signed: the "pre-authentication encoding" of protocol.md.
std::string pre_authentication_encoding(std::string_view payload_type, std::string_view payload);

// An in-toto payload, signed by each of the keys.
Result<Envelope> sign(std::string payload, const std::vector<PrivateKey>& keys);

// One line of JSON and a newline.
std::string to_text(const Envelope& envelope);

// Whether the document means to be an envelope, well made or not.
bool is_envelope(const Json& json);
// `json` is the document that `text` holds. Errors are of usage and say what is wrong with the shape.
Result<Envelope> parse_envelope(const Json& json, std::string_view text, Form form);

// For each signature the index of the key that made it; nullopt where none of them did. Key ids are not
// consulted.
std::vector<std::optional<std::size_t>> signers(const Envelope& envelope, const std::vector<PublicKey>& keys);

}  // namespace buildlab::statement
