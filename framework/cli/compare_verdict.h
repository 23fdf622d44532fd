// What a comparison ends with. Values only.
#pragma once

#include <string>
#include <vector>

#include "framework/report/compare.h"
#include "framework/verdict/verdict.h"

namespace buildlab::cli {

struct CompareVerdict {
  verdict::Outcome outcome = verdict::Outcome::passed;
  std::string why = {};  // a line where nothing could be decided, "" else
};

// `fail_on`: "slower", "digest", "hits". What is surely faster is never held up: only where a pair may have
// become slower, as its medians say, is it left open whether it did.
CompareVerdict judge_comparison(const report::Comparison& comparison,
                                const std::vector<std::string>& fail_on);

}  // namespace buildlab::cli
