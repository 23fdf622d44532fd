#include "framework/context/mutate.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <cerrno>

#include "framework/base/file.h"
#include "framework/context/copy_index.h"
#include "framework/context/edit_file.h"
#include "framework/context/outside_program.h"
#include "framework/context/restore.h"
#include "framework/scenario/comment.h"

namespace buildlab::context {
namespace {

namespace fs = std::filesystem;

constexpr Bytes k_largest_edit{256ULL << 20U};

struct PathsOf {
  std::vector<fs::path> operator()(const scenario::AppendText& m) const { return {m.path}; }
  std::vector<fs::path> operator()(const scenario::ReplaceText& m) const { return {m.path}; }
  std::vector<fs::path> operator()(const scenario::Touch& m) const { return {m.path}; }
  std::vector<fs::path> operator()(const scenario::Chmod& m) const { return {m.path}; }
  std::vector<fs::path> operator()(const scenario::AddFile& m) const { return {m.path}; }
  std::vector<fs::path> operator()(const scenario::Delete& m) const { return {m.path}; }
  std::vector<fs::path> operator()(const scenario::Rename& m) const { return {m.from, m.to}; }
  std::vector<fs::path> operator()(const scenario::ApplyPatch&) const { return {}; }
  std::vector<fs::path> operator()(const scenario::SetBuildArg&) const { return {}; }
  std::vector<fs::path> operator()(const scenario::RunCommand&) const { return {}; }
};

std::optional<std::string> comment_with(const fs::path& path, std::string_view token) {
  const auto syntax = scenario::comment_syntax(path);
  if (!syntax) return std::nullopt;
  return fmt::format("{}build-lab {}{}\n", syntax->open, token, syntax->close);
}

void end_line(std::string& text) {
  if (!text.empty() && text.back() != '\n') text += '\n';
}

class Mutator {
 public:
  Mutator(const fs::path& copy, const fs::path& scenario_folder, std::string_view token, Applied& applied)
      : m_copy(copy), m_scenario_folder(scenario_folder), m_token(token), m_applied(applied) {}

  Status operator()(const scenario::AppendText& m) {
    BUILDLAB_ASSIGN(const fs::path file, existing_file(m.path));
    BUILDLAB_ASSIGN(std::string content, read_file(file, k_largest_edit));
    if (m.text) {
      content += with_token(*m.text, m_token);
      if (m.text->find("{token}") == std::string::npos) mark(content, m.path);
      return rewrite(m.path, file, content);
    }
    const auto comment = comment_with(m.path, m_token);
    if (!comment) {
      return fail(
          ErrorKind::usage,
          fmt::format("append {}: it is not known how a comment looks in such a file", m.path.string()),
          {"give a \"text\" to append, or use {\"replace\": …, \"from\": …, \"to\": …} with \"{token}\" in "
           "it"});
    }
    end_line(content);
    return rewrite(m.path, file, content + *comment);
  }

  Status operator()(const scenario::ReplaceText& m) {
    BUILDLAB_ASSIGN(const fs::path file, existing_file(m.path));
    BUILDLAB_ASSIGN(std::string content, read_file(file, k_largest_edit));
    const std::string to = with_token(m.to, m_token);
    std::size_t count = 0;
    for (auto at = content.find(m.from); at != std::string::npos; at = content.find(m.from, at + to.size())) {
      content.replace(at, m.from.size(), to);
      ++count;
    }
    if (count == 0) {
      return fail(ErrorKind::usage,
                  fmt::format("replace {}: the text \"{}\" does not occur in it", m.path.string(), m.from));
    }
    if (m.to.find("{token}") == std::string::npos) mark(content, m.path);
    return rewrite(m.path, file, content);
  }

  Status operator()(const scenario::Touch& m) {
    BUILDLAB_ASSIGN(const fs::path path, existing(m.path, LastLink::followed));
    return note(m.path, renew_time(path));
  }

  Status operator()(const scenario::Chmod& m) {
    BUILDLAB_ASSIGN(const fs::path path, existing(m.path, LastLink::followed));
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return system_error("stat", path, errno);
    if ((info.st_mode & 07777U) == m.mode)
      return fail(ErrorKind::usage,
                  fmt::format("chmod {}: it has the mode {:04o} already, so nothing would change",
                              m.path.string(), m.mode));
    if (::chmod(path.c_str(), m.mode) != 0) return system_error("chmod", path, errno);
    return note(m.path, {});
  }

