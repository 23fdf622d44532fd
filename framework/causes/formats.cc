#include "framework/causes/formats.h"

#include "framework/causes/format_readers.h"
#include "framework/causes/reading.h"

namespace buildlab::causes {

std::optional<Cause> of_format(const ContentPair& pair, const Surroundings& surroundings,
                               const Descend& descend) {
  using Reader = std::optional<Cause> (*)(const formats::Reading&);
  static constexpr Reader k_readers[] = {
      formats::of_machine_id, formats::of_manifest,  formats::of_properties, formats::of_compressed,
      formats::of_zip,        formats::of_tar,       formats::of_ar,         formats::of_cpio,
      formats::of_elf,        formats::of_python,    formats::of_sqlite,     formats::of_jks,
      formats::of_pkcs12,     formats::of_git_index, formats::of_aux_cache,  formats::of_font_cache,
      formats::of_gdbm,       formats::of_xmlb,      formats::of_png,        formats::of_pdf,
      formats::of_gettext,    formats::of_json,
  };
  if (pair.a == pair.b) return std::nullopt;
  const formats::Descent descent;
  if (descent.too_deep()) return std::nullopt;
  const formats::Reading reading{pair, surroundings, descend};
  for (const Reader reader : k_readers) {
    auto cause = reader(reading);
    if (!cause) continue;
    if (!pair.complete) cause->proven = false;
    return cause;
  }
  return std::nullopt;
}

}  // namespace buildlab::causes
