// Private to the room: what a daemon's debug address tells, over its socket in the builder's own folder.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "framework/base/file.h"
#include "framework/base/result.h"
#include "framework/base/time.h"

namespace buildlab::engine {

// A connection to a socket of this machine; not valid where nobody listens.
Fd connect_local(const std::filesystem::path& socket);

struct DebugQuestion {
  std::filesystem::path socket;
  std::string path;                                // "/debug/cache/store"
  Nanoseconds at_most = std::chrono::seconds(10);  // for the whole answer
  std::size_t limit = 24U << 20U;                  // of its bytes; keys of some thousand files
};

// The answer's body as JSON text. An infrastructure error where there is none in time, it is larger than the
// limit, or it is no good.
Result<std::string> ask_debug_address(const DebugQuestion& question);

// The body of an HTTP answer that ended with its connection; an error where its status is not 200.
Result<std::string> body_of(std::string_view answer);

}  // namespace buildlab::engine
