// Checks of rows that show in programs and other binary files.
#pragma once

#include "framework/causes/checks.h"

namespace buildlab::causes::checks {

std::optional<Finding> go_repository(const ContentPair& pair, const Surroundings& surroundings);
std::optional<Finding> go_settings(const ContentPair& pair, const Surroundings& surroundings);
std::optional<Finding> link_time_names(const ContentPair& pair, const Surroundings& surroundings);
std::optional<Finding> symbols_in_order(const ContentPair& pair, const Surroundings& surroundings);
std::optional<Finding> profile_counts(const ContentPair& pair, const Surroundings& surroundings);
std::optional<Finding> dotnet_module(const ContentPair& pair, const Surroundings& surroundings);
std::optional<Finding> png_text(const ContentPair& pair, const Surroundings& surroundings);
std::optional<Finding> pdf_dates(const ContentPair& pair, const Surroundings& surroundings);
std::optional<Finding> translation_date(const ContentPair& pair, const Surroundings& surroundings);
std::optional<Finding> private_key(const ContentPair& pair, const Surroundings& surroundings);

}  // namespace buildlab::causes::checks
