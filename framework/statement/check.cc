#include "framework/statement/check.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/digest.h"
#include "framework/base/text.h"
#include "framework/statement/strict_json.h"

namespace buildlab::statement {
namespace {

using Kind = Refusal::Kind;

tl::unexpected<Refusal> refuse(Kind kind, std::string reason, std::vector<std::string> details = {}) {
  return tl::unexpected<Refusal>(Refusal{kind, std::move(reason), std::move(details)});
}

tl::unexpected<Refusal> refuse(Kind kind, Error error) {
  return refuse(kind, std::move(error.message), std::move(error.details));
}

tl::expected<Statement, Refusal> read_statement(const Json& json) {
  auto statement = parse(json);
  if (!statement) return refuse(Kind::not_verified, std::move(statement).error());
  std::vector<std::string> wrong = contradictions(*statement);
  if (!wrong.empty()) return refuse(Kind::not_verified, "the statement contradicts itself", std::move(wrong));
  return *std::move(statement);
}

bool is_statement_payload(const std::string& type, bool lenient) {
  // The predicate's own media type is allowed beside the general one (in-toto, spec/v1/envelope.md).
  return type == k_payload_type || (lenient && type == "application/vnd.in-toto.test-result+json");
}

tl::expected<std::vector<std::string>, Refusal> verify(const Envelope& envelope, const Policy& policy) {
  std::vector<std::string> ids;
  std::vector<std::string> unknown;
  const auto made_by = signers(envelope, policy.keys);
  for (std::size_t i = 0; i < made_by.size(); ++i) {
    const std::string& said = envelope.signatures[i].key_id;
    if (!made_by[i]) {
      unknown.push_back(
          fmt::format("signature {} of {} names key \"{}\"", i + 1, made_by.size(), one_line(said, 80)));
      continue;
    }
    const std::string& id = policy.keys[*made_by[i]].id();
    if (!policy.lenient && said != id) {
      return refuse(Kind::not_verified,
                    fmt::format("signature {} of {} is of another key than it says", i + 1, made_by.size()),
                    {fmt::format("it names \"{}\"", one_line(said, 80)), fmt::format("it is of {}", id)});
    }
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  if (!ids.empty() && (policy.lenient || unknown.empty())) return ids;
  for (const PublicKey& key : policy.keys) unknown.push_back(fmt::format("given was key {}", key.id()));
  if (ids.empty()) {
    return refuse(Kind::not_verified,
                  "no signature is of a given key: the file was changed, or another key signed it",
                  std::move(unknown));
  }
  return refuse(Kind::not_verified, "not every signature is of a given key", std::move(unknown));
}

tl::expected<Checked, Refusal> check_envelope(const Json& json, std::string_view text, const Policy& policy) {
  if (policy.keys.empty()) {
    return refuse(Kind::no_key, "the statement is signed: --key PUBLIC.pem names the key to check it with");
  }
  auto envelope = parse_envelope(json, text, policy.lenient ? Form::any : Form::canonical);
  if (!envelope) return refuse(Kind::not_verified, std::move(envelope).error());
  auto ids = verify(*envelope, policy);
  if (!ids) return tl::unexpected(std::move(ids).error());
  if (!is_statement_payload(envelope->payload_type, policy.lenient)) {
    return refuse(Kind::not_verified, fmt::format("what is signed is of type \"{}\", not {}",
                                                  one_line(envelope->payload_type, 80), k_payload_type));
  }
  const auto payload = parse_strict_json(envelope->payload, "payload");
  if (!payload) return refuse(Kind::not_verified, payload.error());
  auto statement = read_statement(*payload);
  if (!statement) return tl::unexpected(std::move(statement).error());
  return Checked{*std::move(statement), *std::move(ids), sha256(text).text()};
}

}  // namespace

tl::expected<Checked, Refusal> check(std::string_view text, const Policy& policy) {
  if (text.size() > k_max_statement_file.count) {
    return refuse(Kind::not_a_statement, fmt::format("it is larger than the {} that a statement may have",
                                                     to_string(k_max_statement_file)));
  }
  const auto json = parse_strict_json(text, "JSON");
  if (!json) return refuse(Kind::not_a_statement, json.error());
  if (is_envelope(*json)) return check_envelope(*json, text, policy);
  if (!json->is_object() || !json->contains("_type")) {
    return refuse(Kind::not_a_statement, "neither an in-toto statement nor an envelope around one");
  }
  if (!policy.accept_unsigned) {
    return refuse(Kind::not_verified, "the statement is not signed: anybody can have written it",
                  {"--unsigned takes such statements"});
  }
  auto statement = read_statement(*json);
  if (!statement) return tl::unexpected(std::move(statement).error());
  return Checked{*std::move(statement), {}, sha256(text).text()};
}

}  // namespace buildlab::statement
