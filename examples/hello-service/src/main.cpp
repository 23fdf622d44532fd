// hello-service [--port N] | --answer TARGET
#include <charconv>
#include <cstdio>
#include <string_view>

#include "greeting.h"
#include "http.h"

namespace {

int usage() {
  std::fputs("usage: hello-service [--port N] | --answer TARGET\n", stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 8080;
  if (argc == 3 && std::string_view(argv[1]) == "--answer") {
    const hello::Response response = hello::answer(argv[2]);
    std::printf("%d %s\n", response.status, response.body.c_str());
    return 0;
  }
  if (argc == 3 && std::string_view(argv[1]) == "--port") {
    const std::string_view text = argv[2];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) return usage();
  } else if (argc != 1) {
    return usage();
  }
  return hello::serve(port, hello::answer);
}