  Status operator()(const scenario::AddFile& m) {
    BUILDLAB_ASSIGN(const fs::path path, inside(m_copy, m.path, LastLink::kept));
    BUILDLAB_TRY(must_be_free(m.path, path));
    std::string content = m.text ? with_token(*m.text, m_token) : "";
    if (!m.text) content = comment_with(m.path, m_token).value_or(fmt::format("build-lab {}\n", m_token));
    if (m.text && m.text->find("{token}") == std::string::npos) mark(content, m.path);
    BUILDLAB_TRY(make_directories(path.parent_path()));
    BUILDLAB_TRY(write_file_atomic(path, content));
    if (::chmod(path.c_str(), 0644) != 0) return system_error("chmod", path, errno);
    return note(m.path, {});
  }

  Status operator()(const scenario::Delete& m) {
    BUILDLAB_ASSIGN(const fs::path path, existing(m.path, LastLink::kept));
    return note(m.path, remove_tree(path).map([](bool) {}));
  }

  Status operator()(const scenario::Rename& m) {
    BUILDLAB_ASSIGN(const fs::path from, existing(m.from, LastLink::kept));
    BUILDLAB_ASSIGN(const fs::path to, inside(m_copy, m.to, LastLink::kept));
    BUILDLAB_TRY(must_be_free(m.to, to));
    BUILDLAB_TRY(make_directories(to.parent_path()));
    std::error_code code;
    fs::rename(from, to, code);
    if (code) return system_error("rename", from, code.value());
    m_applied.paths.push_back(m.from.generic_string());
    return note(m.to, {});
  }

  Status operator()(const scenario::ApplyPatch& m) {
    BUILDLAB_ASSIGN(const std::vector<std::string> paths,
                    apply_patch(m_scenario_folder / m.patch, m_copy, m_token));
    m_applied.paths.insert(m_applied.paths.end(), paths.begin(), paths.end());
    return {};
  }

  Status operator()(const scenario::SetBuildArg& m) {
    m_applied.build_args[m.name] = with_token(m.value, m_token);
    return {};
  }

  Status operator()(const scenario::RunCommand& m) { return run_command(m.argv, m_copy, m_token); }

 private:
  Result<fs::path> existing(const fs::path& path, LastLink last) const {
    BUILDLAB_ASSIGN(fs::path full, inside(m_copy, path, last));
    BUILDLAB_ASSIGN(const std::optional<struct stat> info, look_at(full));
    if (info) return full;
    return fail(ErrorKind::usage,
                fmt::format("\"{}\" is not in the context that the builder gets", path.string()),
                {"it does not exist, or .dockerignore leaves it out"});
  }

  Result<fs::path> existing_file(const fs::path& path) const {
    BUILDLAB_ASSIGN(fs::path full, existing(path, LastLink::followed));
    std::error_code code;
    if (fs::is_regular_file(full, code)) return full;
    return fail(ErrorKind::usage, fmt::format("\"{}\" is no file", path.string()));
  }

  static Status must_be_free(const fs::path& path, const fs::path& full) {
    BUILDLAB_ASSIGN(const std::optional<struct stat> info, look_at(full));
    if (!info) return {};
    return fail(ErrorKind::usage, fmt::format("\"{}\" is there already", path.string()));
  }

  Status rewrite(const fs::path& path, const fs::path& file, std::string_view content) {
    return note(path, write_content(file, content));
  }

  // A text that is the same in every run gets a comment that is not, where the language has comments.
  void mark(std::string& content, const fs::path& path) const {
    const auto comment = comment_with(path, m_token);
    if (!comment) return;
    end_line(content);
    content += *comment;
  }

  Status note(const fs::path& path, Status status) {
    if (status) m_applied.paths.push_back(path.generic_string());
    return status;
  }

  const fs::path& m_copy;
  const fs::path& m_scenario_folder;
  std::string_view m_token;
  Applied& m_applied;
};

}  // namespace

Result<Applied> apply_mutations(const std::vector<scenario::Mutation>& mutations, const fs::path& copy,
                                const fs::path& pristine, const fs::path& scenario_folder,
                                std::string_view token) {
  Applied applied;
  applied.description = scenario::to_string(mutations);
  const CopyIndex index = load_index(copy);
  for (const scenario::Mutation& mutation : mutations) {
    for (const fs::path& path : std::visit(PathsOf{}, mutation))
      BUILDLAB_TRY(restore(index, copy, pristine, path));
  }
  Mutator mutator(copy, scenario_folder, token, applied);
  for (const scenario::Mutation& mutation : mutations) {
    const Status status = std::visit(mutator, mutation);
    if (!status) return fail_in("input_mutation", status.error());
  }
  return applied;
}

}  // namespace buildlab::context
