// Dates and identifiers in pictures, documents and catalogues of messages: PNG, PDF, gettext's .mo.
#include <algorithm>

#include <fmt/format.h>

#include "framework/causes/binary.h"
#include "framework/causes/format_readers.h"

namespace buildlab::causes::formats {
namespace {

constexpr Row k_png_time{CauseClass::time, "I7", "the picture keeps when it was made",
                         "leave the dates out (ImageMagick: -define png:exclude-chunks=date,time), or run "
                         "strip-nondeterminism"};
constexpr Row k_png_tool{CauseClass::vers, "I7", "the picture keeps what it was made with",
                         "pin the program, or leave the text out (ImageMagick: -strip)"};
constexpr Row k_pdf_time{
    CauseClass::time, "I7", "the document keeps when it was made",
    "set SOURCE_DATE_EPOCH in the RUN that makes the document (TeX: also FORCE_SOURCE_DATE=1)"};
constexpr Row k_pdf_id{CauseClass::rand, "I7", "the document carries identifiers made anew for each build",
                       "set SOURCE_DATE_EPOCH in the RUN that makes the document; pdfTeX: \\pdftrailerid{}"};
constexpr Row k_mo_time{
    CauseClass::time, "I6", "the catalogue of messages keeps when its template was made",
    "keep the .pot file under version control, or msgfmt from .po files without POT-Creation-Date "
    "(strip-nondeterminism removes it)"};

struct PngChunk {
  std::string_view type;
  std::string_view data;
  Range range;  // with length, type and checksum
};

std::optional<std::vector<PngChunk>> parse_png(std::string_view bytes) {
  constexpr std::size_t k_signature = 8;
  constexpr std::size_t k_around = 12;
  constexpr std::size_t k_most_chunks = 100'000;
  std::vector<PngChunk> chunks;
  for (std::size_t at = k_signature; at < bytes.size();) {
    const std::size_t size = be(bytes, at, 4);
    if (!has(bytes, at, k_around) || !has(bytes, at, k_around + size) || chunks.size() == k_most_chunks) {
      return std::nullopt;
    }
    chunks.push_back({bytes.substr(at + 4, 4), bytes.substr(at + 8, size), {at, k_around + size}});
    at += k_around + size;
  }
  return chunks;
}

const Row* row_of_chunk(const PngChunk& chunk) {
  if (chunk.type == "tIME") return &k_png_time;
  if (chunk.type != "tEXt" && chunk.type != "iTXt" && chunk.type != "zTXt") return nullptr;
  const std::string_view key = chunk.data.substr(0, chunk.data.find('\0'));
  if (key.starts_with("date:") || key == "Creation Time" || key == "create-date" || key == "modify-date" ||
      key == "Date" || key == "tIME") {
    return &k_png_time;
  }
  return key == "Software" ? &k_png_tool : nullptr;
}

std::string shown_chunk(const PngChunk& chunk) {
  if (chunk.type != "tIME" || chunk.data.size() < 7) return in_quotes(chunk.data);
  const auto part = [&](std::size_t at) { return be(chunk.data, at, 1); };
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", be(chunk.data, 0, 2), part(2), part(3), part(4),
                     part(5), part(6));
}

// Values in a document: after `key`, between these two.
struct ValueForm {
  std::string_view key;
  std::string_view open;
  char close;
  const Row* row;
};
constexpr ValueForm k_pdf_values[] = {{"/CreationDate", "(", ')', &k_pdf_time},
                                      {"/ModDate", "(", ')', &k_pdf_time},
                                      {"/ID", "[", ']', &k_pdf_id},
                                      {"<xmp:CreateDate", ">", '<', &k_pdf_time},
                                      {"<xmp:ModifyDate", ">", '<', &k_pdf_time},
                                      {"<xmp:MetadataDate", ">", '<', &k_pdf_time},
                                      {"<xmpMM:DocumentID", ">", '<', &k_pdf_id},
                                      {"<xmpMM:InstanceID", ">", '<', &k_pdf_id},
                                      {"xmp:CreateDate=", "\"", '"', &k_pdf_time},
                                      {"xmp:ModifyDate=", "\"", '"', &k_pdf_time},
                                      {"xmp:MetadataDate=", "\"", '"', &k_pdf_time},
                                      {"xmpMM:DocumentID=", "\"", '"', &k_pdf_id},
                                      {"xmpMM:InstanceID=", "\"", '"', &k_pdf_id}};

std::vector<Range> pdf_values(std::string_view bytes, const ValueForm& form) {
  constexpr std::size_t k_longest = 256;
  constexpr std::size_t k_most = 1000;
  std::vector<Range> found;
  for (std::size_t at = bytes.find(form.key); at != std::string_view::npos && found.size() < k_most;
       at = bytes.find(form.key, at)) {
    at += form.key.size();
    std::size_t begin = at;
    while (slice(bytes, begin, 1) == " " || slice(bytes, begin, 1) == "\n") ++begin;
    if (slice(bytes, begin, 1) != form.open) continue;
    const std::size_t end = slice(bytes, begin + 1, k_longest).find(form.close);
    if (end != std::string_view::npos) found.push_back({begin + 1, end});
  }
  return found;
}

// The values of the lines "KEY: …" of an .mo's first entry.
std::optional<Range> mo_header(std::string_view bytes) {
  const Order order = bytes.starts_with('\xde') ? Order::little : Order::big;
  const auto count = number(bytes, 8, 4, order);
  const auto originals = number(bytes, 12, 4, order);
  const auto translations = number(bytes, 16, 4, order);
  // Sorted, so that the empty one is the first.
  if (count == 0 || !has(bytes, originals, 8) || !has(bytes, translations, 8)) return std::nullopt;
  const Range header{number(bytes, translations + 4, 4, order), number(bytes, translations, 4, order)};
  if (number(bytes, originals, 4, order) != 0 || !has(bytes, header.begin, header.size)) return std::nullopt;
  return header;
}

std::optional<Range> mo_value(std::string_view bytes, Range header, std::string_view key) {
  const std::string_view text = bytes.substr(header.begin, header.size);
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t begin = at + key.size();
  return Range{header.begin + begin, std::min(text.find('\n', begin), text.size()) - begin};
}

}  // namespace

