#include "framework/drift/align.h"

#include <algorithm>

#include <cstdint>

namespace buildlab::drift {
namespace {

// The longest common subsequence as index pairs. Images have some hundred layers at most (overlayfs refuses
// more than 500), so the table stays small; beyond a bound only equal beginnings are tied.
std::vector<std::pair<std::size_t, std::size_t>> common(const std::vector<Digest>& a,
                                                        const std::vector<Digest>& b) {
  constexpr std::size_t k_max_table = 4'000'000;
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  std::size_t begin = 0;
  while (begin < a.size() && begin < b.size() && a[begin] == b[begin]) {
    pairs.emplace_back(begin, begin);
    ++begin;
  }
  const std::size_t rows = a.size() - begin;
  const std::size_t columns = b.size() - begin;
  if (rows == 0 || columns == 0 || rows > k_max_table / columns) return pairs;
  std::vector<std::vector<std::uint32_t>> length(rows + 1, std::vector<std::uint32_t>(columns + 1, 0));
  for (std::size_t i = rows; i-- > 0;) {
    for (std::size_t j = columns; j-- > 0;) {
      length[i][j] = a[begin + i] == b[begin + j] ? length[i + 1][j + 1] + 1
                                                  : std::max(length[i + 1][j], length[i][j + 1]);
    }
  }
  for (std::size_t i = 0, j = 0; i < rows && j < columns;) {
    if (a[begin + i] == b[begin + j]) {
      pairs.emplace_back(begin + i++, begin + j++);
    } else if (length[i + 1][j] >= length[i][j + 1]) {
      ++i;
    } else {
      ++j;
    }
  }
  return pairs;
}

void add_between(std::vector<Segment>& segments, Range a, Range b) {
  if (a.first == a.end && b.first == b.end) return;
  if (a.end - a.first != b.end - b.first) {
    segments.push_back({a, b, false});
    return;
  }
  for (std::size_t i = 0; a.first + i < a.end; ++i) {
    segments.push_back({{a.first + i, a.first + i + 1}, {b.first + i, b.first + i + 1}, false});
  }
}

}  // namespace

std::vector<Segment> align(const std::vector<Digest>& a, const std::vector<Digest>& b) {
  std::vector<Segment> segments;
  std::size_t at_a = 0;
  std::size_t at_b = 0;
  for (const auto& [i, j] : common(a, b)) {
    add_between(segments, {at_a, i}, {at_b, j});
    segments.push_back({{i, i + 1}, {j, j + 1}, true});
    at_a = i + 1;
    at_b = j + 1;
  }
  add_between(segments, {at_a, a.size()}, {at_b, b.size()});
  return segments;
}

}  // namespace buildlab::drift
