// Contents of files: compared while they stream, digested, kept as far as naming a cause needs them. Private
// to this room.
#pragma once

#include <optional>
#include <string>

#include "framework/base/digest.h"
#include "framework/drift/difference.h"
#include "framework/drift/explain.h"
#include "framework/image/tar_reader.h"

namespace buildlab::drift {

// Reads both current entries to their ends. nullopt when they are equal. `scratch` is room for what was equal
// so far; kept from file to file, it is not asked of the system again for each.
Result<std::optional<Contents>> compare_contents(image::TarReader& a, std::uint64_t size_a,
                                                 image::TarReader& b, std::uint64_t size_b,
                                                 std::string& scratch);

struct Digested {
  Digest sum;
  std::string beginning;  // at most `keep` bytes
};
Result<Digested> digest_content(image::TarReader& reader, std::size_t keep);

// The differences "content", and "size" where that differs too, of one path.
void add_content(std::vector<Difference>& differences, const std::string& path, std::uint64_t size_a,
                 std::uint64_t size_b, const Contents& contents);

}  // namespace buildlab::drift
