// What BuildKit v0.32.2 told of two builds on two fresh daemons:
//
//   5  COPY input.txt other.txt ./   then mode 0640, and the attribute user.mark
//   6  COPY folder /folder/          then sub/s.txt of 7 bytes for 2, and new.txt
//   8  RUN --mount=type=bind,source=tool.txt …   then VERSION=2 for 1, and another tool.txt
//  10  COPY --from=build /random /same /         where random has 16 other bytes
//  11  RUN /bin/busybox true
#pragma once

#include <string>
#include <vector>

#include "framework/base/file.h"
#include "framework/cache_keys/operations.h"
#include "framework/cache_keys/parse_keys.h"

namespace buildlab::cache_keys::test {

inline std::string recorded(const std::string& name) {
  return read_file(std::string(BUILDLAB_TEST_DATA) + "/cache_keys/" + name + ".json").value();
}

// "before" or "after".
inline KeyStore keys(const std::string& name) {
  return parse_keys(recorded(name)).value().store;
}

inline std::vector<StepOperation> operations() {
  return operations_of(recorded("provenance"), "provenance").value();
}

}  // namespace buildlab::cache_keys::test