std::optional<Cause> of_png(const Reading& reading) {
  if (!reading.both_start_with(std::string_view("\x89PNG\r\n\x1a\n", 8))) return std::nullopt;
  const auto a = parse_png(reading.a());
  const auto b = a ? parse_png(reading.b()) : std::nullopt;
  if (!b || a->size() != b->size()) return std::nullopt;
  Findings findings;
  std::vector<Mask> masks;
  for (std::size_t i = 0; i < a->size(); ++i) {
    const PngChunk& in_a = (*a)[i];
    const PngChunk& in_b = (*b)[i];
    const Row* row = row_of_chunk(in_a);
    if (in_a.data == in_b.data || row == nullptr || row != row_of_chunk(in_b)) continue;
    findings.add(*row, change(fmt::format("offset {} ({})", in_a.range.begin, in_quotes(in_a.type)),
                              shown_chunk(in_a), shown_chunk(in_b)));
    masks.push_back({in_a.range, in_b.range});
  }
  if (equal_outside(reading.a(), reading.b(), std::move(masks))) return findings.result(true);
  findings.unexplained("other parts of the picture");
  return findings.result(false);
}

std::optional<Cause> of_pdf(const Reading& reading) {
  if (!reading.both_start_with("%PDF-")) return std::nullopt;
  Findings findings;
  std::vector<Mask> masks;
  for (const ValueForm& form : k_pdf_values) {
    const auto in_a = pdf_values(reading.a(), form);
    const auto in_b = pdf_values(reading.b(), form);
    if (in_a.size() != in_b.size()) continue;
    for (std::size_t i = 0; i < in_a.size(); ++i) {
      const std::string_view value_a = reading.a().substr(in_a[i].begin, in_a[i].size);
      const std::string_view value_b = reading.b().substr(in_b[i].begin, in_b[i].size);
      if (value_a == value_b) continue;
      findings.add(*form.row, change(fmt::format("offset {} ({})", in_a[i].begin, form.key),
                                     in_quotes(value_a), in_quotes(value_b)));
      masks.push_back({in_a[i], in_b[i]});
    }
  }
  if (equal_outside(reading.a(), reading.b(), std::move(masks))) return findings.result(true);
  findings.unexplained("other parts of the document");
  return findings.result(false);
}

std::optional<Cause> of_gettext(const Reading& reading) {
  constexpr std::string_view k_little("\xde\x12\x04\x95", 4);
  constexpr std::string_view k_big("\x95\x04\x12\xde", 4);
  if (!reading.both_start_with(k_little) && !reading.both_start_with(k_big)) return std::nullopt;
  const auto a = mo_header(reading.a());
  const auto b = mo_header(reading.b());
  if (!a || !b) return std::nullopt;
  Findings findings;
  std::vector<Mask> masks;
  for (const std::string_view key : {"POT-Creation-Date: ", "PO-Revision-Date: "}) {
    const auto in_a = mo_value(reading.a(), *a, key);
    const auto in_b = mo_value(reading.b(), *b, key);
    if (!in_a || !in_b) continue;
    const std::string_view value_a = reading.a().substr(in_a->begin, in_a->size);
    const std::string_view value_b = reading.b().substr(in_b->begin, in_b->size);
    if (value_a == value_b) continue;
    findings.add(k_mo_time, change(fmt::format("offset {}, {}", in_a->begin, key.substr(0, key.size() - 2)),
                                   in_quotes(value_a), in_quotes(value_b)));
    masks.push_back({*in_a, *in_b});
  }
  if (equal_outside(reading.a(), reading.b(), std::move(masks))) return findings.result(true);
  findings.unexplained("other messages");
  return findings.result(false);
}

}  // namespace buildlab::causes::formats
