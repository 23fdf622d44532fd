// Speed and memory of the progress decoder on a stream made of the recorded ones, and the same lines through
// a plain JSON parser as the peer. Prints MB/s, the ratio, and peak memory after 1x and after 10x the length.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/metrics/graph.h"

namespace {

using namespace buildlab;

constexpr double k_bar_mb_per_sec = 80;
constexpr std::size_t k_stream_bytes = 200'000'000;
constexpr std::size_t k_piece_bytes = std::size_t{64} << 10U;  // what a pipe gives at once

// The recorded streams one after the other, JSON lines only.
std::string recorded_lines() {
  std::string lines;
  for (const auto& entry : std::filesystem::directory_iterator(BUILDLAB_TEST_DATA "/progress")) {
    std::ifstream stream(entry.path() / "progress.rawjson");
    for (std::string line; std::getline(stream, line);) {
      if (line.starts_with('{')) lines += line + "\n";
    }
  }
  return lines;
}

double peak_memory_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return static_cast<double>(std::atol(line.c_str() + 6)) / 1024;
  }
  return 0;
}

double seconds_since(SteadyClock::time_point begin) {
  return to_seconds(SteadyClock::now() - begin);
}

// MB/s of at least `bytes` of the lines, over and over, in pieces.
double decode_rate(const std::string& lines, std::size_t bytes) {
  metrics::ProgressDecoder decoder;
  std::size_t fed = 0;
  const auto begin = SteadyClock::now();
  while (fed < bytes) {
    const std::string_view all = lines;
    for (std::size_t at = 0; at < all.size(); at += k_piece_bytes)
      decoder.feed(all.substr(at, k_piece_bytes));
    fed += all.size();
  }
  const auto graph = decoder.finish();
  const double seconds = seconds_since(begin);
  if (!graph) {
    fmt::print(stderr, "{}\n", graph.error().message);
    std::exit(1);
  }
  return static_cast<double>(fed) / 1e6 / seconds;
}

double peer_rate(const std::string& lines, std::size_t bytes) {
  std::size_t parsed = 0;
  std::size_t members = 0;
  const auto begin = SteadyClock::now();
  while (parsed < bytes) {
    std::string_view rest = lines;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      members += Json::parse(rest.substr(0, end)).size();
      rest.remove_prefix(end + 1);
    }
    parsed += lines.size();
  }
  const double seconds = seconds_since(begin);
  if (members == 0) std::exit(1);
  return static_cast<double>(parsed) / 1e6 / seconds;
}

}  // namespace

int main() {
  const std::string lines = recorded_lines();
  fmt::print("recorded          {:8.1f} MB in lines, repeated\n", static_cast<double>(lines.size()) / 1e6);
  const double once = decode_rate(lines, k_stream_bytes);
  const double memory_once = peak_memory_mb();
  fmt::print("decoder, 200 MB   {:8.1f} MB/s   peak {:6.1f} MiB\n", once, memory_once);
  const double ten = decode_rate(lines, 10 * k_stream_bytes);
  const double memory_ten = peak_memory_mb();
  fmt::print("decoder, 2 GB     {:8.1f} MB/s   peak {:6.1f} MiB\n", ten, memory_ten);
  const double peer = peer_rate(lines, k_stream_bytes / 4);
  fmt::print("nlohmann, 50 MB   {:8.1f} MB/s   (parsing alone)\n", peer);
  fmt::print("ratio             {:8.2f}\n", once / peer);
  const bool met = once >= k_bar_mb_per_sec && ten >= k_bar_mb_per_sec && memory_ten < memory_once + 4;
  fmt::print("bar: {} MB/s and no memory for length: {}\n", k_bar_mb_per_sec, met ? "met" : "MISSED");
  return met ? 0 : 1;
}
