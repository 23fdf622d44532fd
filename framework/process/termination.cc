// How a child ended, as text.
#include <fmt/format.h>
#include <cstring>

#include "framework/process/command.h"

namespace buildlab::process {

bool succeeded(const Termination& termination) {
  const auto* exited = std::get_if<Exited>(&termination);
  return exited != nullptr && exited->code == 0;
}

std::string to_string(const Termination& termination) {
  struct Printer {
    std::string operator()(const Exited& exited) const { return fmt::format("exit code {}", exited.code); }
    std::string operator()(const Signalled& signalled) const {
      const char* name = ::sigdescr_np(signalled.signal);
      return fmt::format("signal {} ({})", signalled.signal, name == nullptr ? "unknown" : name);
    }
    std::string operator()(const TimedOut&) const { return "ended after its time limit"; }
    std::string operator()(const Interrupted&) const { return "interrupted"; }
  };
  return std::visit(Printer{}, termination);
}

}  // namespace buildlab::process
