#include "framework/statement/strict_json.h"

#include <fmt/format.h>
#include <set>
#include <string>
#include <vector>

#include "framework/base/text.h"

namespace buildlab::statement {
namespace {

constexpr std::size_t k_max_members = 1'000;
constexpr std::size_t k_max_depth = 200;  // parse_json's own

// Hears the events of a parse and keeps the names of the objects that are open; no value is made.
class Names : public nlohmann::json_sax<Json> {
 public:
  const std::string& problem() const { return m_problem; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool start_object(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool key(string_t& name) override {
    if (!m_open.back().insert(name).second)
      m_problem = fmt::format("\"{}\" is named twice in one object", one_line(name, 60));
    if (m_open.back().size() > k_max_members)
      m_problem = fmt::format("an object has more than {} members", k_max_members);
    return m_problem.empty();
  }
  // parse_json tells what is wrong with the syntax.
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool open() {
    m_open.emplace_back();
    if (m_open.size() > k_max_depth) m_problem = fmt::format("nested deeper than {} levels", k_max_depth);
    return m_problem.empty();
  }
  bool close() {
    m_open.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> m_open;
  std::string m_problem;
};

}  // namespace

Result<Json> parse_strict_json(std::string_view text, std::string_view name) {
  Names names;
  const bool well_formed = Json::sax_parse(text.begin(), text.end(), &names);
  if (!well_formed && !names.problem().empty())
    return fail(ErrorKind::usage, fmt::format("{}: {}", name, names.problem()));
  return parse_json(text, name, ErrorKind::usage);
}

}  // namespace buildlab::statement
