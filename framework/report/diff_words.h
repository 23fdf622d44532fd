// What the formats of a comparison share: its parts in words. Private to this room.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "framework/drift/difference.h"
#include "framework/drift/order.h"

namespace buildlab::report {

// What images say, on one line and with nothing that a terminal obeys.
std::string shown(std::string_view text, std::size_t limit);
// "different: 12 differences of 3 causes; 11 of them are explained, 9 proven"
std::string verdict_sentence(const drift::Comparison& comparison);
// "TIME, proven", "ORDER, supposed", "unknown cause"
std::string class_words(const drift::Difference& difference);
// "var/log/dpkg.log", "layer 3", "configuration"
std::string place_words(const drift::Difference& difference);
// "layer 3 of 4, Dockerfile:5 RUN apt-get install …"
std::string step_words(const drift::Comparison& comparison, const drift::Difference& difference);
// "mtime 1700000000 → 1700000007 (2023-11-14T22:13:20Z → 2023-11-14T22:13:27Z)"
std::string change_words(const drift::Difference& difference);
// What the cause saw; without one the bytes that differ, else the change. Never nothing.
std::vector<std::string> evidence_words(const drift::Difference& difference);
// "content, size"
std::string attributes_words(const drift::Group& group);

}  // namespace buildlab::report
