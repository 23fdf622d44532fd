// Private to the room: the names that a Dockerfile's stages and steps read, with their variables expanded.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"
#include "framework/dockerfile/dockerfile.h"

namespace buildlab::dockerfile {

using Variables = std::map<std::string, std::string, std::less<>>;

Result<std::string> expand(const std::string& text, const Variables& variables, char escape);

// Values of the variables that FROM may use.
Result<Variables> global_variables(const Dockerfile& file, const std::optional<std::string>& target,
                                   const std::map<std::string, std::string>& build_args,
                                   const std::optional<std::string>& platform);

// Fields of a --mount value: comma-separated, with CSV quotes around a whole field.
std::vector<std::string> mount_fields(std::string_view value);

// What a stage reads: another stage, or an image from outside.
struct Source {
  std::optional<std::size_t> stage;
  std::string image;
};

using StageNames = std::map<std::string, std::size_t, std::less<>>;

// The stage or image that COPY --from and --mount from= mean by a name.
Result<Source> source_named(const std::string& name, const Instruction& reader, const StageNames& names,
                            std::size_t stages);

}  // namespace buildlab::dockerfile
