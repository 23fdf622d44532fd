#include "framework/context/manifest.h"

#include "framework/base/digest.h"
#include "framework/context/entry.h"
#include "framework/context/walk.h"
#include "framework/scenario/context_files.h"

namespace buildlab::context {
namespace {

namespace fs = std::filesystem;

Result<std::string> content_of(const fs::path& path, EntryType type) {
  if (type == EntryType::file)
    return sha256_file(path).map([](const Digest& digest) { return digest.hex(); });
  if (type != EntryType::link) return std::string();
  std::error_code code;
  const fs::path target = fs::read_symlink(path, code);
  if (code) return system_error("readlink", path, code.value());
  return sha256(target.string()).hex();
}

}  // namespace

Result<Manifest> read_manifest(const fs::path& copy, const fs::path& dockerfile) {
  BUILDLAB_ASSIGN(const auto rules, scenario::load_ignore_rules(copy, dockerfile));
  BUILDLAB_ASSIGN(const std::vector<Entry> entries, walk_copy(copy));
  Manifest manifest;
  for (const Entry& entry : entries) {
    if (rules.ignores(entry.path)) continue;
    ManifestEntry row;
    row.type = static_cast<char>(entry.type);
    row.mode = entry.type == EntryType::link ? 0 : entry.identity.mode;
    BUILDLAB_ASSIGN(row.content, content_of(copy / entry.path, entry.type));
    BUILDLAB_ASSIGN(const auto attributes, user_attributes(copy / entry.path));
    for (const auto& [name, value] : attributes) row.attributes.emplace(name, sha256(value).hex());
    manifest.emplace(entry.path, std::move(row));
  }
  return manifest;
}

}  // namespace buildlab::context
