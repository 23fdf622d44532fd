// JSON that is compared, not used: nothing of the text is lost but blanks and escapes. A parser that makes
// doubles of numbers and keeps one of two members of a name calls different documents equal.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "framework/base/json.h"

namespace buildlab {

// Whether two texts of JSON numbers are the same decimal: "1.50" and "15e-1".
bool is_same_number(std::string_view a, std::string_view b);

// Part of no text that is UTF-8, so that no key of a document can have it.
inline constexpr char k_named_again = '\xff';
// The key as the document has it.
std::string_view plain_key(std::string_view key);

// As to_line, of a value that parse_exact or parse_exact_json made: numbers and keys as in the document.
std::string to_exact_line(const Json& value);

// Makes the value of Type (Json, or nlohmann::json with sorted members) while the text is read. A number that
// a double does not hold becomes binary: its text. Of members of one name the last keeps the key, as for most
// readers; those before it get k_named_again and their number behind it.
template <typename Type>
class ExactReader : public nlohmann::json_sax<Type> {
 public:
  using Base = nlohmann::json_sax<Type>;

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(typename Base::number_integer_t value) override { return add(value); }
  bool number_unsigned(typename Base::number_unsigned_t value) override { return add(value); }
  bool number_float(typename Base::number_float_t value, const typename Base::string_t& text) override {
    Type number(value);
    if (is_same_number(text, number.dump())) return add(std::move(number));
    return add(Type::binary({text.begin(), text.end()}));
  }
  bool string(typename Base::string_t& value) override { return add(std::move(value)); }
  bool binary(typename Base::binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return open(true); }
  bool start_array(std::size_t /*size*/) override { return open(false); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(typename Base::string_t& value) override {
    m_open.back().members.emplace_back(std::move(value), nullptr);
    return true;
  }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return false;
  }

  Type take() && { return std::move(m_value); }

 private:
  struct Level {
    bool is_object = false;
    std::vector<std::pair<std::string, Type>> members;
    Type elements = Type::array();
  };

  bool open(bool is_object) {
    constexpr std::size_t k_deepest = 200;
    m_open.emplace_back().is_object = is_object;
    return m_open.size() <= k_deepest;
  }

  bool close() {
    Level level = std::move(m_open.back());
    m_open.pop_back();
    return add(level.is_object ? object_of(std::move(level.members)) : std::move(level.elements));
  }

  bool add(Type value) {
    if (m_open.empty()) {
      m_value = std::move(value);
    } else if (m_open.back().is_object) {
      m_open.back().members.back().second = std::move(value);
    } else {
      m_open.back().elements.push_back(std::move(value));
    }
    return true;
  }

  static Type object_of(std::vector<std::pair<std::string, Type>> members) {
    std::map<std::string, std::size_t> last;
    for (std::size_t i = 0; i < members.size(); ++i) last[members[i].first] = i;
    std::map<std::string, std::size_t> earlier;
    Type object = Type::object();
    auto& all = object.template get_ref<typename Type::object_t&>();
    for (std::size_t i = 0; i < members.size(); ++i) {
      std::string& key =
          members[i].first;  // no structured binding: Clang 14 has none in a requires-expression
      Type& value = members[i].second;
      if (last[key] != i) {
        const std::size_t number = ++earlier[key];
        key += k_named_again + std::to_string(number);
      }
      // No key is there twice: nothing has to be looked for.
      if constexpr (requires { all.emplace_back(std::move(key), std::move(value)); }) {
        all.emplace_back(std::move(key), std::move(value));
      } else {
        all.emplace(std::move(key), std::move(value));
      }
    }
    return object;
  }

  std::vector<Level> m_open;
  Type m_value;
};

// nullopt: no JSON, nested deeper than 200 levels, or a number that is larger than any double.
template <typename Type>
std::optional<Type> parse_exact(std::string_view text) {
  ExactReader<Type> reader;
  if (!Type::sax_parse(text.begin(), text.end(), &reader)) return std::nullopt;
  return std::move(reader).take();
}

// With the errors of parse_json.
Result<Json> parse_exact_json(std::string_view text, std::string_view name,
                              ErrorKind kind = ErrorKind::infrastructure);

}  // namespace buildlab
