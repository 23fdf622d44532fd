#include "framework/image/packing.h"

#include <utility>

namespace buildlab::image {

std::string_view to_string(Packing packing) {
  switch (packing) {
    case Packing::none:
      return "not compressed";
    case Packing::gzip:
      return "gzip";
    case Packing::zstd:
      return "zstd";
    case Packing::bzip2:
      return "bzip2";
    case Packing::xz:
      return "xz";
  }
  return "";
}

Packing packing_of(std::string_view beginning) {
  using namespace std::string_view_literals;
  if (beginning.starts_with("\x1f\x8b")) return Packing::gzip;
  if (beginning.starts_with("\x28\xb5\x2f\xfd")) return Packing::zstd;
  if (beginning.starts_with("BZh")) return Packing::bzip2;
  if (beginning.starts_with("\xfd"
                            "7zXZ\0"sv)) {
    return Packing::xz;
  }
  // A zstd stream may begin with a frame to be skipped, as seekable layers have.
  const bool skippable = beginning.size() >= 4 &&
                         (static_cast<unsigned char>(beginning[0]) & 0xf0U) == 0x50U &&
                         beginning.substr(1, 3) == "\x2a\x4d\x18";
  return skippable ? Packing::zstd : Packing::none;
}

std::optional<Packing> packing_by(std::string_view media_type) {
  constexpr std::pair<std::string_view, Packing> k_endings[] = {
      {".tar+gzip", Packing::gzip}, {".tar.gzip", Packing::gzip}, {".tar+zstd", Packing::zstd},
      {".tar.zstd", Packing::zstd}, {".tar", Packing::none},
  };
  for (const auto& [ending, packing] : k_endings) {
    if (media_type.ends_with(ending)) return packing;
  }
  return std::nullopt;
}

}  // namespace buildlab::image
