#include "framework/scenario/comment.h"

#include <algorithm>
#include <array>

#include "framework/base/text.h"

namespace buildlab::scenario {
namespace {

struct Language {
  std::string_view open;
  std::string_view close;
  std::string_view sources;  // extensions, each with a blank on both sides
  std::string_view others;
};

constexpr std::array<Language, 7> k_languages = {{
    {"// ", "",
     " .c .cc .cpp .cxx .c++ .h .hh .hpp .hxx .inl .ipp .m .mm .cu .go .rs .java .kt .kts .scala .groovy "
     ".gradle .swift "
     ".js .jsx .mjs .cjs .ts .tsx .mts .cts .cs .fs .dart .zig .php .d .v .proto .glsl .sol ",
     " .scss .less .jsonc .json5 "},
    {"# ", "", " .py .pyi .rb .pl .pm .sh .bash .zsh .r .jl .ex .exs .nim .cr .coffee .tcl .awk .nix ",
     " .yml .yaml .toml .cfg .conf .properties .env .cmake .mk .tf .graphql .dockerignore .gitignore "},
    {"-- ", "", " .lua .sql .hs .elm .adb .ads .vhd .vhdl ", ""},
    {"; ", "", " .clj .cljs .lisp .el .scm .asm .s ", " .ini "},
    {"<!-- ", " -->", " .vue .svelte ",
     " .html .htm .xml .xhtml .svg .md .markdown .csproj .fsproj .props .targets "},
    {"/* ", " */", "", " .css "},
    {"% ", "", " .erl .hrl ", " .tex "},
}};

constexpr std::array<std::string_view, 9> k_hash_names = {"makefile",         "gnumakefile", "dockerfile",
                                                          "cmakelists.txt",   "rakefile",    "gemfile",
                                                          "requirements.txt", "justfile",    ".env"};

constexpr std::array<std::string_view, 18> k_lock_files = {"package-lock.json", "npm-shrinkwrap.json",
                                                           "yarn.lock",         "pnpm-lock.yaml",
                                                           "bun.lock",          "deno.lock",
                                                           "cargo.lock",        "go.sum",
                                                           "poetry.lock",       "pdm.lock",
                                                           "uv.lock",           "pipfile.lock",
                                                           "gemfile.lock",      "composer.lock",
                                                           "mix.lock",          "flake.lock",
                                                           "gradle.lockfile",   "packages.lock.json"};

bool lists(std::string_view extensions, const std::string& extension) {
  return !extension.empty() && extensions.find(" " + extension + " ") != std::string_view::npos;
}

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::optional<CommentSyntax> comment_syntax(const std::filesystem::path& path) {
  if (is_lock_file(path)) return std::nullopt;
  const std::string name = to_lower(path.filename().string());
  const std::string extension = to_lower(path.extension().string());
  if (contains(k_hash_names, name) || name.starts_with("dockerfile.") || name.ends_with(".dockerfile"))
    return CommentSyntax{"# ", ""};
  for (const Language& language : k_languages) {
    const std::string dotted = name.starts_with('.') && extension.empty() ? name : extension;
    if (lists(language.sources, dotted) || lists(language.others, dotted))
      return CommentSyntax{language.open, language.close};
  }
  return std::nullopt;
}

bool is_source_file(const std::filesystem::path& path) {
  if (is_lock_file(path)) return false;
  const std::string extension = to_lower(path.extension().string());
  return std::any_of(k_languages.begin(), k_languages.end(),
                     [&](const Language& language) { return lists(language.sources, extension); });
}

bool is_lock_file(const std::filesystem::path& path) {
  return contains(k_lock_files, to_lower(path.filename().string()));
}

}  // namespace buildlab::scenario
