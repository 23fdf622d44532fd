#include "framework/statement/keys.h"

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include "framework/base/file.h"
#include "tests/unit/statement/statement_fixture.h"

namespace buildlab::statement {
namespace {

using ::testing::HasSubstr;

struct Vector {
  const char* seed;
  const char* point;
  const char* message;
  const char* signature;
};

// RFC 8032, section 7.1: TEST 1, 2 and 3.
constexpr Vector k_vectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

// A key of another kind, as OpenSSL's own tools write it.
std::string other_key(int kind, bool with_public_half_only) {
  EVP_PKEY* key = kind == EVP_PKEY_RSA ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
  BIO* bio = BIO_new(BIO_s_mem());
  if (with_public_half_only) {
    PEM_write_bio_PUBKEY(bio, key);
  } else {
    PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  EVP_PKEY_free(key);
  return text;
}

TEST(Ed25519, AgreesWithTheVectorsOfRfc8032) {
  for (const Vector& vector : k_vectors) {
    const auto secret = PrivateKey::from_pem(private_pem(from_hex(vector.seed)), "secret");
    ASSERT_TRUE(secret) << secret.error().message;
    const auto open = PublicKey::from_pem(public_pem(from_hex(vector.point)), "open");
    ASSERT_TRUE(open) << open.error().message;
    const std::string message = from_hex(vector.message);
    EXPECT_EQ(to_hex(secret->sign(message).value()), vector.signature);
    EXPECT_TRUE(open->verifies(message, from_hex(vector.signature)));
    EXPECT_EQ(secret->public_key().id(), open->id());
    EXPECT_EQ(open->id(), sha256(from_hex("302a300506032b6570032100") + from_hex(vector.point)).hex());
  }
}

TEST(Ed25519, RefusesEveryChangeOfSignatureOrMessage) {
  const PrivateKey secret = key("one");
  const PublicKey& open = secret.public_key();
  const std::string signature = secret.sign("message").value();
  ASSERT_TRUE(open.verifies("message", signature));
  for (std::size_t bit = 0; bit < 8 * signature.size(); ++bit) {
    std::string changed = signature;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(open.verifies("message", changed)) << bit;
  }
  EXPECT_FALSE(open.verifies("Message", signature));
  EXPECT_FALSE(open.verifies("message", signature.substr(0, 63)));
  EXPECT_FALSE(open.verifies("message", signature + "x"));
  EXPECT_FALSE(open.verifies("message", ""));
  EXPECT_FALSE(key("two").public_key().verifies("message", signature));
}

TEST(KeyFiles, OfOtherKindsAreNamed) {
  for (const auto& [kind, name] :
       {std::pair(EVP_PKEY_RSA, "rsaEncryption"), std::pair(EVP_PKEY_EC, "id-ecPublicKey")}) {
    const auto secret = PrivateKey::from_pem(other_key(kind, false), "k.pem");
    ASSERT_FALSE(secret);
    EXPECT_EQ(secret.error().kind, ErrorKind::usage);
    EXPECT_THAT(secret.error().message,
                HasSubstr(fmt::format("k.pem: is a key of kind {}, not Ed25519", name)));
    const auto open = PublicKey::from_pem(other_key(kind, true), "k.pem");
    ASSERT_FALSE(open);
    EXPECT_THAT(open.error().message, HasSubstr(name));
  }
}

TEST(KeyFiles, OfTheOtherHalfAreToldApart) {
  const std::string seed = from_hex(k_vectors[0].seed);
  const std::string point = from_hex(k_vectors[0].point);
  const auto open = PublicKey::from_pem(private_pem(seed), "k.pem");
  ASSERT_FALSE(open);
  EXPECT_THAT(open.error().message, HasSubstr("is a private key"));
  EXPECT_THAT(open.error().details.at(0), HasSubstr("-pubout"));
  const auto secret = PrivateKey::from_pem(public_pem(point), "k.pem");
  ASSERT_FALSE(secret);
  EXPECT_THAT(secret.error().message, HasSubstr("is a public key"));
}

TEST(KeyFiles, ThatHoldNoKeyAreRefused) {
  const std::string whole = private_pem(from_hex(k_vectors[0].seed));
  for (const std::string& text :
       {std::string(), std::string("hello"), whole.substr(0, whole.size() / 2), pem("PRIVATE KEY", "short"),
        std::string(70'000, 'x'), std::string(100, '\0')}) {
    EXPECT_FALSE(PrivateKey::from_pem(text, "k.pem"));
    EXPECT_FALSE(PublicKey::from_pem(text, "k.pem"));
  }
  EXPECT_FALSE(PublicKey::from_pem(public_pem("short"), "k.pem"));
}

// OpenSSL would ask at the terminal, and a job in CI would wait for ever.
TEST(KeyFiles, WithAPassphraseAreRefusedWithoutAsking) {
  const std::string clear = private_pem(from_hex(k_vectors[0].seed));
  BIO* in = BIO_new_mem_buf(clear.data(), static_cast<int>(clear.size()));
  EVP_PKEY* secret = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
  BIO* out = BIO_new(BIO_s_mem());
  std::string word = "word";
  ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(out, secret, EVP_aes_256_cbc(), word.data(), 4, nullptr, nullptr),
            1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  const auto loaded = PrivateKey::from_pem(std::string(data, static_cast<std::size_t>(size)), "k.pem");
  BIO_free(in);
  BIO_free(out);
  EVP_PKEY_free(secret);
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message, HasSubstr("protected by a passphrase"));
}

TEST(KeyFiles, AreReadFromDiskAndTheirModeIsSeen) {
  const auto dir = TempDir::create(std::filesystem::temp_directory_path(), "buildlab-test-");
  ASSERT_TRUE(dir);
  const auto path = dir->path() / "key.pem";
  ASSERT_TRUE(write_file_atomic(path, private_pem(from_hex(k_vectors[1].seed))));
  const auto loaded = load_private_key(path);
  ASSERT_TRUE(loaded) << loaded.error().message;
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  EXPECT_FALSE(others_can_read(path));
  for (const mode_t mode : {0640U, 0604U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_TRUE(others_can_read(path));
  }
  const auto missing = load_public_key(dir->path() / "none.pem");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace buildlab::statement
