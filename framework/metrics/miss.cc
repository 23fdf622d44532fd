#include "framework/metrics/miss.h"

#include <fmt/format.h>
#include <array>
#include <utility>

#include "framework/base/text.h"

namespace buildlab::metrics {
namespace {

constexpr std::array<std::pair<MissReason, std::string_view>, 9> k_miss_reasons{
    {{MissReason::own_definition, "own-definition"},
     {MissReason::input_content, "input-content"},
     {MissReason::input_metadata, "input-metadata"},
     {MissReason::parent_rekeyed, "parent-rekeyed"},
     {MissReason::result_gone, "result-gone"},
     {MissReason::import_failed, "import-failed"},
     {MissReason::forced, "forced"},
     {MissReason::nondeterministic_parent, "nondeterministic-parent"},
     {MissReason::first_build, "first-build"}}};

}  // namespace

std::string_view to_string(MissReason reason) {
  for (const auto& [known, name] : k_miss_reasons) {
    if (known == reason) return name;
  }
  return "";
}

Result<MissReason> parse_miss_reason(std::string_view text) {
  std::string names;
  for (const auto& [known, name] : k_miss_reasons) {
    if (name == text) return known;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return fail(ErrorKind::infrastructure, fmt::format("'{}' is no reason of a miss", one_line(text, 80)),
              {"known: " + names});
}

std::string to_text(const Miss& miss) {
  return miss.detail ? fmt::format("{}: {}", to_string(miss.reason), *miss.detail)
                     : std::string(to_string(miss.reason));
}

}  // namespace buildlab::metrics
