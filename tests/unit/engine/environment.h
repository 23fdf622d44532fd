// Sets an environment variable for one test.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace buildlab::engine {

class ScopedVariable {
 public:
  // nullptr removes it.
  ScopedVariable(std::string name, const char* value) : m_name(std::move(name)) {
    if (const char* old = std::getenv(m_name.c_str())) m_old = old;
    set(value);
  }
  ~ScopedVariable() { set(m_old ? m_old->c_str() : nullptr); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  void set(const char* value) {
    if (value == nullptr) {
      ::unsetenv(m_name.c_str());
    } else {
      ::setenv(m_name.c_str(), value, 1);
    }
  }
  std::string m_name;
  std::optional<std::string> m_old;
};

}  // namespace buildlab::engine
