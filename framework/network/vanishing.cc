#include "framework/network/vanishing.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <cerrno>
#include <cstring>

namespace buildlab::network {

Result<Fd> vanishing_port(const std::string& address, std::uint16_t port) {
  const auto failed = [&](const char* call) {
    return fail(ErrorKind::infrastructure,
                fmt::format("making {}:{} unreachable: {}: {}", address, port, call, std::strerror(errno)));
  };
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return failed("socket");
  // A program that takes nothing of any packet: the kernel drops what comes, the first packet of a connection
  // too.
  sock_filter nothing{BPF_RET | BPF_K, 0, 0, 0};
  const sock_fprog program{1, &nothing};
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
    return failed("setsockopt(SO_ATTACH_FILTER)");
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &place.sin_addr) != 1) {
    errno = EINVAL;
    return failed("inet_pton");
  }
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0) return failed("bind");
  if (::listen(fd.get(), 1) != 0) return failed("listen");
  return fd;
}

}  // namespace buildlab::network
