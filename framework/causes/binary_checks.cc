#include "framework/causes/binary_checks.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/causes/generic.h"
#include "framework/causes/scan.h"

namespace buildlab::causes::checks {
namespace {

constexpr std::size_t k_program_limit = 8 * k_text_limit;

bool is_program(std::string_view bytes) {
  return bytes.starts_with(
             "\x7f"
             "ELF") ||
         bytes.starts_with("!<arch>\n") || bytes.starts_with("MZ") || bytes.starts_with("\xcf\xfa\xed\xfe");
}

bool is_go(const ContentPair& pair) {
  constexpr std::string_view mark = "\xff Go buildinf:";
  if (!is_program(pair.a) || std::max(pair.a.size(), pair.b.size()) > k_program_limit) return false;
  return pair.a.find(mark) != std::string_view::npos && pair.b.find(mark) != std::string_view::npos;
}

std::optional<Finding> go_values(const ContentPair& pair, std::initializer_list<Value> masks) {
  if (!is_go(pair)) return std::nullopt;
  const std::string a = without_build_ids(pair.a);
  const std::string b = without_build_ids(pair.b);
  return values(ContentPair{pair.path, a, b, pair.complete}, masks);
}

// Names between zero bytes: what tables of strings are made of.
std::vector<std::string_view> names_in(std::string_view bytes) {
  constexpr std::size_t most = 1'000'000;
  std::vector<std::string_view> names;
  std::size_t at = 0;
  while (at < bytes.size() && names.size() < most) {
    const std::size_t end = std::min(bytes.find('\0', at), bytes.size());
    const std::string_view name = bytes.substr(at, end - at);
    const auto part = [](char c) { return is_word(c) || c == '.' || c == '$' || c == '@'; };
    if (name.size() >= 5 && name.size() <= 4096 && std::all_of(name.begin(), name.end(), part)) {
      names.push_back(name);
    }
    at = end + 1;
  }
  return names;
}

std::uint32_t big_u32(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

struct Png {
  std::string rest;   // without times and texts
  std::string texts;  // these
};

std::optional<Png> read_png(std::string_view bytes) {
  constexpr std::string_view mark = "\x89PNG\r\n\x1a\n";
  if (!bytes.starts_with(mark)) return std::nullopt;
  Png png;
  std::size_t at = mark.size();
  while (bytes.size() - at >= 12) {
    const std::size_t size = big_u32(bytes, at);
    if (size > bytes.size() - at - 12) return std::nullopt;
    const std::string_view kind = bytes.substr(at + 4, 4);
    const bool text = kind == "tIME" || kind == "tEXt" || kind == "zTXt" || kind == "iTXt";
    (text ? png.texts : png.rest) += bytes.substr(at, size + 12);
    at += size + 12;
  }
  png.rest += bytes.substr(at);
  return png;
}

bool holds_key(std::string_view text) {
  const std::string_view head = text.substr(0, 65'536);
  const std::size_t begin = head.find("-----BEGIN ");
  if (begin == std::string_view::npos) return false;
  return head.find("PRIVATE KEY", begin) != std::string_view::npos ||
         head.find("DH PARAMETERS", begin) != std::string_view::npos;
}

}  // namespace

std::optional<Finding> go_repository(const ContentPair& pair, const Surroundings&) {
  return go_values(
      pair, {{"build\tvcs.revision=", "\n"}, {"build\tvcs.time=", "\n"}, {"build\tvcs.modified=", "\n"}});
}

std::optional<Finding> go_settings(const ContentPair& pair, const Surroundings&) {
  return go_values(pair, {{"build\tCGO_CFLAGS=", "\n"},
                          {"build\tCGO_CPPFLAGS=", "\n"},
                          {"build\tCGO_CXXFLAGS=", "\n"},
                          {"build\tCGO_LDFLAGS=", "\n"},
                          {"build\tCGO_ENABLED=", "\n"}});
}

std::optional<Finding> link_time_names(const ContentPair& pair, const Surroundings&) {
  if (!is_program(pair.a) || pair.a.find(".gnu.lto_") == std::string_view::npos) return std::nullopt;
  return values(pair, {{".gnu.lto_", std::string_view("\0", 1)}});
}

std::optional<Finding> symbols_in_order(const ContentPair& pair, const Surroundings&) {
  if (!is_program(pair.a) || std::max(pair.a.size(), pair.b.size()) > k_text_limit) return std::nullopt;
  std::vector<std::string_view> a = names_in(pair.a);
  std::vector<std::string_view> b = names_in(pair.b);
  if (a.size() != b.size() || a.size() < 4 || a == b) return std::nullopt;
  const auto first = std::mismatch(a.begin(), a.end(), b.begin());
  Finding finding;
  finding.evidence.push_back(change(fmt::format("name {} of the symbols", first.first - a.begin() + 1),
                                    *first.first, *first.second));
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  if (a != b) return std::nullopt;
  return finding;
}

std::optional<Finding> profile_counts(const ContentPair& pair, const Surroundings& surroundings) {
  const bool known = pair.a.starts_with("adcg") || pair.a.starts_with("gcda");
  return known ? by_path(pair, surroundings) : std::nullopt;
}

std::optional<Finding> dotnet_module(const ContentPair& pair, const Surroundings& surroundings) {
  // MVID, time stamp, sum and the id of the debug file: some dozens of bytes.
  constexpr std::size_t most = 512;
  if (!pair.a.starts_with("MZ") || pair.a.size() != pair.b.size() || pair.a.size() > k_program_limit) {
    return std::nullopt;
  }
  if (pair.a.find("BSJB") == std::string_view::npos) return std::nullopt;
  std::size_t differing = 0;
  for (std::size_t i = 0; i < pair.a.size() && differing <= most; ++i) {
    if (pair.a[i] != pair.b[i]) ++differing;
  }
  if (differing > most) return std::nullopt;
  return by_path(pair, surroundings);
}

std::optional<Finding> png_text(const ContentPair& pair, const Surroundings&) {
  if (std::max(pair.a.size(), pair.b.size()) > k_program_limit) return std::nullopt;
  const auto a = read_png(pair.a);
  const auto b = read_png(pair.b);
  if (!a || !b || a->texts == b->texts) return std::nullopt;
  Finding finding;
  finding.proven = a->rest == b->rest;
  const Region region = differing_region(a->texts, b->texts);
  finding.evidence.push_back(change("texts and times of the picture", region.a, region.b));
  return finding;
}

std::optional<Finding> pdf_dates(const ContentPair& pair, const Surroundings&) {
  if (!pair.a.starts_with("%PDF-") || !pair.b.starts_with("%PDF-")) return std::nullopt;
  return values(pair, {{"/CreationDate (", ")"},
                       {"/CreationDate(", ")"},
                       {"/ModDate (", ")"},
                       {"/ModDate(", ")"},
                       {"/ID [", "]"},
                       {"/ID[", "]"},
                       {"<xmp:CreateDate>", "<"},
                       {"<xmp:ModifyDate>", "<"},
                       {"<xmp:MetadataDate>", "<"},
                       {"<xmpMM:DocumentID>", "<"},
                       {"<xmpMM:InstanceID>", "<"}});
}

std::optional<Finding> translation_date(const ContentPair& pair, const Surroundings&) {
  return values(pair, {{"POT-Creation-Date: ", "\n"}, {"PO-Revision-Date: ", "\n"}});
}

std::optional<Finding> private_key(const ContentPair& pair, const Surroundings& surroundings) {
  if (!holds_key(pair.a) || !holds_key(pair.b)) return std::nullopt;
  return secret(pair, surroundings);
}

}  // namespace buildlab::causes::checks
