// Keeping secrets out of everything that is written: values given to a build, and credentials inside URLs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"
#include "framework/engine/request.h"

namespace buildlab::engine {

class Redactor {
 public:
  // Credentials in URLs only.
  Redactor() = default;
  // Also these values: each as a whole, each of its lines, what follows the first '=' or ':' of such a line
  // (from six characters), its words (from eight), and how JSON and Base64 write them. Values below four
  // characters are too common to be replaced.
  explicit Redactor(const std::vector<std::string>& values);

  // The text with "***" in place of every secret. Without a secret it is the same byte for byte.
  std::string text(std::string_view text) const;
  // The same for a line of the progress stream or another JSON text: also inside its Base64 "data" fields
  // (logs, Dockerfiles).
  std::string json(std::string_view json) const;

  // How many characters at the text's end may be the beginning of a secret or lie in a URL that goes on.
  std::size_t unfinished(std::string_view text) const;
  // Whether a secret begins with this text.
  bool begins_secret(std::string_view text) const;

 private:
  std::vector<std::string> m_needles;  // longest first
};

// The values of a request's secrets as the client would send them; an error names a file or variable that is
// missing.
Result<std::vector<std::string>> secret_values(const std::vector<SecretSource>& secrets);

}  // namespace buildlab::engine
