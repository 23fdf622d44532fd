#include "framework/base/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <array>
#include <fstream>
#include <memory>
#include <vector>

namespace buildlab {
namespace {

constexpr const char* k_hex = "0123456789abcdef";

}  // namespace

Result<Digest> Digest::parse(std::string_view text) {
  constexpr std::string_view prefix = "sha256:";
  const bool well_formed =
      text.size() == prefix.size() + 64 && text.substr(0, prefix.size()) == prefix &&
      text.find_first_not_of("0123456789abcdef", prefix.size()) == std::string_view::npos;
  if (!well_formed) {
    return fail(
        ErrorKind::infrastructure,
        fmt::format("\"{}\" is not a digest (sha256: and 64 hex digits expected)", text.substr(0, 80)));
  }
  return Digest(std::string(text));
}

struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

Sha256::Sha256() : m_state(std::make_unique<State>()) {
  EVP_DigestInit_ex(m_state->context.get(), EVP_sha256(), nullptr);
}
Sha256::Sha256(Sha256&& other) noexcept = default;
Sha256& Sha256::operator=(Sha256&& other) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
  EVP_DigestUpdate(m_state->context.get(), bytes.data(), bytes.size());
}

Digest Sha256::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
  unsigned length = 0;
  EVP_DigestFinal_ex(m_state->context.get(), raw.data(), &length);
  std::string text = "sha256:";
  for (unsigned i = 0; i < length; ++i) {
    text += k_hex[raw[i] >> 4U];
    text += k_hex[raw[i] & 0x0fU];
  }
  return Digest(std::move(text));
}

Digest sha256(std::string_view bytes) {
  Sha256 sum;
  sum.add(bytes);
  return sum.finish();
}

Result<Digest> sha256_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorKind::infrastructure, fmt::format("{}: cannot be opened", path.string()));
  Sha256 sum;
  std::vector<char> buffer(1U << 18U);
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    sum.add({buffer.data(), static_cast<std::size_t>(file.gcount())});
  }
  if (file.bad()) return fail(ErrorKind::infrastructure, fmt::format("{}: reading failed", path.string()));
  return sum.finish();
}

}  // namespace buildlab
