// Where the engine's installer is: beside this program's sources or in its installed share folder.
#pragma once

#include <filesystem>

namespace buildlab::cli {

// $BUILDLAB_INSTALLER, else share/buildlab/engine/install.sh beside the program's bin folder, else the source
// tree that the program was built from. Empty when none is there.
std::filesystem::path installer_path();

}  // namespace buildlab::cli
