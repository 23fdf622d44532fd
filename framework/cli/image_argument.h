// An image as the command line names it: a file, a folder, or a reference into a registry.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "framework/base/file.h"
#include "framework/image/image_file.h"
#include "framework/registry/remote_image.h"

namespace buildlab::cli {

class ImageArgument {
 public:
  // A reference's documents are read at once, its layers when they are wanted; all of it goes into a
  // temporary folder that ends with this value.
  static Result<ImageArgument> open(const std::string& text, const std::optional<std::string>& platform);

  const image::ImageFile& file() const { return *m_file; }
  // The error with the reference in place of the temporary folder.
  Error named(Error error) const;

 private:
  ImageArgument() = default;

  std::string m_text;
  std::unique_ptr<TempDir> m_folder;  // outlives what reads it
  std::unique_ptr<registry::RemoteImage> m_remote;
  std::optional<image::ImageFile> m_file;
};

}  // namespace buildlab::cli
