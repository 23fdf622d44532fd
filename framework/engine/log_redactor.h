// Secrets that a step prints in several writes: its log comes in pieces, and a secret may begin in one and
// end in another.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "framework/base/json.h"
#include "framework/engine/redact.h"

namespace buildlab::engine {

class LogRedactor {
 public:
  explicit LogRedactor(Redactor redactor) : m_redactor(std::move(redactor)) {}

  const Redactor& redactor() const { return m_redactor; }

  // A line of the progress stream without secrets. What may be the beginning of one at the end of a log's
  // piece is held back and stands before that log's next piece.
  std::string line(std::string_view json);
  // A line with what is still held back when the stream has ended; "" when nothing is.
  std::string rest();

 private:
  Redactor m_redactor;
  std::map<std::pair<std::string, int>, std::string> m_held;  // by vertex and stream
};

}  // namespace buildlab::engine
