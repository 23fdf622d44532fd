#include "framework/base/platform.h"

#include <sys/utsname.h>
#include <array>
#include <string_view>

namespace buildlab {

std::string host_platform() {
  struct Name {
    std::string_view machine;
    std::string_view platform;
  };
  static constexpr std::array<Name, 8> k_names = {{{"x86_64", "amd64"},
                                                   {"aarch64", "arm64"},
                                                   {"armv7l", "arm/v7"},
                                                   {"armv6l", "arm/v6"},
                                                   {"i686", "386"},
                                                   {"i386", "386"},
                                                   {"loongarch64", "loong64"},
                                                   {"mips64", "mips64le"}}};
  utsname system{};
  if (::uname(&system) != 0) return "linux/amd64";
  const std::string_view machine = static_cast<const char*>(system.machine);
  for (const Name& name : k_names) {
    if (name.machine == machine) return "linux/" + std::string(name.platform);
  }
  return "linux/" + std::string(machine);
}

}  // namespace buildlab
