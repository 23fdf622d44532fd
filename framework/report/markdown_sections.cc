#include "framework/report/markdown_sections.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "framework/base/bytes.h"
#include "framework/base/text.h"
#include "framework/base/time.h"
#include "framework/metrics/statistics.h"
#include "framework/report/markdown_text.h"
#include "framework/report/report.h"
#include "framework/report/values.h"

namespace buildlab::report {
namespace {

// Tables are cut here, so that each section fits a summary by itself.
constexpr std::size_t k_max_rows = 1000;

std::string more_rows(std::size_t total) {
  return total > k_max_rows ? fmt::format("\n{} more are left out.\n", total - k_max_rows) : "";
}

std::string digests_cell(const std::vector<record::Build>& builds) {
  const std::vector<std::string> digests = digests_of(builds);
  if (digests.empty()) return "";
  std::vector<std::string> cells;
  for (const std::string& digest : digests) cells.push_back(markdown_code(short_digest(digest)));
  if (cells.size() > 4) cells.resize(4);
  std::string text = fmt::format("{}", fmt::join(cells, " "));
  if (digests.size() > 4) text += fmt::format(" and {} more", digests.size() - 4);
  return text;
}

std::string interval_cell(const std::vector<double>& durations) {
  const std::optional<metrics::Estimate> estimate = metrics::estimate(durations);
  if (!estimate || estimate->count < 2) return "";
  return fmt::format("{} … {}", to_short_text(estimate->low), to_short_text(estimate->high));
}

// A share of a whole in per cent; "" of nothing.
std::string share(double part, double whole) {
  return whole > 0 ? fmt::format("{:.0f} %", 100 * part / whole) : "";
}

std::string seconds_cell(double seconds) {
  return seconds > 0 ? to_short_text(seconds) : "";
}

std::string lines_cell(const record::ScenarioRecord& record, const metrics::Step& step) {
  const std::string last = step.lines.last > step.lines.first ? fmt::format("-{}", step.lines.last) : "";
  return markdown_text(location(record, step) + last);
}

std::string outcome_cell(const metrics::Step& step) {
  if (step.miss)
    return fmt::format("{}: {}", metrics::to_string(step.outcome),
                       markdown_text(metrics::to_text(*step.miss)));
  if (!step.source) return std::string(metrics::to_string(step.outcome));
  return fmt::format("{} ({})", metrics::to_string(step.outcome), metrics::to_string(*step.source));
}

std::string details(std::string_view summary, std::string_view body) {
  return fmt::format("<details><summary>{}</summary>\n\n{}\n</details>\n", summary, body);
}

std::string base_origin(const record::Base& base) {
  std::string origin = base.made_locally ? "made locally" : "its registry";
  if (base.trusts_host_authorities) origin += ", trusts the host's certificate authorities";
  return origin;
}

}  // namespace

std::string scenarios_section(const std::vector<record::ScenarioRecord>& records) {
  if (records.empty()) return "Nothing is recorded yet.\n";
  std::string text = "### Scenarios\n\n";
  text += markdown_header({"scenario", "outcome", "builds", "median", "95 % interval", "cached", "digest"});
  for (std::size_t i = 0; i < std::min(records.size(), k_max_rows); ++i) {
    const record::ScenarioRecord& record = records[i];
    const std::vector<double> durations = valid_durations(record);
    const std::optional<double> median = metrics::median(durations);
    const std::size_t invalid = record.builds.size() - durations.size();
    const std::string builds = invalid == 0 ? fmt::format("{}", record.builds.size())
                                            : fmt::format("{}, {} no sample", record.builds.size(), invalid);
    text += markdown_row({markdown_text(record.name),
                          record.outcome == verdict::Outcome::passed
                              ? "passed"
                              : fmt::format("**{}**", verdict::to_string(record.outcome)),
                          builds, median ? to_short_text(*median) : "", interval_cell(durations),
                          hits_text(record.builds), digests_cell(record.builds)});
  }
  return text + more_rows(records.size());
}

std::string failure_section(const record::ScenarioRecord& record) {
  if (record.outcome == verdict::Outcome::passed) return "";
  std::string text =
      fmt::format("### {}: {}\n", markdown_text(record.name), verdict::to_string(record.outcome));
  if (record.error) {
    text += fmt::format("\n{}\n", markdown_text(*record.error));
    if (!record.error_details.empty()) text += "\n" + markdown_fence(record.error_details);
  }
  for (const std::vector<record::Build>* builds : {&record.priming, &record.builds}) {
    const std::string role = builds == &record.priming ? "priming " : "";
    for (const record::Build& build : *builds) {
      if (build.failure) {
        text += fmt::format("\n**{}{}** failed: {}\n", role, markdown_text(build_label(build)),
                            markdown_text(*build.failure));
        const bool told = record.error && build.failure_details == record.error_details;
        if (!build.failure_details.empty() && !told) text += "\n" + markdown_fence(build.failure_details);
      } else if (!build.valid) {
        text += fmt::format("\n**{}{}** is no sample, and is in no average: {}\n", role,
                            markdown_text(build_label(build)),
                            markdown_text(build.invalid_reason.value_or("no reason is recorded")));
      }
    }
  }
  for (const verdict::Verdict& gate : record.gates) {
    if (gate.ruling == verdict::Ruling::pass) continue;
    text += fmt::format("\n**{}** {}: {}\n", markdown_text(gate.gate),
                        gate.ruling == verdict::Ruling::fail ? "failed" : "not evaluated",
                        markdown_text(gate.message));
    if (!gate.evidence.empty()) text += "\n" + markdown_fence(gate.evidence);
  }
  return text;
}

std::string parts_section(const std::vector<record::ScenarioRecord>& records) {
  std::string rows;
  for (std::size_t i = 0; i < std::min(records.size(), k_max_rows); ++i) {
    const record::Build* build = last_build(records[i]);
    if (build == nullptr) continue;
    const metrics::Parts& parts = build->numbers.parts;
    rows += markdown_row({markdown_text(records[i].name), to_short_text(build->duration_sec),
                          seconds_cell(parts.steps_sec), seconds_cell(parts.hydration_sec),
                          seconds_cell(parts.base_pull_sec), seconds_cell(parts.context_sec),
                          seconds_cell(parts.cache_import_sec), seconds_cell(parts.cache_export_sec),
                          seconds_cell(parts.export_sec), seconds_cell(parts.idle_sec)});
  }
  if (rows.empty()) return "";
  return "### Where the time of each last build went\n\n" +
         markdown_header({"scenario", "total", "steps", "hydration", "base pull", "context", "cache import",
                          "cache export", "export", "idle"}) +
         rows + more_rows(records.size());
}

std::string steps_section(const record::ScenarioRecord& record) {
  const record::Build* build = last_build(record);
  if (build == nullptr || build->numbers.steps.empty()) return "";
  const std::vector<metrics::Step>& steps = build->numbers.steps;
  std::string table = markdown_header({"line", "stage", "step", "outcome", "seconds", "share of the build"});
  for (std::size_t i = 0; i < std::min(steps.size(), k_max_rows); ++i) {
    const metrics::Step& step = steps[i];
    const double seconds = step.seconds.value_or(0) + step.hydration_seconds.value_or(0);
    table += markdown_row({lines_cell(record, step), markdown_text(step.stage), markdown_code(step.text),
                           outcome_cell(step), seconds_cell(seconds),
                           seconds > 0 ? share(seconds, build->duration_sec) : ""});
  }
  for (const std::string& note : record.priming_notes) table += fmt::format("\n{}\n", markdown_text(note));
  for (const std::string& note : record.notes) table += fmt::format("\nNote: {}\n", markdown_text(note));
  const std::string summary =
      fmt::format("Steps of {}, {}: {}, {}", markdown_text(record.name), build_label(*build),
                  to_short_text(build->duration_sec), hits_text({*build}));
  return details(summary, table + more_rows(steps.size()));
}

std::string bases_section(const std::vector<record::ScenarioRecord>& records) {
  std::vector<record::Base> bases;
  for (const record::ScenarioRecord& record : records) {
    for (const record::Base& base : record.circumstances.bases) {
      if (std::find(bases.begin(), bases.end(), base) == bases.end()) bases.push_back(base);
    }
  }
  if (bases.empty()) return "";
  std::string text = "### Base images\n\n" + markdown_header({"reference", "digest", "from"});
  for (std::size_t i = 0; i < std::min(bases.size(), k_max_rows); ++i) {
    text += markdown_row(
        {markdown_code(bases[i].reference), markdown_code(bases[i].digest), base_origin(bases[i])});
  }
  return text + more_rows(bases.size());
}

std::string circumstances_section(const std::vector<record::ScenarioRecord>& records) {
  std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> rows;  // cells, scenarios
  for (const record::ScenarioRecord& record : records) {
    const record::Circumstances& seen = record.circumstances;
    const std::string epoch = seen.source_date_epoch ? fmt::format("{}", *seen.source_date_epoch) : "none";
    std::vector<std::string> cells{
        markdown_text(fmt::format("{} {}", seen.buildkit_version, seen.buildkit_origin)),
        markdown_text(seen.runc_version),
        markdown_text(seen.snapshotter),
        markdown_text(seen.decompressor),
        fmt::format("{}", seen.cores),
        markdown_text(seen.kernel),
        to_string(Bytes{seen.memory_bytes}),
        fmt::format("{}, rewrite-timestamp {}", epoch, seen.rewrite_timestamp ? "on" : "off"),
        seen.proxy_network ? "proxy" : "direct",
        markdown_code(short_digest(seen.dockerfile_digest)),
        markdown_code(short_digest(seen.context_digest)),
        markdown_text(seen.tool_version),
        markdown_text(record.run_id)};
    auto row =
        std::find_if(rows.begin(), rows.end(), [&cells](const auto& each) { return each.first == cells; });
    if (row == rows.end()) row = rows.emplace(rows.end(), std::move(cells), std::vector<std::string>());
    row->second.push_back(markdown_text(record.name));
  }
  if (rows.empty()) return "";
  std::string table = markdown_header({"scenarios", "BuildKit", "runc", "snapshotter", "decompressor",
                                       "cores", "kernel", "memory", "SOURCE_DATE_EPOCH", "network",
                                       "Dockerfile", "context", "Build Lab", "run"});
  for (std::size_t i = 0; i < std::min(rows.size(), k_max_rows); ++i) {
    std::vector<std::string> cells{fmt::format("{}", fmt::join(rows[i].second, ", "))};
    cells.insert(cells.end(), rows[i].first.begin(), rows[i].first.end());
    table += markdown_row(cells);
  }
  return details("Circumstances", table + more_rows(rows.size()));
}

}  // namespace buildlab::report
