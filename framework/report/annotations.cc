// GitHub's workflow commands, one a problem.
#include <fmt/format.h>

#include "framework/base/text.h"
#include "framework/report/characters.h"
#include "framework/report/report.h"
#include "framework/report/values.h"

namespace buildlab::report {
namespace {

// Escaping as github.com/actions/toolkit does: data as a whole, values of properties also ':' and ','.
enum class CommandPart { data, property };

std::string escaped_command(std::string_view text, CommandPart part) {
  const std::string safe = printable(text);
  std::string result;
  for (const char c : safe) {
    const bool in_property = part == CommandPart::property && (c == ':' || c == ',');
    if (c == '%' || c == '\r' || c == '\n' || in_property) {
      result += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      result += c;
    }
  }
  return result;
}

std::string annotation(std::string_view file, int line, std::string_view title, std::string_view message) {
  std::string properties;
  if (!file.empty()) {
    properties = fmt::format("file={},", escaped_command(file, CommandPart::property));
    if (line > 0) properties += fmt::format("line={},", line);
  }
  return fmt::format("::error {}title={}::{}\n", properties, escaped_command(title, CommandPart::property),
                     escaped_command(message, CommandPart::data));
}

std::string with_evidence(const verdict::Verdict& gate) {
  std::string message = gate.message;
  for (const std::string& line : gate.evidence) message += "\n" + line;
  return message;
}

}  // namespace

std::string to_github_annotations(const ReportInput& unsafe) {
  const ReportInput input = redacted(unsafe);
  std::string text;
  for (const record::ScenarioRecord& record : input.records) {
    if (record.outcome == verdict::Outcome::passed) continue;
    bool said = false;
    for (const verdict::Verdict& gate : record.gates) {
      if (gate.ruling == verdict::Ruling::pass) continue;
      const std::string title =
          fmt::format("{}: {} {}", record.name, gate.gate,
                      gate.ruling == verdict::Ruling::fail ? "failed" : "not evaluated");
      const std::string file = gate.file.value_or(record.dockerfile_path);
      text += annotation(file, gate.file ? gate.line.value_or(1) : 1, title, with_evidence(gate));
      said = true;
    }
    if (said && !record.error) continue;
    const std::string message = record.error.value_or(std::string(verdict::to_string(record.outcome)));
    text += annotation(record.scenario_file, record.scenario_line,
                       fmt::format("{}: {}", record.name, verdict::to_string(record.outcome)), message);
  }
  return text;
}

}  // namespace buildlab::report
