#include "tests/unit/causes_formats/samples.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "framework/causes/formats.h"

namespace buildlab::causes {
namespace {

namespace fs = std::filesystem;

fs::path folder() {
  return fs::path(BUILDLAB_TEST_DATA) / "causes";
}

std::string read_bytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path.string() + " is not there");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string without_digits(std::string_view text) {
  std::string left(text);
  left.erase(std::remove_if(left.begin(), left.end(), [](char c) { return c >= '0' && c <= '9'; }),
             left.end());
  return left;
}

std::optional<Cause> of_any(const ContentPair& pair, const Surroundings& surroundings) {
  if (auto cause = of_format(pair, surroundings, of_any)) return cause;
  if (!pair.a.starts_with("built at ") || without_digits(pair.a) != without_digits(pair.b)) {
    return std::nullopt;
  }
  return Cause{CauseClass::time,        "G5", "G5", "a time in text", true, {pair.path + " says when"},
               "do not write the time", ""};
}

}  // namespace

Sample sample(const std::string& name) {
  return {read_bytes(folder() / (name + ".a")), read_bytes(folder() / (name + ".b"))};
}

std::vector<std::string> sample_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder())) {
    if (entry.path().extension() == ".a") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<Cause> explain(const std::string& path, std::string_view a, std::string_view b,
                             const Surroundings& surroundings) {
  return of_any({path, a, b}, surroundings);
}

std::string verdict(const std::optional<Cause>& cause) {
  if (!cause) return "unknown";
  return fmt::format("{} {} {}", to_string(cause->kind), cause->row, cause->proven ? "proven" : "supposed");
}

std::string evidence(const std::optional<Cause>& cause) {
  std::string text;
  if (!cause) return text;
  for (const std::string& line : cause->evidence) text += line + "\n";
  return text;
}

Surroundings built_after(std::int64_t seconds) {
  const std::int64_t begin = k_build_time + seconds;
  Surroundings surroundings;
  surroundings.build_a = Window{begin, begin + 1800};
  surroundings.build_b = Window{begin + 1800, begin + 3600};
  return surroundings;
}

Surroundings built_then() {
  return built_after(0);
}

std::string le(std::uint64_t value, std::size_t width) {
  std::string bytes;
  for (std::size_t i = 0; i < width; ++i) bytes += static_cast<char>(value >> 8 * i & 0xff);
  return bytes;
}

std::string be(std::uint64_t value, std::size_t width) {
  std::string bytes = le(value, width);
  std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

std::string with(std::string bytes, std::size_t at, std::string_view part) {
  if (at > bytes.size() || part.size() > bytes.size() - at) throw std::out_of_range("with");
  return bytes.replace(at, part.size(), part);
}

std::string compressed(std::string_view plain, const std::string& filter, int level) {
  std::string bytes(plain.size() + 65536, '\0');
  std::size_t used = 0;
  archive* writer = archive_write_new();
  archive_write_set_format_raw(writer);
  archive_write_add_filter_by_name(writer, filter.c_str());
  archive_write_set_filter_option(writer, nullptr, "compression-level", std::to_string(level).c_str());
  if (filter == "gzip") archive_write_set_filter_option(writer, nullptr, "timestamp", nullptr);
  archive_write_set_bytes_per_block(writer, 0);
  archive_write_open_memory(writer, bytes.data(), bytes.size(), &used);
  archive_entry* entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_write_header(writer, entry);
  archive_write_data(writer, plain.data(), plain.size());
  archive_entry_free(entry);
  archive_write_close(writer);
  archive_write_free(writer);
  bytes.resize(used);
  return bytes;
}

std::string gzip(std::string_view plain, std::uint32_t mtime, const std::string& name, int level) {
  std::string bytes = with(compressed(plain, "gzip", level), 4, le(mtime, 4));
  if (name.empty()) return bytes;
  bytes[3] = 8;
  return bytes.insert(10, name + '\0');
}

}  // namespace buildlab::causes
