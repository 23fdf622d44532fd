// This machine's platform as images name it.
#pragma once

#include <string>

namespace buildlab {

// "linux/amd64", "linux/arm64", "linux/arm/v7", …: the kernel's machine name in the words of OCI images.
std::string host_platform();

}  // namespace buildlab
