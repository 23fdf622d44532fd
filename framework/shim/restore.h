// BuildKit puts its proxy's authority into a container's bundle before the container starts and takes it out
// afterwards. Both write the file anew, so that its time and a copy of the whole file would stand in the
// layer of every RUN. Putting the file back as the layer below has it, before BuildKit looks, leaves nothing
// to see: what an overlay copied up is left out of a layer when it has content, owner, mode and time of the
// file below (BuildKit, util/overlay).
#pragma once

#include <sys/stat.h>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"

namespace buildlab::shim {

// Folders that the overlay at `mount_point` lies on, the highest first; none where another file system is
// mounted there. `mountinfo` is that of /proc/self.
std::vector<std::filesystem::path> lower_folders(std::string_view mountinfo,
                                                 const std::filesystem::path& mount_point);

// A file that was changed before the container started, with its folder, as they are now and as they were.
struct Changed {
  std::filesystem::path file;  // on the host, below the container's root
  std::string original;
  struct stat was {};         // of the file below
  struct stat folder_was {};  // of its folder
  struct stat is {};
  struct stat folder_is {};
};

// nullopt where the file below is not there or is not what `file` begins with: then nothing is put back.
std::optional<Changed> find_changed(const std::filesystem::path& root, const std::filesystem::path& file,
                                    const std::vector<std::filesystem::path>& lower);

// Puts content and times back, each where the container left it alone.
Status put_back(const Changed& changed);

}  // namespace buildlab::shim
