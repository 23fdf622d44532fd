#include "framework/process/descriptors.h"

#include <sys/resource.h>
#include <algorithm>

#include "framework/process/launch.h"

namespace buildlab::process {
namespace {

// More than any of our servers uses; a limit of a billion, as some systems have it, helps nobody.
constexpr rlim_t k_enough = 65536;

std::optional<rlimit>& limit_before() {
  static std::optional<rlimit> limit;
  return limit;
}

}  // namespace

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= k_enough) return;
  const rlimit before = limit;
  limit.rlim_cur = std::min(limit.rlim_max, k_enough);
  if (limit.rlim_cur > before.rlim_cur && ::setrlimit(RLIMIT_NOFILE, &limit) == 0) limit_before() = before;
}

std::optional<rlimit> descriptor_limit_of_children() {
  return limit_before();
}

}  // namespace buildlab::process
