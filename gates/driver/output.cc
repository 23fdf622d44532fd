#include "gates/driver/output.h"

#include <fmt/format.h>

#include <cstdio>

#include "framework/base/environment.h"

namespace buildlab::gates {

void say(std::string_view line) {
  fmt::print(stderr, "{}\n", line);
  std::fflush(stderr);
}

void say_error(const Error& error) {
  say("buildlab-driver: " + error.message);
  for (const std::string& detail : error.details) say("  " + detail);
}

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

bool is_switched_on(const char* variable) {
  return environment(variable) == "1";
}

}  // namespace buildlab::gates
