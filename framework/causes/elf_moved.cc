// ELF files whose sections have other sizes or places: one folder's longer name moves all that follows it.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_set>

#include <fmt/format.h>

#include "framework/causes/elf_readers.h"

namespace buildlab::causes::formats {
namespace {

constexpr Row k_moved_path{CauseClass::path, "H7", "the folder of the build stands in the program",
                           "build at a fixed path (WORKDIR), or compile with -ffile-prefix-map=OLD=NEW"};
constexpr Row k_moved_go_path{CauseClass::path, "H2", "the folder of the build stands in the Go program",
                              "go build -trimpath"};
constexpr std::size_t k_most_text = std::size_t{4} << 20;
constexpr std::size_t k_most_strings = 2'000;

bool holds_strings(std::string_view name) {
  return name.starts_with(".rodata") || name.starts_with(".debug_str") || name == ".debug_line_str" ||
         name == ".strtab" || name.starts_with(".data") || name == ".go.buildinfo" || name == ".gopclntab";
}

// Printable runs of four bytes and more.
std::vector<std::string> printable_strings(const ElfFile& file) {
  std::vector<std::string> found;
  std::size_t read = 0;
  for (const ElfSection& section : file.sections) {
    if (!holds_strings(section.name) || read > k_most_text) continue;
    const auto content = plain_content(file, section);
    if (!content) continue;
    read += content->size();
    std::string run;
    for (const char c : *content + '\0') {
      if (is_print(c)) {
        run += c;
        continue;
      }
      if (run.size() >= 4) found.push_back(run);
      run.clear();
    }
  }
  return found;
}

std::vector<std::string> only_in(const std::vector<std::string>& some,
                                 const std::vector<std::string>& others) {
  const std::unordered_set<std::string_view> known(others.begin(), others.end());
  std::set<std::string> left;
  for (const std::string& text : some) {
    if (!known.contains(text)) left.insert(text);
    if (left.size() > k_most_strings) break;
  }
  return {left.begin(), left.end()};
}

struct Folders {
  std::string a;
  std::string b;
};

// What "/x/a.c" and "/long/y/a.c" differ in: "/x" and "/long/y".
std::optional<Folders> folders_of(std::string_view a, std::string_view b) {
  const std::size_t start = a.find('/');
  if (start == std::string_view::npos || a.substr(0, start) != b.substr(0, start)) return std::nullopt;
  a.remove_prefix(start);
  b.remove_prefix(start);
  if (!b.starts_with('/')) return std::nullopt;
  std::size_t same = 0;
  while (same < a.size() && same < b.size() && a[a.size() - 1 - same] == b[b.size() - 1 - same]) ++same;
  // Only whole components are the same.
  while (same > 0 && a[a.size() - same] != '/') --same;
  Folders folders{std::string(a.substr(0, a.size() - same)), std::string(b.substr(0, b.size() - same))};
  if (folders.a.size() < 2 || folders.b.size() < 2) return std::nullopt;
  return folders;
}

std::string moved_text(std::string text, const Folders& folders) {
  for (std::size_t at = text.find(folders.a); at != std::string::npos;
       at = text.find(folders.a, at + folders.b.size())) {
    text.replace(at, folders.a.size(), folders.b);
  }
  return text;
}

bool moves_all(const std::vector<std::string>& a, const std::vector<std::string>& b, const Folders& folders) {
  std::set<std::string> moved;
  for (const std::string& text : a) moved.insert(moved_text(text, folders));
  return std::equal(moved.begin(), moved.end(), b.begin(), b.end());
}

std::optional<Folders> one_folder_for_another(const std::vector<std::string>& a,
                                              const std::vector<std::string>& b) {
  constexpr std::size_t k_most_tries = 64;
  if (a.empty() || a.size() != b.size() || a.size() > k_most_strings) return std::nullopt;
  const auto path = std::find_if(a.begin(), a.end(),
                                 [](const std::string& text) { return text.find('/') != std::string::npos; });
  if (path == a.end()) return std::nullopt;
  for (std::size_t i = 0; i < b.size() && i < k_most_tries; ++i) {
    auto folders = folders_of(*path, b[i]);
    if (folders && moves_all(a, b, *folders)) return folders;
  }
  return std::nullopt;
}

bool same_but_for_lto_names(const ElfPair& pair) {
  bool drawn = false;
  for (std::size_t i = 0; i < pair.a.sections.size(); ++i) {
    const ElfSection& a = pair.a.sections[i];
    const ElfSection& b = pair.b.sections[i];
    if (without_lto_suffix(a.name) != without_lto_suffix(b.name)) return false;
    drawn = drawn || a.name != b.name;
    if (a.name != ".shstrtab" && pair.a.content(a) != pair.b.content(b)) return false;
  }
  return drawn;
}

}  // namespace

void explain_folder(const ElfPair& pair, Findings& findings) {
  const auto strings_a = printable_strings(pair.a);
  const auto strings_b = printable_strings(pair.b);
  const auto only_a = only_in(strings_a, strings_b);
  const auto folders = one_folder_for_another(only_a, only_in(strings_b, strings_a));
  if (folders) {
    findings.add(pair.a.go() ? k_moved_go_path : k_moved_path,
                 change(fmt::format("folder in {} texts", only_a.size()), in_quotes(folders->a),
                        in_quotes(folders->b)));
  }
}

void explain_moved(const ElfPair& pair, Findings& findings) {
  if (pair.a.sections.size() == pair.b.sections.size() && same_but_for_lto_names(pair)) {
    findings.add(k_elf_lto_name, "only the names of sections differ, in the digits at their ends");
    return;
  }
  std::vector<Mask> unused;
  std::string differ;
  std::map<std::string_view, const ElfSection*> in_b;
  for (const ElfSection& section : pair.b.sections) in_b.emplace(section.name, &section);
  for (const ElfSection& a : pair.a.sections) {
    const auto b = in_b.find(a.name);
    if (b == in_b.end() || pair.a.content(a) == pair.b.content(*b->second)) continue;
    if (!explain_identity(a, *b->second, pair, findings, unused) && differ.size() < 200) {
      differ += fmt::format("{}{}", differ.empty() ? "" : ", ", a.name);
    }
  }
  explain_go_settings(pair, findings, unused);
  explain_folder(pair, findings);
  findings.unexplained(
      fmt::format("whether more than its place differs in {}", differ.empty() ? "the rest" : differ));
}

}  // namespace buildlab::causes::formats
