// How a layer's tar is compressed.
#pragma once

#include <optional>
#include <string_view>

namespace buildlab::image {

enum class Packing { none, gzip, zstd, bzip2, xz };
std::string_view to_string(Packing packing);  // "gzip"

// By the first bytes of a blob; six are enough.
Packing packing_of(std::string_view beginning);
// What a media type says of it ("…tar+gzip", "…tar.gzip", "…tar"); nullopt where it says nothing that is
// known.
std::optional<Packing> packing_by(std::string_view media_type);

}  // namespace buildlab::image
