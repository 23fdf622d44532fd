// Texts that Java's tools generate: manifests, and properties that java.util.Properties stored.
#include <algorithm>
#include <map>
#include <string>

#include <fmt/format.h>

#include "framework/causes/binary.h"
#include "framework/causes/date_text.h"
#include "framework/causes/format_readers.h"

namespace buildlab::causes::formats {
namespace {

constexpr Row k_manifest_time{
    CauseClass::time, "J5", "the manifest tells when the archive was built",
    "leave the attribute out (Maven: project.build.outputTimestamp; bnd: -noextraheaders, "
    "-reproducible: true)"};
constexpr Row k_manifest_host{CauseClass::host, "J5", "the manifest tells who built the archive, and where",
                              "leave the attribute out of the archive plugin's manifest"};
constexpr Row k_manifest_tool{CauseClass::vers, "J5", "the manifest tells what the archive was built with",
                              "pin the JDK and the build tool, or leave the attribute out"};
constexpr Row k_manifest_path{CauseClass::path, "J5", "the manifest keeps a path of the build",
                              "leave the attribute out, or build at a fixed path"};
constexpr Row k_manifest_source{CauseClass::vers, "J5", "the manifest tells the revision of the sources",
                                "build both from one commit, or leave the attribute out"};
constexpr Row k_properties{
    CauseClass::time, "J6", "java.util.Properties wrote the moment into a comment",
    "run Java with -Djava.properties.date=… (JDK 18 and later), or strip the comment; Maven: "
    "project.build.outputTimestamp"};

struct Attribute {
  std::string_view key;  // in lower case
  const Row* row;
};
constexpr Attribute k_attributes[] = {
    {"bnd-lastmodified", &k_manifest_time},
    {"build-date", &k_manifest_time},
    {"build-date-utc", &k_manifest_time},
    {"build-time", &k_manifest_time},
    {"build-timestamp", &k_manifest_time},
    {"build-year", &k_manifest_time},
    {"built-at", &k_manifest_time},
    {"built-date", &k_manifest_time},
    {"built-on", &k_manifest_time},
    {"builddate", &k_manifest_time},
    {"buildtime", &k_manifest_time},
    {"buildtimestamp", &k_manifest_time},
    {"date", &k_manifest_time},
    {"dstamp", &k_manifest_time},
    {"implementation-build-date", &k_manifest_time},
    {"implementation-timestamp", &k_manifest_time},
    {"today", &k_manifest_time},
    {"tstamp", &k_manifest_time},
    {"timestamp", &k_manifest_time},
    {"build-host", &k_manifest_host},
    {"build-id", &k_manifest_host},
    {"build-job", &k_manifest_host},
    {"build-machine", &k_manifest_host},
    {"build-number", &k_manifest_host},
    {"build-tag", &k_manifest_host},
    {"build-url", &k_manifest_host},
    {"build-user", &k_manifest_host},
    {"built-by", &k_manifest_host},
    {"built-host", &k_manifest_host},
    {"builder", &k_manifest_host},
    {"hudson-build-number", &k_manifest_host},
    {"jenkins-build-number", &k_manifest_host},
    {"build-os", &k_manifest_host},
    {"built-os", &k_manifest_host},
    {"os-name", &k_manifest_host},
    {"os-version", &k_manifest_host},
    {"ant-version", &k_manifest_tool},
    {"archiver-version", &k_manifest_tool},
    {"build-java-version", &k_manifest_tool},
    {"build-jdk", &k_manifest_tool},
    {"build-jdk-spec", &k_manifest_tool},
    {"build-jdk-vendor", &k_manifest_tool},
    {"build-jvm", &k_manifest_tool},
    {"build-tool", &k_manifest_tool},
    {"built-jdk", &k_manifest_tool},
    {"built-with", &k_manifest_tool},
    {"created-by", &k_manifest_tool},
    {"created-jdk", &k_manifest_tool},
    {"gradle-version", &k_manifest_tool},
    {"java-vendor", &k_manifest_tool},
    {"java-version", &k_manifest_tool},
    {"maven-version", &k_manifest_tool},
    {"originally-created-by", &k_manifest_tool},
    {"tool", &k_manifest_tool},
    {"base-dir", &k_manifest_path},
    {"basedir", &k_manifest_path},
    {"build-dir", &k_manifest_path},
    {"module-email", &k_manifest_host},
    {"module-origin", &k_manifest_source},
    {"module-source", &k_manifest_path},
    {"build-revision", &k_manifest_source},
    {"change", &k_manifest_source},
    {"commit", &k_manifest_source},
    {"git-branch", &k_manifest_source},
    {"git-commit", &k_manifest_source},
    {"git-commit-date", &k_manifest_source},
    {"git-descriptor", &k_manifest_source},
    {"git-revision", &k_manifest_source},
    {"git-sha", &k_manifest_source},
    {"implementation-build", &k_manifest_source},
    {"scm-revision", &k_manifest_source},
    {"full-change", &k_manifest_source},
};

const Row* row_of_attribute(std::string_view key) {
  std::string lower(key);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_') c = '-';
  }
  const auto* found = std::find_if(std::begin(k_attributes), std::end(k_attributes),
                                   [&lower](const Attribute& attribute) { return attribute.key == lower; });
  return found == std::end(k_attributes) ? nullptr : found->row;
}

struct ManifestLine {
  std::string_view key;
  Range value;  // with its continuation lines, without the last end of line
};

// Attributes in their order; nullopt for what is no manifest.
std::optional<std::vector<ManifestLine>> manifest_lines(std::string_view text) {
  constexpr std::size_t k_most_lines = 100'000;
  std::vector<ManifestLine> lines;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (line.starts_with(' ')) {
      if (lines.empty()) return std::nullopt;
      lines.back().value.size = end - lines.back().value.begin;
    } else if (!line.empty() && line != "\r") {
      const std::size_t colon = line.find(": ");
      if (colon == std::string_view::npos || lines.size() == k_most_lines) return std::nullopt;
      const std::size_t begin = at + colon + 2;
      lines.push_back({line.substr(0, colon), {begin, end - begin}});
    }
    at = end + 1;
  }
  return lines;
}

