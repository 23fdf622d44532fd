#include "framework/base/look_up.h"

#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "framework/base/file.h"

namespace buildlab {
namespace {

std::vector<Address> addresses_of(const std::string& host, const std::string& port, int flags) {
  std::vector<Address> addresses;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    Address address;
    std::copy_n(reinterpret_cast<const char*>(entry->ai_addr), entry->ai_addrlen,
                reinterpret_cast<char*>(&address.storage));
    address.length = entry->ai_addrlen;
    addresses.push_back(address);
  }
  ::freeaddrinfo(found);
  return addresses;
}

// What the thread that asks and the one that waits share; the last of them ends it.
struct Question {
  Fd answered{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::mutex mutex;
  std::vector<Address> addresses;
};

void ask(const std::shared_ptr<Question>& question, const std::string& host, const std::string& port) {
  std::vector<Address> addresses = addresses_of(host, port, 0);
  {
    const std::lock_guard lock(question->mutex);
    question->addresses = std::move(addresses);
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(question->answered.get(), &one, sizeof one);
}

// Whether `fd` became readable before `wake` did and the time was over.
bool wait_until_readable(int fd, int wake, Nanoseconds limit) {
  const auto deadline = SteadyClock::now() + limit;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
    pollfd polled[2] = {{fd, POLLIN, 0}, {wake, POLLIN, 0}};  // poll(2) passes over a descriptor below 0
    const int ready = left <= 0 ? 0 : ::poll(polled, 2, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    return ready > 0 && polled[0].revents != 0;
  }
}

}  // namespace

std::vector<Address> look_up(const std::string& host, const std::string& port, Nanoseconds limit, int wake) {
  std::vector<Address> at_once = addresses_of(host, port, AI_NUMERICHOST | AI_NUMERICSERV);
  if (!at_once.empty()) return at_once;
  try {
    const auto question = std::make_shared<Question>();
    if (!question->answered.valid()) return {};
    // It may be left behind: nothing ends a look-up.
    std::thread([question, host, port] { ask(question, host, port); }).detach();
    if (!wait_until_readable(question->answered.get(), wake, limit)) return {};
    const std::lock_guard lock(question->mutex);
    return question->addresses;
  } catch (const std::system_error&) {  // no thread to be had
    return {};
  }
}

}  // namespace buildlab
