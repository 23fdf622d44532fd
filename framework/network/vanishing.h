// A port where every packet vanishes. Private to the room.
#pragma once

#include <cstdint>
#include <string>

#include "framework/base/file.h"
#include "framework/base/result.h"

namespace buildlab::network {

// Nobody who connects there gets an answer, not even a refusal, as long as the socket lives.
Result<Fd> vanishing_port(const std::string& address, std::uint16_t port);

}  // namespace buildlab::network
