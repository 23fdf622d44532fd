// Questions of the domain name system, and their answers. Pure; private to the room.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace buildlab::network {

inline constexpr std::size_t k_name_header = 12;
inline constexpr std::uint16_t k_type_address = 1;  // A

struct NameQuestion {
  std::string name;  // in small letters, without the last dot
  std::uint16_t type = 0;
  std::size_t end = 0;  // where its bytes end in the packet
};

enum class NameStatus : std::uint8_t { good = 0, server_failure = 2 };

using NameAddress = std::array<std::uint8_t, 4>;

// Of a packet that asks one question of the usual class; nullopt for anything else.
std::optional<NameQuestion> parse_name_question(std::string_view packet);

// The answer to it, with one address or none.
std::string name_answer(std::string_view packet, const NameQuestion& question, NameStatus status,
                        const std::optional<NameAddress>& address);

// Of another server's answer to `question`, as it may be passed on over UDP: one that was cut short is said
// to be whole, as there is no other way to get more. nullopt where it is no answer to that question.
std::optional<std::string> passed_on_answer(std::string_view question, std::string answer);

}  // namespace buildlab::network
