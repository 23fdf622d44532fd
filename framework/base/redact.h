// Keeping credentials that stand inside URLs out of everything that is written.
#pragma once

#include <string>
#include <string_view>

namespace buildlab {

// The text with "***" in place of what stands before the '@' of an http(s) URL, of the password of any other
// ("ssh://git@host" names an account and no secret), and of the values of query fields that carry one (token,
// password, signature, …). Text without such a URL comes back byte for byte; doing it twice changes nothing
// more.
std::string redact_url_credentials(std::string_view text);

}  // namespace buildlab
