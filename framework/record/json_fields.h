// Typed reading of JSON that others may have written: the first wrong field is remembered with its path, and
// everything after it reads as empty, so that a reader is a plain list of fields.
#pragma once

#include <fmt/format.h>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "framework/base/json.h"
#include "framework/base/result.h"

namespace buildlab::record {

// Shared by all Fields of one document.
struct FieldErrors {
  std::string document;  // named in the message
  std::optional<std::string> first;

  void add(const std::string& path, std::string_view problem) {
    if (!first) first = fmt::format("{}: {} {}", document, path, problem);
  }
};

// One JSON object. Required fields that are absent or null are errors; optional ones read as nullopt.
class Fields {
 public:
  Fields(const Json& object, std::string path, FieldErrors& errors)
      : m_object(object), m_path(std::move(path)), m_errors(errors) {
    if (!m_object.is_object()) m_errors.add(m_path.empty() ? "the document" : m_path, "is not an object");
  }

  std::string text(std::string_view key) const { return optional_text(key, Presence::required).value_or(""); }
  // "" where it is null or absent: for fields whose value in the record is "" without one.
  std::string text_or_empty(std::string_view key) const { return optional_text(key).value_or(""); }
  std::optional<std::string> optional_text(std::string_view key) const {
    return optional_text(key, Presence::optional);
  }

  double number(std::string_view key) const { return optional_number(key, Presence::required).value_or(0); }
  std::optional<double> optional_number(std::string_view key) const {
    return optional_number(key, Presence::optional);
  }

  template <typename Integer>
  Integer integer(std::string_view key) const {
    return optional_integer<Integer>(key, Presence::required).value_or(0);
  }
  template <typename Integer>
  std::optional<Integer> optional_integer(std::string_view key) const {
    return optional_integer<Integer>(key, Presence::optional);
  }

  bool boolean(std::string_view key) const {
    const Json* value = find(key, Presence::required);
    if (value == nullptr) return false;
    if (!value->is_boolean()) m_errors.add(path_of(key), "is not true or false");
    return value->is_boolean() && value->get<bool>();
  }

  std::vector<std::string> texts(std::string_view key) const {
    std::vector<std::string> result;
    const Json* value = array(key);
    if (value == nullptr) return result;
    for (const Json& element : *value) {
      if (!element.is_string()) {
        m_errors.add(fmt::format("{}[{}]", path_of(key), result.size()), "is not a string");
        return result;
      }
      result.push_back(element.get<std::string>());
    }
    return result;
  }

  // A required object, read by `read(Fields)`.
  template <typename Read>
  auto object(std::string_view key, Read read) const -> decltype(read(std::declval<const Fields&>())) {
    const Json* value = find(key, Presence::required);
    if (value == nullptr || !value->is_object()) {
      m_errors.add(path_of(key), "is not an object");
      return {};
    }
    return read(Fields(*value, path_of(key), m_errors));
  }
  template <typename Read>
  auto optional_object(std::string_view key, Read read) const
      -> std::optional<decltype(read(std::declval<const Fields&>()))> {
    if (find(key, Presence::optional) == nullptr) return std::nullopt;
    return object(key, read);
  }
  template <typename Read>
  auto objects(std::string_view key, Read read) const
      -> std::vector<decltype(read(std::declval<const Fields&>()))> {
    std::vector<decltype(read(std::declval<const Fields&>()))> result;
    const Json* value = array(key);
    if (value == nullptr) return result;
    result.reserve(value->size());
    for (const Json& element : *value) {
      if (m_errors.first) return result;
      result.push_back(read(Fields(element, fmt::format("{}[{}]", path_of(key), result.size()), m_errors)));
    }
    return result;
  }

  // A word that `parse` knows.
  template <typename Parse>
  auto word(std::string_view key, Parse parse) const ->
      typename decltype(parse(std::string_view()))::value_type {
    return parsed(key, text(key), parse);
  }
  template <typename Parse>
  auto optional_word(std::string_view key, Parse parse) const
      -> std::optional<typename decltype(parse(std::string_view()))::value_type> {
    const auto value = optional_text(key);
    if (!value) return std::nullopt;
    return parsed(key, *value, parse);
  }

  // The value itself, for shapes that are read by hand; nullptr when absent or null.
  const Json* raw(std::string_view key) const { return find(key, Presence::optional); }
  void wrong(std::string_view key, std::string_view problem) const { m_errors.add(path_of(key), problem); }

 private:
  enum class Presence { required, optional };

  std::string path_of(std::string_view key) const {
    return m_path.empty() ? std::string(key) : fmt::format("{}.{}", m_path, key);
  }

  const Json* find(std::string_view key, Presence presence) const {
    if (!m_object.is_object()) return nullptr;
    const auto found = m_object.find(key);
    if (found == m_object.end() || found->is_null()) {
      if (presence == Presence::required) m_errors.add(path_of(key), "is missing");
      return nullptr;
    }
    return &*found;
  }

  const Json* array(std::string_view key) const {
    const Json* value = find(key, Presence::required);
    if (value != nullptr && !value->is_array()) {
      m_errors.add(path_of(key), "is not an array");
      return nullptr;
    }
    return value;
  }

  std::optional<std::string> optional_text(std::string_view key, Presence presence) const {
    const Json* value = find(key, presence);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) {
      m_errors.add(path_of(key), "is not a string");
      return std::nullopt;
    }
    return value->get<std::string>();
  }

  std::optional<double> optional_number(std::string_view key, Presence presence) const {
    const Json* value = find(key, presence);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number()) {
      m_errors.add(path_of(key), "is not a number");
      return std::nullopt;
    }
    return value->get<double>();
  }

  template <typename Integer>
  std::optional<Integer> optional_integer(std::string_view key, Presence presence) const {
    const Json* value = find(key, presence);
    if (value == nullptr) return std::nullopt;
    if (value->is_number_unsigned()) {
      const auto number = value->get<std::uint64_t>();
      if (std::in_range<Integer>(number)) return static_cast<Integer>(number);
    } else if (value->is_number_integer()) {
      const auto number = value->get<std::int64_t>();
      if (std::in_range<Integer>(number)) return static_cast<Integer>(number);
    }
    m_errors.add(path_of(key), "is not a whole number of its range");
    return std::nullopt;
  }

  template <typename Parse>
  auto parsed(std::string_view key, const std::string& value, Parse parse) const ->
      typename decltype(parse(std::string_view()))::value_type {
    auto result = parse(std::string_view(value));
    if (!result) {
      m_errors.add(path_of(key), fmt::format("is not known: {}", result.error().message));
      return {};
    }
    return *result;
  }

  const Json& m_object;
  std::string m_path;
  FieldErrors& m_errors;
};

}  // namespace buildlab::record
