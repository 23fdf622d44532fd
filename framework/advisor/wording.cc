// The sentences. Each says what to do first, then the evidence, then the record it came from.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "framework/advisor/finding.h"
#include "framework/base/bytes.h"
#include "framework/base/time.h"

namespace buildlab::advisor {
namespace {

struct Words {
  const record::ScenarioRecord& record;
  std::optional<int> line;

  std::string at(const Place& place) const {
    return fmt::format("{}:{} {}", record.dockerfile_path, place.line, place.text);
  }

  std::string operator()(const BroadCopyBeforeInstall& found) const {
    const std::string what =
        found.manifests.empty()
            ? fmt::format("move the install above the copy: it needs no file of it")
            : fmt::format("copy {} first, install, then copy the rest", fmt::join(found.manifests, " and "));
    return fmt::format(
        "isolate dependency install stage: {} stands before {}, so \"{}\" re-ran it ({} of {}) → {}",
        at(found.copy), at(found.install), found.edit, to_short_text(found.step_sec),
        to_short_text(found.build_sec), what);
  }

  std::string operator()(const NoExternalCache& found) const {
    return fmt::format(
        "export cache to registry backend: a fresh runner runs every step anew ({} of {}), most of it {} "
        "({}) → "
        "add a scenario of kind ephemeral with cache_mode registry, and --cache-to/--cache-from in CI",
        to_short_text(found.steps_sec), to_short_text(found.build_sec), at(found.longest),
        to_short_text(found.longest_sec));
  }

  std::string operator()(const MutableBase& found) const {
    const std::string cost = found.cold_sec
                                 ? fmt::format("and re-runs {} of steps", to_short_text(*found.cold_sec))
                                 : "and re-runs every step";
    const std::string pin = found.digest
                                ? fmt::format("{}@{}", found.reference, *found.digest)
                                : fmt::format("{}@sha256:… (its digest in the registry)", found.reference);
    return fmt::format(
        "pin the base image by digest: {}:{} names {} by a tag, and who moves the tag changes the image "
        "{} → FROM {}",
        record.dockerfile_path, line.value_or(1), found.reference, cost, pin);
  }

  std::string operator()(const LayerTimestamps& found) const {
    std::vector<std::string> lines;
    for (const Place& place : found.steps)
      lines.push_back(fmt::format("{}:{}", record.dockerfile_path, place.line));
    const std::string where = lines.empty() ? "" : fmt::format(" of {}", fmt::join(lines, ", "));
    const std::string seen =
        found.builds > 1
            ? fmt::format("{} builds of {} each gave {} digests", found.builds,
                          to_short_text(found.build_sec), found.digests)
            : fmt::format("no two builds of {} each can give one digest", to_short_text(found.build_sec));
    const std::string what = found.cause == LayerTimestamps::Cause::rewrite_is_off
                                 ? "switch rewrite_timestamp on for the subject"
                                 : "let source_date_epoch be set for the subject";
    return fmt::format("keep time stamps out of layers: files{} carry the time of the build, so {} → {}",
                       where, seen, what);
  }

  std::string operator()(const ExportDominates& found) const {
    const std::string where = found.last_step ? fmt::format(" after {}", at(*found.last_step)) : "";
    const std::string size =
        found.image_bytes ? fmt::format(" of {}", to_string(Bytes{*found.image_bytes})) : std::string();
    return fmt::format(
        "shrink what is exported: with everything cached, writing the image{}{} takes {} of {} → copy only "
        "what runs "
        "into the last stage, or push to a registry, which takes only the layers that it lacks",
        size, where, to_short_text(found.export_sec), to_short_text(found.build_sec));
  }

  std::string operator()(const CacheCostsMore& found) const {
    const bool repeated = found.builds_with > 1 || found.builds_without > 1;
    const std::string interval =
        repeated ? fmt::format(", {} … {} over {} builds with it and {} without",
                               to_short_text(found.loss_low_sec), to_short_text(found.loss_high_sec),
                               found.builds_with, found.builds_without)
                 : std::string(" of one build each");
    const std::string under =
        found.faults.empty() ? "" : fmt::format(" with {}", fmt::join(found.faults, "; "));
    return fmt::format(
        "this cache costs more than it saves: a {} with cache_mode {}{} takes {}, without {} "
        "{}, "
        "so {} are lost{} (import {}, hydration {}, steps {}, cache export {}) → drop it, export less (mode "
        "min, "
        "not from every branch), or bring it nearer",
        found.kept ? "kept builder" : "fresh runner", found.cache_mode, under, to_short_text(found.with_sec),
        found.kept ? "it" : "a cache", to_short_text(found.without_sec), to_short_text(found.loss_sec),
        interval, to_short_text(found.import_sec), to_short_text(found.hydration_sec),
        to_short_text(found.steps_sec), to_short_text(found.export_sec));
  }

  std::string operator()(const HelpsOneRunner& found) const {
    const auto seconds = [](const HelpsOneRunner::Seconds& value) {
      return fmt::format("{} ({} … {})", to_short_text(value.median), to_short_text(value.low),
                         to_short_text(value.high));
    };
    if (found.own_cache) {
      return fmt::format(
          "what helps one runner hurts the other: a kept builder's own cache saves {}, the cache {} costs a "
          "fresh runner {} → keep builders, or leave that cache out where runners are fresh",
          seconds(found.saved), found.cache, seconds(found.lost));
    }
    return fmt::format(
        "what helps one runner hurts the other: the cache {} saves {} on a {} and costs {} on a {} → use it "
        "on "
        "the former only",
        found.cache, seconds(found.saved), found.helps_kept ? "kept builder" : "fresh runner",
        seconds(found.lost), found.helps_kept ? "fresh runner" : "kept builder");
  }
};

}  // namespace

std::string to_sentence(const Finding& finding) {
  return fmt::format("{} [{}, run {}]", std::visit(Words{*finding.record, finding.line}, finding.evidence),
                     finding.record->name, finding.record->run_id);
}

}  // namespace buildlab::advisor
