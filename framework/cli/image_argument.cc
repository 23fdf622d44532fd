#include "framework/cli/image_argument.h"

#include <filesystem>
#include <utility>

namespace buildlab::cli {

Result<ImageArgument> ImageArgument::open(const std::string& text,
                                          const std::optional<std::string>& platform) {
  ImageArgument argument;
  argument.m_text = text;
  const auto reference = registry::remote_reference(text);
  if (!reference) {
    BUILDLAB_ASSIGN(argument.m_file, image::ImageFile::open(text, platform));
    return argument;
  }
  BUILDLAB_ASSIGN(TempDir folder, TempDir::create(std::filesystem::temp_directory_path(), "buildlab-image-"));
  argument.m_folder = std::make_unique<TempDir>(std::move(folder));
  const std::filesystem::path& layout = argument.m_folder->path();
  auto remote = registry::RemoteImage::open(*reference, layout, platform);
  if (!remote) {
    Error error = std::move(remote).error();
    error.details.push_back("\"" + text + "\" is taken for a reference: no file has that name");
    return tl::unexpected<Error>(argument.named(std::move(error)));
  }
  argument.m_remote = std::make_unique<registry::RemoteImage>(std::move(*remote));
  const registry::RemoteImage* const source = argument.m_remote.get();
  auto file = image::ImageFile::open(layout, platform, [source](const Digest& digest, Bytes size) {
    return source->fetch_blob(digest, size);
  });
  if (!file) return tl::unexpected<Error>(argument.named(std::move(file).error()));
  argument.m_file = std::move(*file);
  return argument;
}

Error ImageArgument::named(Error error) const {
  if (!m_folder) return error;
  const std::string folder = m_folder->path().string();
  for (std::size_t at = error.message.find(folder); at != std::string::npos;
       at = error.message.find(folder)) {
    error.message.replace(at, folder.size(), m_text);
  }
  return error;
}

}  // namespace buildlab::cli
