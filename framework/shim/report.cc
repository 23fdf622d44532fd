#include "framework/shim/report.h"

#include <fmt/format.h>
#include <climits>

#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/base/text.h"

namespace buildlab::shim {
namespace {

using variation::Application;
using variation::How;
using variation::StepReport;

constexpr Bytes k_report_limit{16U << 20U};

Json to_json(const StepReport& report, std::size_t command_limit, std::size_t reason_limit) {
  Json applications = Json::array();
  for (const Application& application : report.applications) {
    Json entry{{"variation", to_string(application.variation)}};
    if (application.how == How::pinned) entry["pinned"] = one_line(application.reason, reason_limit);
    if (application.how == How::refused) entry["refused"] = one_line(application.reason, reason_limit);
    applications.push_back(std::move(entry));
  }
  return {{"command", one_line(report.command, command_limit)}, {"applications", std::move(applications)}};
}

}  // namespace

std::string to_line(const StepReport& report) {
  std::string line = buildlab::to_line(to_json(report, 300, 120)) + "\n";
  if (line.size() > PIPE_BUF) line = buildlab::to_line(to_json(report, 40, 40)) + "\n";
  return line;
}

Result<StepReport> parse_line(std::string_view line) {
  const auto wrong = [](std::string_view what) {
    return fail(ErrorKind::infrastructure, fmt::format("report of the runtime shim: {}", what));
  };
  BUILDLAB_ASSIGN(const Json json, parse_json(line, "report of the runtime shim"));
  if (!json.is_object() || !json.contains("applications") || !json.at("applications").is_array())
    return wrong("no applications");
  StepReport report;
  report.command = text_member(json, "command");
  for (const Json& entry : json.at("applications")) {
    if (!entry.is_object()) return wrong("an application is no object");
    BUILDLAB_ASSIGN(const auto variations, variation::parse_variation(text_member(entry, "variation")));
    if (variations.size() != 1) return wrong("a clock without its offset");
    Application application{variations.front()};
    for (const auto& [key, how] : {std::pair{"pinned", How::pinned}, {"refused", How::refused}}) {
      if (!entry.contains(key)) continue;
      application.how = how;
      application.reason = text_member(entry, key);
    }
    report.applications.push_back(std::move(application));
  }
  return report;
}

Status append(const std::filesystem::path& file, const StepReport& report) {
  std::error_code code;
  const auto size = std::filesystem::file_size(file, code);
  if (!code && size > k_report_limit.count)
    return fail(ErrorKind::infrastructure, fmt::format("{} is full", file.string()));
  return append_to_file(file, to_line(report));
}

Result<std::vector<StepReport>> read_new(const std::filesystem::path& file, std::size_t& offset) {
  std::vector<StepReport> reports;
  std::error_code code;
  if (!std::filesystem::exists(file, code)) return reports;
  BUILDLAB_ASSIGN(const std::string text, read_file(file, Bytes{2 * k_report_limit.count}));
  while (offset < text.size()) {
    const std::size_t end = text.find('\n', offset);
    if (end == std::string::npos) break;  // still being written
    BUILDLAB_ASSIGN(StepReport report, parse_line(std::string_view(text).substr(offset, end - offset)));
    reports.push_back(std::move(report));
    offset = end + 1;
  }
  return reports;
}

}  // namespace buildlab::shim
