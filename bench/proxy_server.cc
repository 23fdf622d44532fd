// The proxy before HOST:PORT, until standard input ends: what bench/proxy.py measures. Its first line is the
// endpoint, its last what it counted.
#include <charconv>
#include <cstdio>
#include <string>

#include "framework/network/proxy.h"

int main(int argc, char** argv) {
  using namespace buildlab;
  const std::string upstream = argc == 2 ? argv[1] : "";
  const std::size_t colon = upstream.rfind(':');
  if (colon == std::string::npos) {
    std::fputs("usage: buildlab_bench_proxy HOST:PORT\n", stderr);
    return 2;
  }
  std::uint16_t port = 0;
  std::from_chars(upstream.data() + colon + 1, upstream.data() + upstream.size(), port);
  const auto proxy = network::Proxy::start({upstream.substr(0, colon), port}, {});
  if (!proxy) {
    std::fprintf(stderr, "%s\n", proxy.error().message.c_str());
    return 1;
  }
  std::printf("%s\n", (*proxy)->endpoint().c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  const network::Transfers seen = (*proxy)->transfers();
  const network::Account account = network::account(seen.exchanges, seen.described);
  std::printf("%d %llu %llu\n", account.requests, static_cast<unsigned long long>(account.bytes_down),
              static_cast<unsigned long long>(account.bytes_up));
  return 0;
}
