#include "framework/run/variations.h"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <set>

#include "framework/base/time.h"
#include "framework/run/image_drift.h"
#include "framework/run/varied_build.h"
#include "framework/variation/canary.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;
using variation::Kind;
using variation::Observation;
using variation::Place;
using variation::Set;
using variation::Variation;

bool has_cache_mount(const SubjectState& state, const ScenarioRun& run) {
  const auto stages = dockerfile::needed_stages(state.dockerfile, run.subject.target, run.subject.build_args,
                                                run.subject.platform);
  if (!stages) return true;  // then the builds tell
  for (const std::size_t index : *stages) {
    const dockerfile::Stage& stage = state.dockerfile.stages[index];
    for (const dockerfile::Instruction* step : dockerfile::cacheable_steps(stage)) {
      for (const std::string& flag : step->flags) {
        if (flag.starts_with("--mount=") && flag.find("type=cache") != std::string::npos) return true;
      }
    }
  }
  return false;
}

bool ran_anything(const record::Build& build) {
  return std::any_of(build.numbers.steps.begin(), build.numbers.steps.end(), [](const metrics::Step& step) {
    return step.outcome == metrics::StepOutcome::ran && step.text.starts_with("RUN");
  });
}

std::map<Variation, std::string> obstacles_of(const ScenarioRun& run, const engine::VariationTools& tools) {
  std::map<Variation, std::string> obstacles;
  const bool runs = run.record.builds.empty() || ran_anything(run.record.builds.front());
  const bool mounts = has_cache_mount(run.state, run);
  for (const Variation& variation : run.scenario.vary) {
    const bool of_run =
        variation::describe(variation.kind).place == Place::container || variation.kind == Kind::network;
    if (const auto obstacle = engine::obstacle(tools, variation)) {
      obstacles[variation] = *obstacle;
    } else if (of_run && variation.kind != Kind::user && !runs) {
      obstacles[variation] = "no RUN was executed";
    } else if (variation.kind == Kind::cache_mounts && !mounts) {
      obstacles[variation] = "no RUN has a cache mount";
    }
  }
  return obstacles;
}

// A varied build whose image is kept.
struct Shown {
  int number = 0;
  Set set;
  fs::path image;
  record::VariedBuild build;
};

// When B was built by the clock that its steps saw.
std::optional<causes::Window> window_of(const Shown& shown) {
  const auto started = parse_rfc3339(shown.build.started);
  if (!started) return std::nullopt;
  std::int64_t begin = started->time_since_epoch() / std::chrono::seconds(1);
  for (const Variation& variation : shown.set) {
    if (variation.kind == Kind::clock) begin += variation.offset_sec;
  }
  return causes::Window{begin, begin + static_cast<std::int64_t>(shown.build.duration_sec) + 1};
}

// Plain and varied builds in the order of their end, and what they leave on the disk.
class VariedRuns {
 public:
  VariedRuns(ScenarioRun& run, FreshBuilds& fresh, SameImages& same)
      : m_run(run),
        m_fresh(fresh),
        m_same(same),
        m_tools(engine::find_variation_tools(run.options.installer)) {}

  Status run();

 private:
  void observe_plain(record::Build& build);
  Status build(const Set& set, int number, int iteration);
  void conclude(const variation::Plan& plan);
  void explain(record::VariationRow& row, const variation::Finding& finding);
  bool is_image_of(const variation::Finding& finding, const Set& set) const;
  const record::Build& first_plain() const { return m_run.record.builds.front(); }

  ScenarioRun& m_run;
  FreshBuilds& m_fresh;
  SameImages& m_same;
  engine::VariationTools m_tools;
  std::vector<Observation> m_history;
  std::map<std::string, std::string> m_digests;  // by fingerprint
  std::map<std::string, Shown> m_shown;          // the first of each varied image that differs, by digest
  std::string m_plain_fingerprint;
  fs::path m_plain_image;
};

void VariedRuns::observe_plain(record::Build& build) {
  Observation observation;
  if (build.image) {
    observation.fingerprint = take_kind(m_run, m_same, build);
    m_digests.emplace(observation.fingerprint, build.image->digest);
  } else {
    observation.failure = build.failure.value_or(build.invalid_reason.value_or("it has no image"));
  }
  m_history.push_back(std::move(observation));
}

Status VariedRuns::build(const Set& set, int number, int iteration) {
  if (set.empty()) {
    Order order;
    order.iteration = iteration;
    order.builder = builder_name(iteration);
    order.mutation = m_fresh.applied.description;
    order.build_args = m_fresh.applied.build_args;
    order.declared = {CacheState::empty, true, !m_run.scenario.input_mutation.empty()};
    order.hint = {.builder_is_fresh = true, .imports_cache = false};
    return build_fresh(m_run, m_fresh, std::move(order));
  }
  BUILDLAB_ASSIGN(VariedResult result, build_varied(m_run, m_fresh, m_same, m_tools,
                                                    {number, set, m_plain_image, m_plain_fingerprint}));
  const std::lock_guard guard(m_run.concluding);
  const std::string& fingerprint = result.observation.fingerprint;
  if (!fingerprint.empty()) m_digests.emplace(fingerprint, result.build.digest);
  std::error_code ignored;
  if (result.first_of_its_kind) {
    m_shown[result.build.digest] = {number, set, result.image, result.build};
  } else if (!result.image.empty()) {
    fs::remove(result.image, ignored);  // one of each image is enough
  }
  m_history.push_back(std::move(result.observation));
  m_run.record.varied_builds.push_back(std::move(result.build));
  return {};
}

