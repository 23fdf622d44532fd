// The formats' readers. Each looks at the magic, or the path where a format has none, and answers nullopt at
// once for what is not its own.
#pragma once

#include <optional>

#include "framework/causes/reading.h"

namespace buildlab::causes::formats {

std::optional<Cause> of_compressed(const Reading& reading);
std::optional<Cause> of_python(const Reading& reading);
std::optional<Cause> of_zip(const Reading& reading);
std::optional<Cause> of_tar(const Reading& reading);
std::optional<Cause> of_ar(const Reading& reading);
std::optional<Cause> of_cpio(const Reading& reading);
std::optional<Cause> of_manifest(const Reading& reading);
std::optional<Cause> of_properties(const Reading& reading);
std::optional<Cause> of_elf(const Reading& reading);
std::optional<Cause> of_sqlite(const Reading& reading);
std::optional<Cause> of_jks(const Reading& reading);
std::optional<Cause> of_pkcs12(const Reading& reading);
std::optional<Cause> of_git_index(const Reading& reading);
std::optional<Cause> of_aux_cache(const Reading& reading);
std::optional<Cause> of_font_cache(const Reading& reading);
std::optional<Cause> of_gdbm(const Reading& reading);
std::optional<Cause> of_machine_id(const Reading& reading);
std::optional<Cause> of_xmlb(const Reading& reading);
std::optional<Cause> of_png(const Reading& reading);
std::optional<Cause> of_pdf(const Reading& reading);
std::optional<Cause> of_gettext(const Reading& reading);
std::optional<Cause> of_json(const Reading& reading);

}  // namespace buildlab::causes::formats
