#include "framework/network/name_message.h"

#include "framework/base/text.h"

namespace buildlab::network {
namespace {

constexpr std::size_t k_longest_label = 63;
constexpr std::size_t k_longest_name = 253;
constexpr std::uint16_t k_class_internet = 1;
constexpr std::uint16_t k_name_of_question = 0xc000U + k_name_header;  // where it stands

// Bits of the third and the fourth byte.
constexpr std::uint8_t k_is_answer = 0x80;
constexpr std::uint8_t k_operation = 0x78;
constexpr std::uint8_t k_authoritative = 0x04;
constexpr std::uint8_t k_cut_short = 0x02;
constexpr std::uint8_t k_recursion_wanted = 0x01;
constexpr std::uint8_t k_recursion_available = 0x80;

std::uint8_t byte_at(std::string_view packet, std::size_t at) {
  return static_cast<std::uint8_t>(packet[at]);
}

std::uint16_t number_at(std::string_view packet, std::size_t at) {
  return static_cast<std::uint16_t>((byte_at(packet, at) << 8U) | byte_at(packet, at + 1));
}

void append_number(std::string& packet, std::uint16_t number) {
  packet += static_cast<char>(number >> 8U);
  packet += static_cast<char>(number & 0xffU);
}

}  // namespace

std::optional<NameQuestion> parse_name_question(std::string_view packet) {
  if (packet.size() < k_name_header || (byte_at(packet, 2) & (k_is_answer | k_operation)) != 0 ||
      number_at(packet, 4) != 1) {
    return std::nullopt;
  }
  NameQuestion question;
  std::size_t at = k_name_header;
  while (true) {
    if (at >= packet.size()) return std::nullopt;
    const std::size_t length = byte_at(packet, at++);
    if (length == 0) break;
    // Longer ones are references to another place, for which a question has no use.
    if (length > k_longest_label || length > packet.size() - at) return std::nullopt;
    if (!question.name.empty()) question.name += '.';
    question.name += packet.substr(at, length);
    if (question.name.size() > k_longest_name) return std::nullopt;
    at += length;
  }
  if (packet.size() - at < 4 || number_at(packet, at + 2) != k_class_internet) return std::nullopt;
  question.name = to_lower(question.name);
  question.type = number_at(packet, at);
  question.end = at + 4;
  return question;
}

std::string name_answer(std::string_view packet, const NameQuestion& question, NameStatus status,
                        const std::optional<NameAddress>& address) {
  std::string answer(packet.substr(0, 2));
  answer += static_cast<char>(k_is_answer | k_authoritative | (byte_at(packet, 2) & k_recursion_wanted));
  answer += static_cast<char>(k_recursion_available | static_cast<std::uint8_t>(status));
  append_number(answer, 1);
  append_number(answer, address ? 1 : 0);
  append_number(answer, 0);
  append_number(answer, 0);
  answer += packet.substr(k_name_header, question.end - k_name_header);
  if (!address) return answer;
  append_number(answer, k_name_of_question);
  append_number(answer, k_type_address);
  append_number(answer, k_class_internet);
  append_number(answer, 0);  // valid for no time, so that each look-up asks
  append_number(answer, 0);
  append_number(answer, static_cast<std::uint16_t>(address->size()));
  for (const std::uint8_t byte : *address) answer += static_cast<char>(byte);
  return answer;
}

std::optional<std::string> passed_on_answer(std::string_view question, std::string answer) {
  if (question.size() < k_name_header || answer.size() < k_name_header) return std::nullopt;
  if (answer.compare(0, 2, question.substr(0, 2)) != 0 || (byte_at(answer, 2) & k_is_answer) == 0)
    return std::nullopt;
  answer[2] = static_cast<char>(byte_at(answer, 2) & ~k_cut_short);
  return answer;
}

}  // namespace buildlab::network