void VariedRuns::conclude(const variation::Plan& plan) {
  std::set<std::string> telling;
  for (const variation::Finding& finding : plan.findings) {
    const auto digest = m_digests.find(finding.fingerprint);
    record::VariationRow row{to_string(finding.variation), finding.outcome, finding.reason, finding.builds,
                             digest == m_digests.end() ? "" : digest->second};
    if (finding.outcome == variation::Outcome::failed || finding.outcome == variation::Outcome::flaky) {
      telling.insert(row.digest);
      explain(row, finding);
    }
    // A scenario that passes says so too: what was not varied is not known.
    if (finding.outcome == variation::Outcome::not_applied)
      m_run.record.notes.push_back(fmt::format("variation {} was not applied: {}", row.name, row.reason));
    m_run.record.variations.push_back(std::move(row));
  }
  // What shows a guilty one stays for a comparison.
  std::error_code ignored;
  for (const auto& [digest, shown] : m_shown) {
    if (!telling.contains(digest)) fs::remove(shown.image, ignored);
  }
}

// Whether a build in which just these were varied gave the image that shows the finding. The image itself may
// be kept of an earlier build with more of them, which changed nothing.
bool VariedRuns::is_image_of(const variation::Finding& finding, const Set& set) const {
  return std::any_of(m_history.begin(), m_history.end(), [&](const Observation& seen) {
    return seen.set == set && seen.fingerprint == finding.fingerprint;
  });
}

// Where a canary told, the image may have been varied in more: then only what was planted is its doing.
void VariedRuns::explain(record::VariationRow& row, const variation::Finding& finding) {
  const auto found = m_shown.find(row.digest);
  if (found == m_shown.end()) return;
  const Shown& shown = found->second;
  // The plain build's provenance knows the lines of both.
  const ImageFiles plain = files_in(m_plain_image.parent_path());
  ImagePair pair{plain, plain, window_of(shown), {}, false};
  pair.b.image = shown.image;
  const std::string name(variation::describe(finding.variation.kind).name);
  for (const std::string_view value : variation::canaries(finding.variation.kind))
    pair.canaries.push_back({name, std::string(value)});
  const auto& told = shown.build.canaries;
  const bool alone = is_image_of(finding, {finding.variation});
  pair.only_planted = !alone && std::find(told.begin(), told.end(), name) != told.end();
  if (row.outcome == variation::Outcome::failed && alone) pair.alone = name;
  auto drift = compare_images(m_run, pair);
  if (!drift) {
    m_run.record.notes.push_back(
        fmt::format("the image that {} changed could not be compared: {}", row.name, drift.error().message));
    return;
  }
  drift->build_a = first_plain().iteration;
  drift->build_b = shown.number;
  row.drift = std::move(*drift);
}

Status VariedRuns::run() {
  std::sort(m_run.record.builds.begin(), m_run.record.builds.end(),
            [](const record::Build& a, const record::Build& b) { return a.iteration < b.iteration; });
  for (record::Build& build : m_run.record.builds) observe_plain(build);
  m_plain_fingerprint = m_history.empty() ? "" : m_history.front().fingerprint;
  if (!m_run.record.builds.empty()) {
    m_plain_image = m_run.store.run_folder(m_run.record.run_id) / m_run.record.builds.front().artifacts /
                    engine::k_image_name;
  }
  const variation::Asked asked{.variations = m_run.scenario.vary,
                               .obstacles = obstacles_of(m_run, m_tools),
                               .base_builds = m_run.scenario.runs,
                               .max_builds = m_run.scenario.max_builds};
  while (true) {
    const variation::Plan plan = variation::plan(asked, m_history);
    if (plan.builds.empty()) {
      conclude(plan);
      return {};
    }
    const int varied = static_cast<int>(m_run.record.varied_builds.size());
    const int plain = static_cast<int>(m_run.record.builds.size());
    std::vector<std::pair<int, int>> numbers;  // as the n-th varied, as the n-th plain
    int next_varied = varied;
    int next_plain = plain;
    for (const Set& set : plan.builds) {
      set.empty() ? ++next_plain : ++next_varied;
      numbers.emplace_back(next_varied, next_plain);
    }
    BUILDLAB_TRY(side_by_side(static_cast<int>(plan.builds.size()), [&](int i) {
      const auto at = static_cast<std::size_t>(i);
      return build(plan.builds[at], numbers[at].first, numbers[at].second);
    }));
    std::sort(m_run.record.builds.begin(), m_run.record.builds.end(),
              [](const record::Build& a, const record::Build& b) { return a.iteration < b.iteration; });
    for (std::size_t i = static_cast<std::size_t>(plain); i < m_run.record.builds.size(); ++i)
      observe_plain(m_run.record.builds[i]);
  }
}

}  // namespace

Status run_variations(ScenarioRun& run, FreshBuilds& fresh, SameImages& same) {
  return VariedRuns(run, fresh, same).run();
}

}  // namespace buildlab::run
