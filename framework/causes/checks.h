// What supports a row of the catalogue in two contents. All of them answer nullopt where nothing does.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/causes/catalogue.h"
#include "framework/causes/evidence.h"

namespace buildlab::causes::checks {

// The path says it all: shows where the first difference is, and of text also what.
std::optional<Finding> by_path(const ContentPair& pair, const Surroundings& surroundings);
// The same for keys and the like, whose values belong into no report.
std::optional<Finding> secret(const ContentPair& pair, const Surroundings& surroundings);
// The first lines that differ hold times that differ.
std::optional<Finding> times(const ContentPair& pair, const Surroundings& surroundings);
// Whatever a generic recogniser says of the class.
std::optional<Finding> any_generic(const ContentPair& pair, const Surroundings& surroundings);
std::optional<Finding> order(const ContentPair& pair, const Surroundings& surroundings);

// A value to leave out: it begins behind `key` and ends before one of `stops`, at the end of the file or
// after 400 bytes.
struct Value {
  std::string_view key;
  std::string_view stops;
};
// Both hold such values, and at least one differs. Proven when nothing else does.
std::optional<Finding> values(const ContentPair& pair, std::initializer_list<Value> masks);
// Lines that hold one of the words differ; proven when no other line does.
std::optional<Finding> lines_with(const ContentPair& pair, std::initializer_list<std::string_view> words);

// The lines that differ, place by place; nullopt when lines were added or there are too many.
std::optional<std::vector<LinePair>> differing_lines(const ContentPair& pair);

}  // namespace buildlab::causes::checks
