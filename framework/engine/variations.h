// What a builder needs in order to apply variations, and how those that are the builder's own affair are
// asked for.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/bytes.h"
#include "framework/engine/request.h"
#include "framework/engine/toolchain.h"
#include "framework/variation/variation.h"

namespace buildlab::engine {

struct VariationTools {
  std::filesystem::path shim;      // buildlab-runtime; empty when it is nowhere
  std::filesystem::path faketime;  // libfaketime; empty when it is not installed
  bool cpu_sets = false;           // control groups can bind containers to processors
  int processors = 0;              // that this process may use
  Bytes memory_free{};             // what the kernel can give without swapping
};

// The shim is $BUILDLAB_RUNTIME, else beside this program, else in the libexec folder beside the program's or
// the installer's, else where the build left it. libfaketime is $BUILDLAB_FAKETIME, else where distributions
// put it.
VariationTools find_variation_tools(const std::filesystem::path& installer);

// Why no builder of this machine can apply `variation`, with what to install; nullopt when one may.
std::optional<std::string> obstacle(const VariationTools& tools, const variation::Variation& variation);

// Whether any of them needs the runtime shim.
bool needs_shim(const std::vector<variation::Variation>& variations);
bool includes(const std::vector<variation::Variation>& variations, variation::Kind kind);

// Adds the build's options that the builder's variations come to.
void vary_request(BuildRequest& request, const std::vector<variation::Variation>& variations);

}  // namespace buildlab::engine
