#include "framework/scenario/context_files.h"

#include <algorithm>

#include "framework/base/file.h"

namespace buildlab::scenario {
namespace {

namespace fs = std::filesystem;
using dockerfile::IgnoreRules;

struct Walk {
  const IgnoreRules& rules;
  std::size_t limit;
  std::size_t seen = 0;
  std::vector<ContextFile> files = {};

  void folder(const fs::path& path, const std::string& prefix, const IgnoreRules::Verdict& parent) {
    std::error_code code;
    for (fs::directory_iterator it(path, code), end; !code && it != end; it.increment(code)) {
      if (++seen > limit) return;
      const std::string name = it->path().filename().string();
      if (prefix.empty() && name == ".git") continue;
      const std::string relative = prefix + name;
      const IgnoreRules::Verdict verdict = rules.judge(relative, parent);
      std::error_code ignored;
      const fs::file_status status = it->symlink_status(ignored);
      if (status.type() == fs::file_type::directory) {
        if (!verdict.ignored || rules.has_exceptions()) folder(it->path(), relative + "/", verdict);
      } else if (status.type() == fs::file_type::regular && !verdict.ignored) {
        const auto size = fs::file_size(it->path(), ignored);
        files.push_back({relative, ignored ? 0 : size});
      }
    }
  }
};

}  // namespace

fs::path ignore_file(const fs::path& context, const fs::path& dockerfile) {
  std::error_code code;
  fs::path own = dockerfile.string() + ".dockerignore";
  if (fs::is_regular_file(context / own, code)) return own;
  if (fs::is_regular_file(context / ".dockerignore", code)) return ".dockerignore";
  return {};
}

Result<IgnoreRules> load_ignore_rules(const fs::path& context, const fs::path& dockerfile) {
  const fs::path name = ignore_file(context, dockerfile);
  if (name.empty()) return IgnoreRules();
  BUILDLAB_ASSIGN(const std::string text, read_file(context / name, Bytes{16U << 20U}));
  return IgnoreRules::parse(text, (context / name).string());
}

std::vector<ContextFile> list_context(const fs::path& context, const IgnoreRules& rules, std::size_t limit) {
  Walk walk{rules, limit};
  walk.folder(context, "", {});
  std::sort(walk.files.begin(), walk.files.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  return std::move(walk.files);
}

}  // namespace buildlab::scenario
