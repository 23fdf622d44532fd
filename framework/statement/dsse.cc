#include "framework/statement/dsse.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/base64.h"
#include "framework/record/json_fields.h"

namespace buildlab::statement {
namespace {

// Each signature costs a verification with each key.
constexpr std::size_t k_max_signatures = 100;

// DSSE lets writers choose the URL-safe alphabet, which is often written without padding.
std::optional<std::string> decode(std::string text, Form form) {
  if (form == Form::any) {
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    while (text.size() % 4 != 0) text += '=';
  }
  return base64_decode(text);
}

std::string read_base64(const record::Fields& fields, std::string_view key, Form form) {
  const std::string text = fields.text(key);
  auto bytes = decode(text, form);
  if (!bytes) fields.wrong(key, "is not Base64");
  return bytes.value_or("");
}

}  // namespace

std::string pre_authentication_encoding(std::string_view payload_type, std::string_view payload) {
  return fmt::format("DSSEv1 {} {} {} {}", payload_type.size(), payload_type, payload.size(), payload);
}

Result<Envelope> sign(std::string payload, const std::vector<PrivateKey>& keys) {
  Envelope envelope{k_payload_type, std::move(payload), {}};
  const std::string message = pre_authentication_encoding(envelope.payload_type, envelope.payload);
  for (const PrivateKey& key : keys) {
    BUILDLAB_ASSIGN(std::string bytes, key.sign(message));
    envelope.signatures.push_back({key.public_key().id(), std::move(bytes)});
  }
  return envelope;
}

std::string to_text(const Envelope& envelope) {
  Json signatures = Json::array();
  for (const Signature& signature : envelope.signatures) {
    signatures.push_back({{"keyid", signature.key_id}, {"sig", base64_encode(signature.bytes)}});
  }
  const Json json{{"payload", base64_encode(envelope.payload)},
                  {"payloadType", envelope.payload_type},
                  {"signatures", std::move(signatures)}};
  return to_line(json) + "\n";
}

bool is_envelope(const Json& json) {
  return json.is_object() &&
         (json.contains("payload") || json.contains("payloadType") || json.contains("signatures"));
}

Result<Envelope> parse_envelope(const Json& json, std::string_view text, Form form) {
  record::FieldErrors errors{"envelope", std::nullopt};
  const record::Fields fields(json, "", errors);
  Envelope envelope;
  envelope.payload_type = fields.text("payloadType");
  envelope.payload = read_base64(fields, "payload", form);
  envelope.signatures = fields.objects("signatures", [form](const record::Fields& signature) {
    return Signature{signature.text_or_empty("keyid"), read_base64(signature, "sig", form)};
  });
  if (errors.first) return fail(ErrorKind::usage, *errors.first);
  if (envelope.signatures.empty()) return fail(ErrorKind::usage, "envelope: it has no signatures");
  if (envelope.signatures.size() > k_max_signatures) {
    return fail(ErrorKind::usage, fmt::format("envelope: it has more than {} signatures", k_max_signatures));
  }
  if (form == Form::canonical && to_text(envelope) != text) {
    return fail(ErrorKind::usage, "envelope: it is not written as Build Lab writes one",
                {"some byte of it was changed, or another tool wrote it: --lenient takes those"});
  }
  return envelope;
}

std::vector<std::optional<std::size_t>> signers(const Envelope& envelope,
                                                const std::vector<PublicKey>& keys) {
  const std::string message = pre_authentication_encoding(envelope.payload_type, envelope.payload);
  std::vector<std::optional<std::size_t>> result;
  for (const Signature& signature : envelope.signatures) {
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const PublicKey& key) {
      return key.verifies(message, signature.bytes);
    });
    result.push_back(found == keys.end() ? std::nullopt
                                         : std::optional(static_cast<std::size_t>(found - keys.begin())));
  }
  return result;
}

}  // namespace buildlab::statement
