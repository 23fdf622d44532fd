// The smallest HTTP/1.1 server that is still correct for GET: one connection at a time, closed after its answer.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "greeting.h"

namespace hello {

using Handler = std::function<Response(std::string_view target)>;

// Serves until SIGTERM or SIGINT. Returns 0 then, 1 (with the cause on stderr) when the port cannot be had.
int serve(std::uint16_t port, const Handler& handler);

}  // namespace hello
