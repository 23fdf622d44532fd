#include "framework/base/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <array>
#include <fstream>
#include <memory>
#include <vector>

namespace buildlab {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

std::string finish(EVP_MD_CTX* context) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
  unsigned length = 0;
  EVP_DigestFinal_ex(context, raw.data(), &length);
  std::string text = "sha256:";
  for (unsigned i = 0; i < length; ++i) text += fmt::format("{:02x}", raw[i]);
  return text;
}

Context start() {
  Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  return context;
}

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

Digest sha256(std::string_view bytes) {
  const Context context = start();
  EVP_DigestUpdate(context.get(), bytes.data(), bytes.size());
  return Digest(finish(context.get()));
}

Result<Digest> sha256_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorKind::infrastructure, fmt::format("{}: cannot be opened", path.string()));
  const Context context = start();
  std::vector<char> buffer(1U << 18U);
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) return fail(ErrorKind::infrastructure, fmt::format("{}: reading failed", path.string()));
  return Digest(finish(context.get()));
}

}  // namespace buildlab
