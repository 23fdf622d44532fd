// Private to the room: reading the fields of one JSON object, noting every problem with its line instead of
// stopping at the first.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/json.h"
#include "framework/scenario/positions.h"
#include "framework/scenario/scenario.h"

namespace buildlab::scenario {

struct Problem {
  int line = 0;
  std::string text;  // "scenario \"x\": …; did you mean …?"
};

struct Document {
  std::string file;  // as messages name it
  std::filesystem::path folder;
  Positions positions;
  std::vector<Problem> problems = {};
};

struct Range {
  double least = 0;
  double most = 0;
};

enum class EmptyText { refused, allowed };

class Fields {
 public:
  // nullopt, and a problem, when the value is no object.
  static std::optional<Fields> open(const Json& value, std::string pointer, std::string subject,
                                    Document& document);

  // Names the unknown keys with the nearest known one. False when there are any.
  bool allow_only(const std::vector<std::string>& known);

  // Each is nullopt when the key is absent or, with a problem noted, its value is not of the wanted kind.
  std::optional<std::string> text(std::string_view key, EmptyText empty = EmptyText::refused);
  std::optional<bool> flag(std::string_view key);
  std::optional<double> number(std::string_view key, Range range);
  std::optional<std::int64_t> integer(std::string_view key, Range range);
  std::vector<std::string> texts(std::string_view key);  // a list of texts; empty when absent
  std::map<std::string, std::string> text_map(std::string_view key);
  std::optional<Fields> object(std::string_view key, std::string_view subject = {});
  // The elements of a list with their pointers.
  struct Element {
    const Json* value;
    std::string pointer;
  };
  std::vector<Element> list(std::string_view key);
  // A path that must stay below the folder it is relative to.
  std::optional<std::filesystem::path> inner_path(std::string_view key, std::string_view folder_name);

  bool has(std::string_view key) const { return find(key) != nullptr; }
  const Json* find(std::string_view key) const;
  const Json& json() const { return *m_json; }
  std::string pointer(std::string_view key) const { return child_pointer(m_pointer, key); }
  SourceLine where(std::string_view key) const;
  SourceLine where() const;
  void rename(std::string subject) { m_subject = std::move(subject); }
  Document& document() const { return *m_document; }

  void problem(std::string_view key, std::string_view message) const;
  void missing(std::string_view key, std::string_view what) const;

 private:
  Fields(const Json& json, std::string pointer, std::string subject, Document& document)
      : m_json(&json), m_pointer(std::move(pointer)), m_subject(std::move(subject)), m_document(&document) {}
  void wrong_type(std::string_view key, std::string_view wanted) const;

  const Json* m_json;
  std::string m_pointer;
  std::string m_subject;
  Document* m_document;
};

// "; did you mean \"x\"?", or "; known: a, b" where none is near.
std::string suggestion(std::string_view word, const std::vector<std::string>& known);
// "3", "\"text\"", "a list", "an object", "true", "null"
std::string kind_of(const Json& value);

}  // namespace buildlab::scenario
