#include "framework/causes/reading.h"

#include <fmt/format.h>

namespace buildlab::causes::formats {
namespace {

struct DescentState {
  int depth = 0;
  std::size_t work = 0;
  std::size_t descents = 0;
};

// The answer for a member passes through of_content, which knows nothing of limits; so they are kept here.
DescentState& descent_state() {
  thread_local DescentState state;
  return state;
}

}  // namespace

Descent::Descent() {
  ++descent_state().depth;
}

Descent::~Descent() {
  DescentState& state = descent_state();
  if (--state.depth == 0) state = {};
}

bool Descent::too_deep() const {
  return descent_state().depth > k_most_depth + 1;
}

bool Descent::spend(std::size_t bytes) {
  DescentState& state = descent_state();
  if (bytes > k_most_work - state.work) return false;
  state.work += bytes;
  return true;
}

std::optional<Cause> Reading::into(std::string_view member, std::string_view a, std::string_view b) const {
  if (!descend || ++descent_state().descents > k_most_descents || !Descent::spend(a.size() + b.size())) {
    return std::nullopt;
  }
  return descend({fmt::format("{}!{}", pair.path, member), a, b, pair.complete}, surroundings);
}

}  // namespace buildlab::causes::formats