std::string shown_value(std::string_view text, Range range) {
  std::string value(text.substr(range.begin, range.size));
  while (value.ends_with('\r')) value.pop_back();
  return in_quotes(value);
}

// "#Tue Nov 24 10:00:00 UTC 2026" among the leading comments; nullopt without it.
std::optional<Range> stored_date(std::string_view text) {
  constexpr int k_most_comments = 3;
  std::size_t at = 0;
  for (int i = 0; i < k_most_comments && slice(text, at, 1) == "#"; ++i) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at + 1, end - at - 1);
    // The zone stands between the time of day and the year.
    if (line.size() >= 24 && line.size() <= 64 && starts_with_weekday_date(line)) return Range{at, end - at};
    at = end + 1;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Cause> of_manifest(const Reading& reading) {
  if (!reading.pair.path.ends_with("META-INF/MANIFEST.MF")) return std::nullopt;
  const auto a = manifest_lines(reading.a());
  const auto b = a ? manifest_lines(reading.b()) : std::nullopt;
  if (!b || a->size() != b->size()) return std::nullopt;
  Findings findings;
  std::vector<Mask> masks;
  for (std::size_t i = 0; i < a->size(); ++i) {
    const ManifestLine& line_a = (*a)[i];
    const ManifestLine& line_b = (*b)[i];
    const Row* row = row_of_attribute(line_a.key);
    const std::string value_a = shown_value(reading.a(), line_a.value);
    const std::string value_b = shown_value(reading.b(), line_b.value);
    if (line_a.key != line_b.key || row == nullptr || value_a == value_b) continue;
    findings.add(*row, change(line_a.key, value_a, value_b));
    masks.push_back({line_a.value, line_b.value});
  }
  if (equal_outside(reading.a(), reading.b(), std::move(masks))) return findings.result(true);
  findings.unexplained("other attributes");
  return findings.result(false);
}

std::optional<Cause> of_properties(const Reading& reading) {
  if (!reading.pair.path.ends_with(".properties")) return std::nullopt;
  const auto a = stored_date(reading.a());
  const auto b = stored_date(reading.b());
  if (!a || !b) return std::nullopt;
  const std::string_view text_a = reading.a().substr(a->begin, a->size);
  const std::string_view text_b = reading.b().substr(b->begin, b->size);
  if (text_a == text_b) return std::nullopt;
  Findings findings;
  findings.add(k_properties,
               change(fmt::format("offset {}", a->begin), in_quotes(text_a), in_quotes(text_b)));
  if (equal_outside(reading.a(), reading.b(), {{*a, *b}})) return findings.result(true);
  findings.unexplained("other lines");
  return findings.result(false);
}

}  // namespace buildlab::causes::formats
