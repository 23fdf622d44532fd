#include "framework/replay/history.h"

#include <fmt/format.h>

#include "framework/base/bytes.h"
#include "framework/base/text.h"
#include "framework/replay/git.h"
#include "framework/replay/parse_git.h"

namespace buildlab::replay {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t k_batch_bytes = 64ULL << 20U;
constexpr std::uint64_t k_largest_blob = 1ULL << 30U;

// The one line that git prints for one question; a name may itself hold line feeds.
std::string without_newline(std::string text) {
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

Result<fs::path> path_from_git(const fs::path& context, const std::string& question,
                               const std::string& argument = "") {
  GitCall call{{"rev-parse", question}};
  if (!argument.empty()) call.arguments.push_back(argument);
  BUILDLAB_ASSIGN(std::string answer, ask_repository(context, call));
  return (context / without_newline(std::move(answer))).lexically_normal();
}

}  // namespace

Result<Range> parse_range(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) {
    return fail(ErrorKind::usage, fmt::format("\"{}\" is no range of commits", one_line(text, 80)),
                {"write A..B (the commits after A up to B), or --commits N for the last N"});
  }
  Range range;
  range.from = text.substr(0, dots);
  range.to = text.substr(dots + 2);
  range.text = text;
  if (range.to.starts_with('.')) {
    return fail(ErrorKind::usage,
                fmt::format("\"{}\": a symmetric difference (three dots) is no line of history to walk",
                            one_line(text, 80)),
                {"write A..B"});
  }
  if (range.from.empty())
    return fail(ErrorKind::usage, fmt::format("\"{}\" names no commit to begin after", one_line(text, 80)));
  if (range.to.empty()) range.to = "HEAD";
  return range;
}

Range last_commits(int count) {
  return {count, "", "HEAD", fmt::format("the last {} commit{}", count, count == 1 ? "" : "s")};
}

Result<History> History::open(const fs::path& context, const fs::path& private_folder) {
  History history;
  history.m_context = context;
  GitCall where{{"rev-parse", "--show-prefix"}, "", ErrorKind::usage};
  auto prefix = ask_repository(context, where);
  if (!prefix) {
    Error error = prefix.error();
    error.message =
        fmt::format("the context {} lies in no git work tree ({})", context.string(), error.message);
    error.details = {"a replay walks the history of the repository that holds the subject's context"};
    return tl::unexpected(std::move(error));
  }
  history.m_prefix = without_newline(std::move(*prefix));
  BUILDLAB_ASSIGN(history.m_common, path_from_git(context, "--git-common-dir"));
  BUILDLAB_ASSIGN(history.m_objects, path_from_git(context, "--git-path", "objects"));
  auto format = ask_repository(context, {{"rev-parse", "--show-object-format"}});
  const std::string object_format = format ? without_newline(*format) : "sha1";  // before git 2.26
  std::error_code code;
  history.m_shallow = fs::exists(history.m_common / "shallow", code);
  BUILDLAB_ASSIGN(const PrivateGit git,
                  make_private_git(private_folder, history.m_common, history.m_objects, object_format));
  history.m_private = git.folder;
  return history;
}

Result<std::string> History::resolve(const std::string& name) const {
  GitCall call{
      {"rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}"}, "", ErrorKind::usage};
  auto id = ask_repository(m_context, call);
  if (!id && id.error().kind != ErrorKind::usage) return tl::unexpected(std::move(id).error());
  if (!id) {
    return fail(ErrorKind::usage, fmt::format("git knows no commit \"{}\"", one_line(name, 80)),
                {m_shallow ? "the clone is shallow: git fetch --unshallow brings the whole history"
                           : "git log --oneline --first-parent shows what there is"});
  }
  return without_newline(std::move(*id));
}

