// How a comment is written in a file's language: what the default edit appends.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace buildlab::scenario {

struct CommentSyntax {
  std::string_view open;
  std::string_view close;  // empty for comments that end with the line
};

// By name and extension ("Makefile", ".cpp", ".html", …); nullopt for languages without comments (JSON), for
// lock files, and for files whose language is unknown.
std::optional<CommentSyntax> comment_syntax(const std::filesystem::path& path);

// A program's source (code that a person writes), as opposed to configuration, markup and data.
bool is_source_file(const std::filesystem::path& path);

// Written by a package manager; an edit by hand would break it.
bool is_lock_file(const std::filesystem::path& path);

}  // namespace buildlab::scenario
