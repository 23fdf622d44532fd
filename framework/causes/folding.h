// Parts of `consequences`: each claims what follows from a difference that it understands.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "framework/causes/recognise.h"

namespace buildlab::causes {

class Fold {
 public:
  Fold(const std::vector<Known>& known, const Files& files);

  const std::vector<Known>& known() const { return m_known; }
  bool differs(std::string_view path) const { return m_by_path.contains(path); }
  // Differs in content, or only one image has it.
  bool is_other(std::string_view path) const;
  bool is_one_sided(std::string_view path) const;
  // What was kept of the file in A and in B; "" for nothing.
  std::pair<std::string_view, std::string_view> contents(std::string_view path) const;

  // The first claim of a difference stays; a path may differ in several layers.
  void claim(std::string_view path, const Cause& cause);
  void claim(std::size_t index, const Cause& cause);
  bool is_claimed(std::size_t index) const { return m_claims[index].has_value(); }

  std::vector<Consequence> result() const;

 private:
  const std::vector<Known>& m_known;
  const Files& m_files;
  std::unordered_map<std::string_view, std::vector<std::size_t>> m_by_path;
  std::vector<std::optional<Cause>> m_claims;
};

// Class DERIVED, recogniser G10.
Cause derived(std::string name, std::string root, std::string evidence);

void fold_packages(Fold& fold);  // dpkg and apk
void fold_python_packages(Fold& fold);
void fold_node_packages(Fold& fold);
void fold_sums(Fold& fold);
void fold_compiled_python(Fold& fold);
void fold_library_cache(Fold& fold);
void fold_folders(Fold& fold);
void fold_names(Fold& fold, const Surroundings& surroundings);

// Paths that the parts would read: see `wanted`.
void want_packages(const std::vector<Known>& known, std::vector<std::string>& paths);
void want_python_packages(const std::vector<Known>& known, std::vector<std::string>& paths);
void want_names(const std::vector<Known>& known, std::vector<std::string>& paths);

// "a/b/../c" -> "a/c"; nullopt when it leads out of the image.
std::optional<std::string> plain_path(std::string_view path);

}  // namespace buildlab::causes