Result<std::vector<Commit>> History::commits(const Range& range) const {
  BUILDLAB_ASSIGN(const std::string to, resolve(range.to));
  const int most = range.last.value_or(k_max_commits + 1);
  GitCall call{
      {"rev-list", "--first-parent", "--parents", "--reverse", fmt::format("--max-count={}", most), to}};
  if (!range.last) {
    BUILDLAB_ASSIGN(const std::string from, resolve(range.from));
    call.arguments.push_back("^" + from);
  }
  call.arguments.emplace_back("--");
  const PrivateGit git{m_private, m_objects};
  BUILDLAB_ASSIGN(const std::string listed, git.ask(call));
  std::vector<Commit> commits = parse_rev_list(listed);
  if (commits.empty()) {
    return fail(ErrorKind::not_evaluable, fmt::format("{} holds no commit", one_line(range.text, 80)),
                {"nothing was built"});
  }
  if (commits.size() > static_cast<std::size_t>(k_max_commits)) {
    return fail(ErrorKind::usage,
                fmt::format("{} holds more than {} commits", one_line(range.text, 80), k_max_commits));
  }
  std::vector<std::string> ids;
  for (const Commit& commit : commits) ids.push_back(commit.id);
  BUILDLAB_ASSIGN(const std::vector<Commit> described, describe(ids));
  for (std::size_t i = 0; i < commits.size(); ++i) {
    commits[i].subject = described[i].subject;
    commits[i].committed = described[i].committed;
  }
  return commits;
}

Result<std::vector<Commit>> History::describe(const std::vector<std::string>& ids) const {
  GitCall call{{"cat-file", "--batch"}};
  for (const std::string& id : ids) call.input += id + "\n";
  const PrivateGit git{m_private, m_objects};
  BUILDLAB_ASSIGN(const std::string answer, git.ask(call));
  std::string_view rest = answer;
  std::vector<Commit> commits;
  for (const std::string& id : ids) {
    BUILDLAB_ASSIGN(const BatchObject object, take_batch_object(rest));
    if (object.missing)
      return fail(ErrorKind::infrastructure, fmt::format("the commit {} is not in this clone", id));
    Commit commit;
    commit.id = id;
    read_commit_object(object.content, commit);
    commits.push_back(std::move(commit));
  }
  return commits;
}

Result<std::vector<PathChange>> History::changes(const std::optional<std::string>& from,
                                                 const std::string& to) const {
  GitCall call{{"diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-commit-id"}};
  call.arguments.push_back(from ? *from : "--root");
  call.arguments.push_back(to);
  const PrivateGit git{m_private, m_objects};
  BUILDLAB_ASSIGN(const std::string listed, git.ask(call));
  return parse_raw_diff(listed);
}

Result<std::vector<TreeEntry>> History::tree(const std::string& commit) const {
  GitCall call{{"ls-tree", "-r", "-z", "-l", "--full-tree", commit}};
  if (!m_prefix.empty()) {
    call.arguments.emplace_back("--");
    call.arguments.push_back(m_prefix);
  }
  const PrivateGit git{m_private, m_objects};
  BUILDLAB_ASSIGN(const std::string listed, git.ask(call));
  return parse_ls_tree(listed, m_prefix);
}

Status History::read_blobs(const std::vector<TreeEntry>& entries,
                           const std::function<Status(const TreeEntry&, std::string_view)>& take) const {
  const PrivateGit git{m_private, m_objects};
  for (std::size_t begin = 0; begin < entries.size();) {
    GitCall call{{"cat-file", "--batch"}};
    std::uint64_t bytes = 0;
    std::size_t end = begin;
    for (; end < entries.size() && (end == begin || bytes + entries[end].size <= k_batch_bytes); ++end) {
      if (entries[end].size > k_largest_blob) {
        return fail(ErrorKind::build_failed, fmt::format("\"{}\" is larger than {}", entries[end].path,
                                                         to_string(Bytes{k_largest_blob})));
      }
      bytes += entries[end].size;
      call.input += entries[end].object + "\n";
    }
    BUILDLAB_ASSIGN(const std::string answer, git.ask(call));
    std::string_view rest = answer;
    for (; begin < end; ++begin) {
      BUILDLAB_ASSIGN(const BatchObject object, take_batch_object(rest));
      if (object.missing) {
        return fail(ErrorKind::infrastructure,
                    fmt::format("the content of \"{}\" is not in this clone", entries[begin].path));
      }
      BUILDLAB_TRY(take(entries[begin], object.content));
    }
  }
  return {};
}

}  // namespace buildlab::replay
