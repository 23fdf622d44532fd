// What two tar headers say differently. Private to this room.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "framework/drift/difference.h"
#include "framework/image/tar_reader.h"

namespace buildlab::drift {

EntryKind kind_of(const image::TarEntry& entry);
std::string_view to_string(EntryKind kind);  // "file"
std::string time_text(const image::TarTime& time);
// For people and JSON: "file", "hardlink to usr/bin/perl".
std::string type_text(const image::TarEntry& entry);

// One difference for every attribute that two entries of the same path have differently, but for what the
// kinds of their links and their contents tell. When all attributes are equal and only the headers' bytes are
// not, that is one difference of `format`. Only path, kind, attribute, key, a, b, representation are set.
std::vector<Difference> differences_of_headers(const image::TarEntry& a, const image::TarEntry& b);

}  // namespace buildlab::drift
