#include "framework/scenario/fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>

#include "framework/base/text.h"

namespace buildlab::scenario {

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  if (const auto meant = nearest(word, known)) return fmt::format("; did you mean \"{}\"?", *meant);
  if (known.empty()) return "";
  return fmt::format("; known: {}", fmt::join(known, ", "));
}

std::string kind_of(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  return one_line(to_line(value), 60);
}

std::optional<Fields> Fields::open(const Json& value, std::string pointer, std::string subject,
                                   Document& document) {
  Fields fields(value, std::move(pointer), std::move(subject), document);
  if (value.is_object()) return fields;
  document.problems.push_back({fields.where().line, fmt::format("{}: expected an object, found {}",
                                                                fields.m_subject, kind_of(value))});
  return std::nullopt;
}

const Json* Fields::find(std::string_view key) const {
  const auto found = m_json->find(std::string(key));
  return found == m_json->end() ? nullptr : &*found;
}

SourceLine Fields::where(std::string_view key) const {
  return {m_document->file, m_document->positions.line(pointer(key))};
}

SourceLine Fields::where() const {
  return {m_document->file, m_document->positions.line(m_pointer)};
}

void Fields::problem(std::string_view key, std::string_view message) const {
  const std::string prefix = m_subject.empty() ? "" : m_subject + ": ";
  m_document->problems.push_back({where(key).line, fmt::format("{}\"{}\" {}", prefix, key, message)});
}

void Fields::missing(std::string_view key, std::string_view what) const {
  const std::string prefix = m_subject.empty() ? "" : m_subject + ": ";
  m_document->problems.push_back({where().line, fmt::format("{}\"{}\" is missing: {}", prefix, key, what)});
}

void Fields::wrong_type(std::string_view key, std::string_view wanted) const {
  problem(key, fmt::format("must be {}, found {}", wanted, kind_of(*find(key))));
}

bool Fields::allow_only(const std::vector<std::string>& known) {
  bool clean = true;
  for (const auto& [key, value] : m_json->items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    problem(key, fmt::format("is no known key{}", suggestion(key, known)));
    clean = false;
  }
  return clean;
}

std::optional<std::string> Fields::text(std::string_view key, EmptyText empty) {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    const bool scalar = value->is_number() || value->is_boolean();
    wrong_type(key, scalar ? fmt::format("a text (write \"{}\" in quotes)", to_line(*value)) : "a text");
    return std::nullopt;
  }
  std::string text = value->get<std::string>();
  if (text.empty() && empty == EmptyText::refused) {
    problem(key, "is empty");
    return std::nullopt;
  }
  if (text.find('\0') != std::string::npos) {
    problem(key, "holds a zero byte");
    return std::nullopt;
  }
  return text;
}

std::optional<bool> Fields::flag(std::string_view key) {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) {
    wrong_type(key, "true or false");
    return std::nullopt;
  }
  return value->get<bool>();
}

std::optional<double> Fields::number(std::string_view key, Range range) {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  const std::string wanted = fmt::format("a number from {} to {}", range.least, range.most);
  if (!value->is_number()) {
    wrong_type(key, wanted);
    return std::nullopt;
  }
  const auto number = value->get<double>();
  if (!(number >= range.least && number <= range.most)) {
    const bool percent = range.most == 1 && number >= 10 && number <= 100;
    problem(key, fmt::format("must be {}, found {}{}", wanted, to_line(*value),
                             percent ? fmt::format("; {} % is {}", to_line(*value), number / 100) : ""));
    return std::nullopt;
  }
  return number;
}

std::optional<std::int64_t> Fields::integer(std::string_view key, Range range) {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  const std::string wanted =
      fmt::format("a whole number from {} to {}", static_cast<std::int64_t>(range.least),
                  static_cast<std::int64_t>(range.most));
  const bool fits =
      value->is_number_integer() && value->get<double>() >= range.least && value->get<double>() <= range.most;
  if (!fits) {
    wrong_type(key, wanted);
    return std::nullopt;
  }
  return value->get<std::int64_t>();
}

std::vector<Fields::Element> Fields::list(std::string_view key) {
  const Json* value = find(key);
  std::vector<Element> elements;
  if (value == nullptr) return elements;
  if (!value->is_array()) {
    wrong_type(key, "a list");
    return elements;
  }
  for (std::size_t i = 0; i < value->size(); ++i)
    elements.push_back({&(*value)[i], child_pointer(pointer(key), std::to_string(i))});
  return elements;
}

std::vector<std::string> Fields::texts(std::string_view key) {
  std::vector<std::string> texts;
  for (const Element& element : list(key)) {
    if (element.value->is_string() && !element.value->get_ref<const std::string&>().empty()) {
      texts.push_back(element.value->get<std::string>());
    } else {
      problem(key, fmt::format("must hold texts that are not empty, found {}", kind_of(*element.value)));
    }
  }
  return texts;
}

std::optional<Fields> Fields::object(std::string_view key, std::string_view subject) {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_object()) {
    wrong_type(key, "an object");
    return std::nullopt;
  }
  return Fields(*value, pointer(key), subject.empty() ? m_subject : std::string(subject), *m_document);
}

std::map<std::string, std::string> Fields::text_map(std::string_view key) {
  std::map<std::string, std::string> texts;
  auto inner = object(key);
  if (!inner) return texts;
  for (const auto& [name, value] : inner->json().items()) {
    if (name.empty()) inner->problem(name, "is an empty name");
    if (auto text = inner->text(name, EmptyText::allowed)) texts.emplace(name, std::move(*text));
  }
  return texts;
}

std::optional<std::filesystem::path> Fields::inner_path(std::string_view key, std::string_view folder_name) {
  const auto given = text(key);
  if (!given) return std::nullopt;
  const std::filesystem::path path = std::filesystem::path(*given).lexically_normal();
  if (path.is_absolute()) {
    problem(key, fmt::format("must be relative to {}, found the absolute path \"{}\"", folder_name, *given));
    return std::nullopt;
  }
  if (path.empty() || *path.begin() == "..") {
    problem(key, fmt::format("must stay inside {}, \"{}\" leaves it", folder_name, *given));
    return std::nullopt;
  }
  if (path == "." || !path.has_filename()) {
    problem(key, fmt::format("must name a file, found \"{}\"", *given));
    return std::nullopt;
  }
  return path;
}

}  // namespace buildlab::scenario
