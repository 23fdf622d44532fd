#include "framework/shim/arguments.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace buildlab::shim {
namespace {

// Global options of runc that take a value as the next argument.
constexpr std::array<std::string_view, 5> k_with_value = {"--log", "--log-format", "--root", "--criu",
                                                          "--rootless"};

}  // namespace

std::optional<std::filesystem::path> bundle_to_start(const std::vector<std::string>& arguments) {
  std::size_t at = 0;
  while (at < arguments.size() && arguments[at].starts_with("-")) {
    const bool takes_next =
        std::find(k_with_value.begin(), k_with_value.end(), arguments[at]) != k_with_value.end();
    at += takes_next ? 2 : 1;
  }
  if (at >= arguments.size() || (arguments[at] != "run" && arguments[at] != "create")) return std::nullopt;
  for (++at; at < arguments.size(); ++at) {
    const std::string& argument = arguments[at];
    if ((argument == "--bundle" || argument == "-b") && at + 1 < arguments.size()) return arguments[at + 1];
    if (argument.starts_with("--bundle=")) return argument.substr(std::string_view("--bundle=").size());
  }
  return ".";
}

}  // namespace buildlab::shim
