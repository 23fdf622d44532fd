// Keys made of seeds, and statements and files made with them.
#pragma once

#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

#include "framework/base/base64.h"
#include "framework/base/digest.h"
#include "framework/statement/check.h"
#include "framework/statement/of_record.h"
#include "tests/support/record_builder.h"

namespace buildlab::statement {

inline std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

inline std::string to_hex(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return hex;
}

inline std::string pem(const std::string& label, const std::string& der) {
  return fmt::format("-----BEGIN {0}-----\n{1}\n-----END {0}-----\n", label, base64_encode(der));
}

// RFC 8410: what stands before the 32 bytes of a key in PKCS#8 and in SubjectPublicKeyInfo.
inline std::string private_pem(const std::string& seed) {
  return pem("PRIVATE KEY", from_hex("302e020100300506032b657004220420") + seed);
}
inline std::string public_pem(const std::string& point) {
  return pem("PUBLIC KEY", from_hex("302a300506032b6570032100") + point);
}

// The key whose seed is the digest of a word.
inline PrivateKey key(std::string_view word) {
  return PrivateKey::from_pem(private_pem(from_hex(sha256(word).hex())), std::string(word)).value();
}

// A record of builds that come to the images of these seeds.
inline record::ScenarioRecord rebuilds(const std::vector<std::string>& images) {
  std::vector<record::Build> builds;
  for (const std::string& image : images)
    builds.push_back(testing::build(testing::cold_steps(), 16.2, image));
  record::ScenarioRecord record = testing::record("app.same", "reproducibility", std::move(builds));
  for (std::size_t i = 0; i < record.builds.size(); ++i)
    record.builds[i].builder = std::string(1, static_cast<char>('A' + i));
  return record;
}

inline Statement statement_of(const std::vector<std::string>& images,
                              std::vector<record::VariationRow> variations = {},
                              const std::string& host = "host of a test") {
  record::ScenarioRecord record = rebuilds(images);
  record.variations = std::move(variations);
  return of_record(record, host).value();
}

inline std::string unsigned_file(const Statement& statement) {
  return to_line(to_json(statement)) + "\n";
}

inline std::string signed_file(const Statement& statement, const std::vector<std::string>& words) {
  std::vector<PrivateKey> keys;
  for (const std::string& word : words) keys.push_back(key(word));
  return to_text(sign(to_line(to_json(statement)), keys).value());
}

inline Policy trusting(const std::vector<std::string>& words) {
  Policy policy;
  for (const std::string& word : words) policy.keys.push_back(key(word).public_key());
  return policy;
}

// Why a file is refused; "" when it is not.
inline std::string refusal(std::string_view text, const Policy& policy) {
  const auto checked = check(text, policy);
  if (checked) return "";
  std::string words = checked.error().reason;
  for (const std::string& line : checked.error().details) words += "\n" + line;
  return words;
}

}  // namespace buildlab::statement
