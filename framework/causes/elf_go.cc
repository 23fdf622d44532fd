// The settings that the Go linker writes into a program.
#include <algorithm>
#include <map>
#include <string>

#include <fmt/format.h>

#include "framework/causes/elf_readers.h"

namespace buildlab::causes::formats {
namespace {

constexpr Row k_go_vcs{CauseClass::vers, "H3", "the Go program keeps the revision it was built from",
                       "go build -buildvcs=false, or build both from one clean commit"};
constexpr Row k_go_cgo{CauseClass::path, "H4", "the Go program keeps cgo's flags",
                       "go build -trimpath, or ENV CGO_ENABLED=0"};
constexpr Row k_go_tool{CauseClass::tool, "H18", "another version of Go was used",
                        "pin the Go image by digest, and ENV GOTOOLCHAIN=local"};

struct GoInfo {
  std::string_view version;
  std::string_view settings;
};

// A number of 7 bits a byte and so many bytes after it.
std::optional<std::string_view> take_counted(std::string_view& rest) {
  std::uint64_t size = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    if (rest.empty()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    size |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if ((byte & 0x80U) != 0) continue;
    if (size > rest.size()) return std::nullopt;
    const std::string_view text = rest.substr(0, size);
    rest.remove_prefix(size);
    return text;
  }
  return std::nullopt;
}

std::optional<GoInfo> read_go_info(const ElfFile& file) {
  constexpr std::size_t k_head = 32;
  constexpr std::size_t k_sentinel = 16;
  const ElfSection* section = file.find(".go.buildinfo");
  if (section == nullptr) return std::nullopt;
  std::string_view rest = file.content(*section);
  // Since Go 1.18 (bit 1) the texts follow the head; before, they were behind pointers.
  if (!rest.starts_with("\xff Go buildinf:") || (le(rest, 15, 1) & 2) == 0 || rest.size() < k_head) {
    return std::nullopt;
  }
  rest.remove_prefix(k_head);
  const auto version = take_counted(rest);
  auto settings = version ? take_counted(rest) : std::nullopt;
  if (!settings || settings->size() < 2 * k_sentinel) return std::nullopt;
  return GoInfo{*version, settings->substr(k_sentinel, settings->size() - 2 * k_sentinel)};
}

// "build\tvcs.time" -> the whole line.
std::map<std::string_view, std::string_view> settings_by_key(std::string_view text) {
  constexpr std::size_t k_most_settings = 10'000;
  std::map<std::string_view, std::string_view> lines;
  while (!text.empty() && lines.size() < k_most_settings) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t end = line.starts_with("build\t") ? line.find('=') : line.rfind('\t');
    lines.emplace(line.substr(0, end), line);
  }
  return lines;
}

const Row* row_of_setting(std::string_view key) {
  // The main module's version is made of the revision and its time, with "+dirty".
  if (key.starts_with("build\tvcs.") || key.starts_with("mod\t")) return &k_go_vcs;
  if (key.starts_with("build\tCGO_")) return &k_go_cgo;
  return nullptr;
}

// Each place where A has one text and B the other at the same offset.
void mask_all(std::string_view a, std::string_view text_a, std::string_view b, std::string_view text_b,
              std::vector<Mask>& masks) {
  constexpr std::size_t k_most = 64;
  if (text_a.size() != text_b.size() || text_a.size() < 4) return;
  std::size_t count = 0;
  for (std::size_t at = a.find(text_a); at != std::string_view::npos && count < k_most;
       at = a.find(text_a, at + text_a.size())) {
    if (slice(b, at, text_b.size()) == text_b) masks.push_back(same_place(at, text_a.size()));
    ++count;
  }
}

}  // namespace

void explain_go_settings(const ElfPair& pair, Findings& findings, std::vector<Mask>& masks) {
  const auto a = read_go_info(pair.a);
  const auto b = read_go_info(pair.b);
  if (!a || !b) return;
  if (a->version != b->version) {
    findings.add(k_go_tool, change("Go", in_quotes(a->version), in_quotes(b->version)));
    mask_all(pair.a.bytes, a->version, pair.b.bytes, b->version, masks);
  }
  const auto in_a = settings_by_key(a->settings);
  const auto in_b = settings_by_key(b->settings);
  for (const auto& [key, line_a] : in_a) {
    const auto other = in_b.find(key);
    const std::string_view line_b = other == in_b.end() ? std::string_view{} : other->second;
    const Row* row = row_of_setting(key);
    if (line_a == line_b || row == nullptr) continue;
    findings.add(*row,
                 change("buildinfo", in_quotes(line_a), line_b.empty() ? "nothing" : in_quotes(line_b)));
    mask_all(pair.a.bytes, line_a, pair.b.bytes, line_b, masks);
  }
  for (const auto& [key, line_b] : in_b) {
    const Row* row = row_of_setting(key);
    if (row != nullptr && !in_a.contains(key))
      findings.add(*row, change("buildinfo", "nothing", in_quotes(line_b)));
  }
}

}  // namespace buildlab::causes::formats
