// A content digest as OCI writes it (sha256:<64 hex>), checked once at the door.
#pragma once

#include <compare>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "framework/base/result.h"

namespace buildlab {

class Digest {
 public:
  // Only sha256 is accepted: 64 lower-case hex digits after "sha256:". Anything else is an infrastructure
  // error that quotes at most 80 characters of the text.
  static Result<Digest> parse(std::string_view text);

  const std::string& text() const { return m_text; }
  std::string hex() const { return m_text.substr(7); }
  // "sha256:c6d780da": enough to tell digests apart in a line for people.
  std::string short_text() const { return m_text.substr(0, 15); }

  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  explicit Digest(std::string text) : m_text(std::move(text)) {}
  friend class Sha256;
  std::string m_text;
};

// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&& other) noexcept;
  Sha256& operator=(Sha256&& other) noexcept;
  ~Sha256();
  void add(std::string_view bytes);
  // The digest of all that was added; nothing may be added afterwards.
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

Digest sha256(std::string_view bytes);
Result<Digest> sha256_file(const std::filesystem::path& path);

}  // namespace buildlab
