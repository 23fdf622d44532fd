#include "framework/statement/keys.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include "framework/base/digest.h"
#include "framework/base/file.h"

namespace buildlab::statement {
namespace {

constexpr Bytes k_key_limit{64U << 10U};
constexpr std::size_t k_signature_size = 64;

using Key = std::shared_ptr<evp_pkey_st>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using MdContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

tl::unexpected<Error> refuse(const std::string& name, std::string_view what,
                             std::vector<std::string> details = {}) {
  ERR_clear_error();
  return fail(ErrorKind::usage, fmt::format("{}: {}", name, what), std::move(details));
}

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Bio reader(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

// In place of OpenSSL's own, which asks at the terminal.
int no_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Status check_kind(EVP_PKEY* key, const std::string& name) {
  const int kind = EVP_PKEY_base_id(key);
  if (kind == EVP_PKEY_ED25519) return {};
  const char* kind_name = OBJ_nid2ln(kind);
  return refuse(name,
                fmt::format("is a key of kind {}, not Ed25519", kind_name == nullptr ? "unknown" : kind_name),
                {"openssl genpkey -algorithm ed25519 -out key.pem makes one"});
}

Result<std::string> id_of(EVP_PKEY* key, const std::string& name) {
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key, &der);
  if (length <= 0) return refuse(name, "its public half cannot be written");
  const std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return sha256(text).hex();
}

bool holds(const std::string& pem, std::string_view label) {
  return pem.find(fmt::format("-----BEGIN {}-----", label)) != std::string::npos;
}

Result<std::string> read_key_file(const std::filesystem::path& path) {
  auto text = read_file(path, k_key_limit);
  if (!text) text.error().kind = ErrorKind::usage;
  return text;
}

}  // namespace

Result<PublicKey> PublicKey::from_pem(const std::string& pem, const std::string& name) {
  const Bio bio = reader(pem);
  const Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  if (!key && pem.find("PRIVATE KEY-----") != std::string::npos) {
    return refuse(name, "is a private key; a public one is needed to check",
                  {fmt::format("openssl pkey -in {} -pubout -out public.pem writes it", name)});
  }
  if (!key && holds(pem, "CERTIFICATE")) return refuse(name, "is a certificate, not a public key");
  if (!key) return refuse(name, "is no public key in PEM (BEGIN PUBLIC KEY)");
  BUILDLAB_TRY(check_kind(key.get(), name));
  BUILDLAB_ASSIGN(std::string id, id_of(key.get(), name));
  return PublicKey(key, std::move(id));
}

bool PublicKey::verifies(std::string_view message, std::string_view signature) const {
  if (signature.size() != k_signature_size) return false;
  const MdContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const bool genuine =
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, m_key.get()) == 1 &&
      EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(message), message.size()) == 1;
  ERR_clear_error();
  return genuine;
}

Result<PrivateKey> PrivateKey::from_pem(const std::string& pem, const std::string& name) {
  const Bio bio = reader(pem);
  bool asked = false;
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, &asked), &EVP_PKEY_free);
  if (!key && asked) {
    return refuse(name, "is protected by a passphrase",
                  {fmt::format("openssl pkey -in {} -out plain.pem takes it off", name)});
  }
  if (!key && holds(pem, "PUBLIC KEY"))
    return refuse(name, "is a public key; a private one is needed to sign");
  if (!key && holds(pem, "OPENSSH PRIVATE KEY")) {
    return refuse(name, "is a private key in OpenSSH's own format",
                  {"openssl genpkey -algorithm ed25519 -out key.pem makes one in PEM"});
  }
  if (!key) return refuse(name, "is no private key in PEM (BEGIN PRIVATE KEY)");
  BUILDLAB_TRY(check_kind(key.get(), name));
  BUILDLAB_ASSIGN(std::string id, id_of(key.get(), name));
  return PrivateKey(PublicKey(key, std::move(id)));
}

Result<std::string> PrivateKey::sign(std::string_view message) const {
  const MdContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(k_signature_size, '\0');
  std::size_t size = signature.size();
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, m_public.m_key.get()) != 1 ||
      EVP_DigestSign(context.get(), out, &size, raw(message), message.size()) != 1 ||
      size != k_signature_size) {
    ERR_clear_error();
    return fail(ErrorKind::infrastructure, fmt::format("signing with key {} failed", m_public.id()));
  }
  return signature;
}

Result<PublicKey> load_public_key(const std::filesystem::path& path) {
  BUILDLAB_ASSIGN(const std::string text, read_key_file(path));
  return PublicKey::from_pem(text, path.string());
}

Result<PrivateKey> load_private_key(const std::filesystem::path& path) {
  BUILDLAB_ASSIGN(std::string text, read_key_file(path));
  auto key = PrivateKey::from_pem(text, path.string());
  OPENSSL_cleanse(text.data(), text.size());
  return key;
}

bool others_can_read(const std::filesystem::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && (info.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

}  // namespace buildlab::statement
