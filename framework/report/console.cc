// A scenario's result for a person: the answer first, then the evidence, then what to do.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "framework/base/text.h"
#include "framework/base/time.h"
#include "framework/metrics/statistics.h"
#include "framework/report/characters.h"
#include "framework/report/colour.h"
#include "framework/report/disturbances.h"
#include "framework/report/matrix.h"
#include "framework/report/miss_lines.h"
#include "framework/report/replay.h"
#include "framework/report/report.h"
#include "framework/report/transfers.h"
#include "framework/report/values.h"

namespace buildlab::report {
namespace {

using metrics::StepOutcome;
using verdict::Outcome;
using verdict::Ruling;

constexpr std::size_t k_name_width = 26;
constexpr std::size_t k_time_width = 7;
constexpr std::size_t k_hits_width = 16;

struct Mark {
  std::string_view sign;
  Tone tone;
  std::string_view word;  // colour and sign never stand alone where something is wrong
};

Mark mark_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return {"✔", Tone::good, ""};
    case Outcome::gate_failed:
      return {"✘", Tone::bad, "GATE FAILED"};
    case Outcome::invalid:
      return {"✘", Tone::bad, "INVALID"};
    case Outcome::build_failed:
      return {"✘", Tone::bad, "BUILD FAILED"};
    case Outcome::not_evaluated:
      return {"?", Tone::doubtful, "NOT EVALUATED"};
    case Outcome::infrastructure:
      return {"✘", Tone::bad, "INFRASTRUCTURE ERROR"};
    case Outcome::interrupted:
      return {"✘", Tone::bad, "INTERRUPTED"};
  }
  return {"✘", Tone::bad, "UNKNOWN"};
}

std::vector<record::Build> shown_builds(const record::ScenarioRecord& record) {
  std::vector<record::Build> valid;
  std::copy_if(record.builds.begin(), record.builds.end(), std::back_inserter(valid),
               [](const record::Build& build) { return build.valid; });
  return valid.empty() ? record.builds : valid;
}

// "re-ran Dockerfile:4 COPY, :5 RUN g++": what any of the builds ran, the file once, at most three steps.
std::string ran_text(const record::ScenarioRecord& record, const std::vector<record::Build>& builds) {
  constexpr std::size_t most = 3;
  std::map<std::pair<int, std::string>, const metrics::Step*> ran;  // by line and stage
  for (const record::Build& build : builds) {
    for (const metrics::Step& step : build.numbers.steps) {
      if (step.outcome == StepOutcome::ran) ran.try_emplace({step.lines.first, step.stage}, &step);
    }
  }
  std::vector<std::string> steps;
  std::size_t more = 0;
  for (const auto& [place, found] : ran) {
    const metrics::Step& step = *found;
    if (steps.size() == most) {
      ++more;
      continue;
    }
    const std::string file = steps.empty() ? record.dockerfile_path : "";
    steps.push_back(fmt::format("{}:{} {}", file, step.lines.first, short_instruction(step.text)));
  }
  if (steps.empty()) return "re-ran no step";
  const std::string rest = more > 0 ? fmt::format(" and {} more", more) : "";
  return fmt::format("re-ran {}{}", fmt::join(steps, ", "), rest);
}

std::string tail_text(const record::ScenarioRecord& record, const std::vector<record::Build>& builds) {
  if (builds.empty()) return "";
  if (record.replay) return fmt::format("{}, a build each", record.replay->range);
  if (!record.input_mutation.empty() && builds.back().valid) {
    return fmt::format("{} → {}", record.input_mutation, ran_text(record, builds));
  }
  const std::vector<std::string> digests = digests_of(builds);
  if (digests.empty()) return "";
  return digests.size() == 1 ? short_digest(digests.front()) : fmt::format("{} digests", digests.size());
}

std::string text_block(const std::vector<std::string>& lines, std::string_view indent) {
  std::string block;
  for (const std::string& line : lines) {
    const std::string safe = printable(line);
    for (const std::string_view part : split(safe, '\n')) block += fmt::format("{}{}\n", indent, part);
  }
  return block;
}

std::string gate_block(const verdict::Verdict& gate, bool colour) {
  const bool failed = gate.ruling == Ruling::fail;
  const std::string ruling =
      paint(failed ? "FAILED" : "NOT EVALUATED", failed ? Tone::bad : Tone::doubtful, colour);
  return fmt::format("  {} {}: {}\n", gate.gate, ruling, printable(one_line(gate.message, 1000))) +
         text_block(gate.evidence, "    ");
}

std::string build_block(const record::Build& build, bool colour) {
  std::string block;
  if (build.failure) {
    block += fmt::format("  {} {}: {}\n", build_label(build), paint("FAILED", Tone::bad, colour),
                         printable(one_line(*build.failure, 1000)));
    block += text_block(build.failure_details, "    ");
  } else if (!build.valid) {
    block += fmt::format("  {} {}, and is in no average: {}\n", build_label(build),
                         paint("is no sample", Tone::doubtful, colour),
                         printable(one_line(build.invalid_reason.value_or("no reason is recorded"), 1000)));
  }
  return block;
}

}  // namespace

std::string scenario_line(const record::ScenarioRecord& unsafe, bool colour) {
  const record::ScenarioRecord record = redacted(unsafe);
  const Mark mark = mark_of(record.outcome);
  const std::vector<record::Build> builds = shown_builds(record);
  std::string name = record.name;
  if (record.builds.size() > 1) name += fmt::format("  ×{}", record.builds.size());
  std::vector<double> durations;
  for (const record::Build& build : builds) durations.push_back(build.duration_sec);
  const std::optional<double> median = metrics::median(durations);
  std::string line =
      fmt::format("{} {} {}   {}", paint(mark.sign, mark.tone, colour), pad_right(name, k_name_width),
                  pad_left(median ? to_short_text(*median) : "–", k_time_width),
                  pad_right(hits_text(builds), k_hits_width));
  std::string tail = printable(tail_text(record, builds));
  if (!mark.word.empty()) tail = paint(mark.word, mark.tone, colour) + (tail.empty() ? "" : "  " + tail);
  line += "  " + tail;
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string scenario_details(const record::ScenarioRecord& unsafe, bool colour) {
  const record::ScenarioRecord record = redacted(unsafe);
  std::string text = text_block(record.priming_notes, "  ") +
                     (record.replay ? text_block(replay_lines(*record.replay), "  ") : "") +
                     text_block(miss_lines(record), "  ") + text_block(matrix_lines(record), "  ") +
                     text_block(transfer_lines(record), "  ") + text_block(disturbance_lines(record), "  ");
  if (record.outcome != Outcome::passed) {
    std::string message = printable(one_line(record.error.value_or(""), 1000));
    std::vector<std::string> details = record.error_details;
    for (const std::vector<record::Build>* builds : {&record.priming, &record.builds}) {
      for (const record::Build& build : *builds) {
        // The same words once: a failed build usually is what stopped the scenario.
        if (build.failure && record.error && record.error->find(*build.failure) != std::string::npos)
          message.clear();
        if (!build.failure_details.empty() && build.failure_details == details) details.clear();
        std::string block = build_block(build, colour);
        if (builds == &record.priming && !block.empty()) block.insert(2, "priming ");
        text += block;
      }
    }
    if (!message.empty()) text += fmt::format("  {}\n", message);
    text += text_block(details, "    ");
    for (const verdict::Verdict& gate : record.gates) {
      if (gate.ruling != Ruling::pass) text += gate_block(gate, colour);
    }
  }
  return text + text_block(record.notes, "  note: ");
}

}  // namespace buildlab::report
