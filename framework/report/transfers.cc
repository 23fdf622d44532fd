#include "framework/report/transfers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

#include "framework/base/bytes.h"
#include "framework/base/time.h"
#include "framework/report/markdown_text.h"
#include "framework/report/values.h"

namespace buildlab::report {
namespace {

constexpr std::size_t k_max_transfer_rows = 1000;

std::string role_label(const record::Build& build, bool priming) {
  return (priming ? "priming " : "") + build_label(build);
}

std::string transfer_row(const record::ScenarioRecord& record, const record::Build& build, bool priming) {
  const record::Transfer& transfer = *build.transfer;
  std::string requests = fmt::format("{}", transfer.requests);
  if (transfer.left_out.value_or(0) > 0) requests += fmt::format(" and {} not counted", *transfer.left_out);
  const auto number = [](int value) { return value == 0 ? std::string() : fmt::format("{}", value); };
  const std::string first_byte =
      transfer.first_byte_sec ? fmt::format("{:.1f} ms", *transfer.first_byte_sec * 1000) : "";
  return markdown_row({markdown_text(record.name), markdown_text(role_label(build, priming)),
                       to_string(Bytes{transfer.bytes_down}), to_string(Bytes{transfer.bytes_up}), requests,
                       number(transfer.retries), number(transfer.cut), number(transfer.faults), first_byte});
}

}  // namespace

std::vector<std::string> transfer_lines(const record::ScenarioRecord& record) {
  std::vector<std::string> lines;
  for (const std::vector<record::Build>* builds : {&record.priming, &record.builds}) {
    for (const record::Build& build : *builds) {
      if (!build.transfer) continue;
      lines.push_back(fmt::format("{} cache: {}", role_label(build, builds == &record.priming),
                                  to_words(*build.transfer)));
    }
  }
  if (!record.faults.empty()) lines.push_back(fmt::format("with faults: {}", fmt::join(record.faults, "; ")));
  return lines;
}

std::string transfers_section(const std::vector<record::ScenarioRecord>& records) {
  std::string rows;
  std::string faults;
  std::size_t count = 0;
  for (const record::ScenarioRecord& record : records) {
    for (const std::vector<record::Build>* builds : {&record.priming, &record.builds}) {
      for (const record::Build& build : *builds) {
        if (!build.transfer || ++count > k_max_transfer_rows) continue;
        rows += transfer_row(record, build, builds == &record.priming);
      }
    }
    if (!record.faults.empty())
      faults += fmt::format("\nFaults of {}: {}\n", markdown_text(record.name),
                            markdown_text(fmt::format("{}", fmt::join(record.faults, "; "))));
  }
  if (rows.empty()) return "";
  std::string text = "### What the cache transferred\n\n" +
                     markdown_header({"scenario", "build", "down", "up", "requests", "retries", "cut",
                                      "disturbed", "first byte"}) +
                     rows;
  if (count > k_max_transfer_rows)
    text += fmt::format("\n{} more are left out.\n", count - k_max_transfer_rows);
  return text + faults;
}

}  // namespace buildlab::report
