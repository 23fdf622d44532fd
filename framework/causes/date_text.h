// Dates and times as text of one fixed form, standing at the same place of both sides.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "framework/causes/binary.h"
#include "framework/causes/observation.h"

namespace buildlab::causes::formats {

enum class DateForm { c_date, c_time, calendar };  // __DATE__, __TIME__, any other

struct DateText {
  Range range;
  DateForm form = DateForm::calendar;
  bool has_clock = false;    // a time of day
  bool near_builds = false;  // each side's moment is one of a build, or SOURCE_DATE_EPOCH
};

// How sure it is that a date is what the builds wrote, as of text.
enum class DateFit { none, supposed, certain };
DateFit fit_of(const DateText& date, const Surroundings& surroundings);

// The date that covers byte `at` of both sides, in the same form and at the same place. Forms that are mere
// digits count only if they name a moment of the builds.
std::optional<DateText> date_at(std::string_view a, std::string_view b, std::size_t at,
                                const Surroundings& surroundings);

// "Tue Nov 24 10:00:00", whatever follows.
bool starts_with_weekday_date(std::string_view text);

// Whether the moment lies within the build, a second more at both ends; false where no window is known.
bool within(const std::optional<Window>& window, std::int64_t seconds);

}  // namespace buildlab::causes::formats
