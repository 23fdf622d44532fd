#include "framework/misses/reason.h"

#include <fmt/format.h>

namespace buildlab::misses {

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::own_definition:
      return "own-definition";
    case Reason::input_content:
      return "input-content";
    case Reason::input_metadata:
      return "input-metadata";
    case Reason::parent_rekeyed:
      return "parent-rekeyed";
    case Reason::result_gone:
      return "result-gone";
    case Reason::import_failed:
      return "import-failed";
    case Reason::forced:
      return "forced";
    case Reason::nondeterministic_parent:
      return "nondeterministic-parent";
    case Reason::first_build:
      return "first-build";
  }
  return "";
}

std::string to_text(const Miss& miss) {
  return miss.detail ? fmt::format("{}: {}", to_string(miss.reason), *miss.detail)
                     : std::string(to_string(miss.reason));
}

}  // namespace buildlab::misses
