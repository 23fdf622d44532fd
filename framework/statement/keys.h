// Ed25519 keys from PEM files: what signs statements and what tells whether a signature is genuine.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "framework/base/result.h"

struct evp_pkey_st;

namespace buildlab::statement {

class PublicKey {
 public:
  // PEM, SubjectPublicKeyInfo ("BEGIN PUBLIC KEY"). Anything else is a usage error that names the file and
  // says what it holds instead.
  static Result<PublicKey> from_pem(const std::string& pem, const std::string& name);

  // SHA-256 of the DER of the SubjectPublicKeyInfo, 64 hex digits.
  const std::string& id() const { return m_id; }
  bool verifies(std::string_view message, std::string_view signature) const;

 private:
  friend class PrivateKey;
  PublicKey(std::shared_ptr<evp_pkey_st> key, std::string id) : m_key(std::move(key)), m_id(std::move(id)) {}

  std::shared_ptr<evp_pkey_st> m_key;
  std::string m_id;
};

class PrivateKey {
 public:
  // PEM, PKCS#8 without a passphrase; never asks for one.
  static Result<PrivateKey> from_pem(const std::string& pem, const std::string& name);

  const PublicKey& public_key() const { return m_public; }
  // 64 bytes, always the same for the same message.
  Result<std::string> sign(std::string_view message) const;

 private:
  explicit PrivateKey(PublicKey key) : m_public(std::move(key)) {}

  PublicKey m_public;  // holds both halves
};

Result<PublicKey> load_public_key(const std::filesystem::path& path);
Result<PrivateKey> load_private_key(const std::filesystem::path& path);
// Whether the file's mode lets its group or everybody read it.
bool others_can_read(const std::filesystem::path& path);

}  // namespace buildlab::statement
