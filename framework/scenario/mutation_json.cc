#include <fmt/format.h>
#include <fmt/ranges.h>

#include "framework/base/text.h"
#include "framework/scenario/keys.h"
#include "framework/scenario/readers.h"

namespace buildlab::scenario {
namespace {

// "0755", "755": octal, permission bits only.
std::optional<std::uint32_t> parse_mode(std::string_view text) {
  if (text.starts_with("0o")) text.remove_prefix(2);
  if (text.empty() || text.size() > 4) return std::nullopt;
  std::uint32_t mode = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    mode = mode * 8 + static_cast<std::uint32_t>(c - '0');
  }
  return mode;
}

const MutationShape* shape_of(Fields& fields) {
  const MutationShape* found = nullptr;
  std::vector<std::string> verbs;
  for (const MutationShape& shape : mutation_shapes()) {
    verbs.push_back(shape.verb);
    if (!fields.has(shape.verb)) continue;
    if (found != nullptr) {
      fields.problem(shape.verb, fmt::format("and \"{}\" are two mutations; write two objects", found->verb));
      return nullptr;
    }
    found = &shape;
  }
  if (found != nullptr) return found;
  if (fields.json().empty()) {
    fields.missing(verbs.front(), fmt::format("a mutation is one of {}", fmt::join(verbs, ", ")));
    return nullptr;
  }
  const std::string first = fields.json().begin().key();
  fields.problem(first, fmt::format("is no known mutation{}", suggestion(first, verbs)));
  return nullptr;
}

std::optional<Mutation> read_run(Fields& fields) {
  RunCommand command{fields.texts("run")};
  if (!command.argv.empty()) return command;
  if (const Json* run = fields.find("run"); run->is_array() && run->empty())
    fields.problem("run", "is empty; write [\"program\", \"argument\"]");
  return std::nullopt;
}

std::optional<Mutation> read_chmod(Fields& fields, const std::filesystem::path& path) {
  const auto text = fields.text("mode");
  if (!text) return std::nullopt;
  const auto mode = parse_mode(*text);
  if (!mode) {
    fields.problem("mode", fmt::format("must be octal, like \"0755\", found \"{}\"", one_line(*text, 40)));
    return std::nullopt;
  }
  return Chmod{path, *mode};
}

std::optional<Mutation> read_replace(Fields& fields, const std::filesystem::path& path) {
  const auto from = fields.text("from");
  const auto to = fields.text("to", EmptyText::allowed);
  if (!from || !to) return std::nullopt;
  if (*from == *to) {
    fields.problem(
        "to", "is the same as \"from\", so nothing would change; \"{token}\" in it makes each run differ");
    return std::nullopt;
  }
  return ReplaceText{path, *from, *to};
}

std::optional<Mutation> read_build_arg(Fields& fields) {
  const auto name = fields.text("set_build_arg");
  const auto value = fields.text("value", EmptyText::allowed);
  if (!name || !value) return std::nullopt;
  if (name->find('=') != std::string::npos) {
    fields.problem("set_build_arg", "takes the name alone; the value stands in \"value\"");
    return std::nullopt;
  }
  return SetBuildArg{*name, *value};
}

std::optional<Mutation> read_mutation(Fields& fields) {
  const MutationShape* shape = shape_of(fields);
  if (shape == nullptr) return std::nullopt;
  std::vector<std::string> known{shape->verb};
  known.insert(known.end(), shape->required.begin(), shape->required.end());
  known.insert(known.end(), shape->optional.begin(), shape->optional.end());
  bool complete = fields.allow_only(known);
  for (const std::string& key : shape->required) {
    if (fields.has(key)) continue;
    fields.missing(key, fmt::format("\"{}\" needs it", shape->verb));
    complete = false;
  }
  if (!complete) return std::nullopt;
  if (shape->verb == "run") return read_run(fields);
  if (shape->verb == "set_build_arg") return read_build_arg(fields);
  if (shape->verb == "patch") {
    const auto patch = fields.text("patch");
    if (!patch) return std::nullopt;
    return ApplyPatch{*patch};
  }
  const auto path = fields.inner_path(shape->verb, "the context");
  if (!path) return std::nullopt;
  if (shape->verb == "append") return AppendText{*path, fields.text("text")};
  if (shape->verb == "add") return AddFile{*path, fields.text("text", EmptyText::allowed)};
  if (shape->verb == "replace") return read_replace(fields, *path);
  if (shape->verb == "chmod") return read_chmod(fields, *path);
  if (shape->verb == "touch") return Touch{*path};
  if (shape->verb == "delete") return Delete{*path};
  const auto to = fields.inner_path("to", "the context");
  if (!to) return std::nullopt;
  if (*to == *path) {
    fields.problem("to", "is the same path");
    return std::nullopt;
  }
  return Rename{*path, *to};
}

}  // namespace

std::vector<Mutation> read_mutations(Fields& scenario, std::vector<SourceLine>& where) {
  std::vector<Mutation> mutations;
  const std::string subject = [&] {
    const Json* name = scenario.find("name");
    return fmt::format("scenario \"{}\": input_mutation", name != nullptr && name->is_string()
                                                              ? one_line(name->get<std::string>(), 60)
                                                              : std::string("?"));
  }();
  for (const Fields::Element& element : scenario.list("input_mutation")) {
    auto fields = Fields::open(*element.value, element.pointer, subject, scenario.document());
    if (!fields) continue;
    if (auto mutation = read_mutation(*fields)) {
      where.push_back(fields->where());
      mutations.push_back(std::move(*mutation));
    }
  }
  return mutations;
}

}  // namespace buildlab::scenario
