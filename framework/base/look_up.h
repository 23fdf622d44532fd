// Addresses of a host, with a limit of time and an end from outside, neither of which getaddrinfo(3) has.
#pragma once

#include <sys/socket.h>
#include <string>
#include <vector>

#include "framework/base/time.h"

namespace buildlab {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  int family() const { return storage.ss_family; }
};

// Of a stream's server, in the order to try them. Empty where the name is unknown, where no answer came
// within `limit`, and once the descriptor `wake` was readable (-1: none).
std::vector<Address> look_up(const std::string& host, const std::string& port, Nanoseconds limit,
                             int wake = -1);

}  // namespace buildlab
