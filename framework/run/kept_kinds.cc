#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <utility>

#include "framework/base/text.h"
#include "framework/engine/reference.h"
#include "framework/process/interrupt.h"
#include "framework/run/build_facts.h"
#include "framework/run/circumstances.h"
#include "framework/run/edited_subject.h"
#include "framework/run/kept_builder.h"
#include "framework/run/key_evidence.h"
#include "framework/run/kinds.h"
#include "framework/run/missed_steps.h"
#include "framework/run/moved_bases.h"
#include "framework/run/no_cache.h"
#include "framework/run/run_count.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;

// A registry is asked at most this often whether the tags of a primed builder moved, so that warm runs in a
// row stay cheap.
constexpr std::chrono::hours k_ask_again_after{1};

// What the builder is to be primed with, and why it has to be.
struct Plan {
  Primed now;
  std::optional<std::string> why;
  bool unanswered = false;  // whether a registry was asked for its images in vain
  std::vector<engine::Mirror> mirrors;
  // Where it is to be primed: the facts of the build that filled its cache, and of the priming build.
  bool empty = false;
  std::optional<misses::BuildFacts> earlier;
  std::optional<misses::BuildFacts> facts;
  std::optional<cache_keys::KeyStore> earlier_keys;  // of that build too
  // What is told of builds so far, and what that took.
  bool priming_told = false;
  std::ptrdiff_t measured_told = 0;
  std::optional<cache_keys::KeyStore> primed_keys;
  std::optional<misses::BuildFacts> unchanged;
  // What of its cache was gone before the measured builds, and the facts of those that a mutation changed, by
  // iteration.
  std::size_t lost = 0;
  std::map<int, std::optional<misses::BuildFacts>> edited;
};

// A build of the subject as it is.
Order plain_order(const ScenarioRun& run) {
  Order order;
  order.build_args = run.subject.build_args;
  return order;
}

bool asked_lately(const Primed& primed) {
  const auto asked = parse_rfc3339(primed.bases_asked);
  return asked && wall_now() - *asked < k_ask_again_after;
}

// Whether a tag of the builder's images is not pinned by the run yet.
bool is_open(const std::vector<engine::ResolvedBase>& primed,
             const std::vector<engine::ResolvedBase>& of_run) {
  return std::any_of(primed.begin(), primed.end(), [&of_run](const engine::ResolvedBase& base) {
    const auto reference = engine::parse_reference(base.reference);
    return reference && !reference->digest &&
           std::none_of(of_run.begin(), of_run.end(),
                        [&base](const auto& pinned) { return pinned.canonical == base.canonical; });
  });
}

// All builds of a run have the same images, so that a builder that was primed with others is primed anew.
// What a registry said lately is not asked again; without an answer its images are those that it has.
Status agree_on_bases(ScenarioRun& run, const KeptBuilder& kept, const Primed& last, Plan& plan) {
  Primed found = last;
  const bool lately = asked_lately(last);
  std::vector<engine::ResolvedBase> known = lately ? last.bases : std::vector<engine::ResolvedBase>();
  std::erase_if(known, [](const engine::ResolvedBase& base) { return base.made_locally; });
  BUILDLAB_ASSIGN(std::vector<engine::ResolvedBase> of_run,
                  run.run_bases->agree(question_of(run.subject), known));
  if (!lately && is_open(last.bases, of_run)) {
    const auto asked = run.resolve_bases(run.state);
    if (process::interrupted()) return fail(ErrorKind::interrupted, "interrupted");
    plan.unanswered = !asked;
    if (asked) {
      of_run = (*asked)->resolved;
      found.bases_asked = to_rfc3339(wall_now());
    } else {
      run.record.notes.push_back(
          fmt::format("whether base images moved could not be asked, so they are those of {}: {}", last.at,
                      asked.error().message));
    }
  }
  plan.why = why_prime_bases(last, of_run);
  if (plan.why) return {};
  if (found.bases_asked != last.bases_asked) BUILDLAB_TRY(kept.set_primed(found));
  plan.now = std::move(found);
  return {};
}

Result<Plan> make_plan(ScenarioRun& run, const KeptBuilder& kept, const context::ContextCopy& copy) {
  Plan plan;
  plan.now.dockerfile_digest = run.state.dockerfile_digest.text();
  plan.now.context_digest = copy.digest.text();
  plan.now.buildkit_version = run.toolchain.buildkitd.version;
  plan.now.source_date_epoch = run.state.source_date_epoch;
  plan.now.at = to_rfc3339(wall_now());

  const std::optional<Primed> last = kept.primed();
  BUILDLAB_ASSIGN(const std::uint64_t limit, max_builder_bytes());
  plan.why = why_prime(last, plan.now);
  if (run.options.refresh) {
    plan.why = "primed anew as asked (--refresh)";
    BUILDLAB_TRY(kept.reset());
  } else if (last && last->buildkit_version != plan.now.buildkit_version) {
    BUILDLAB_TRY(kept.reset());
  } else if (const std::uint64_t size = last ? kept.size_bytes() : 0; size > limit) {
    plan.why = fmt::format("the kept builder had grown to {}, above the limit of {} (BUILDLAB_MAX_BUILDER)",
                           to_string(Bytes{size}), to_string(Bytes{limit}));
    BUILDLAB_TRY(kept.reset());
  }
  if (!plan.why) BUILDLAB_TRY(agree_on_bases(run, kept, *last, plan));
  if (plan.why) {
    BUILDLAB_ASSIGN(const engine::BaseImages* bases, run.resolve_bases(run.state));
    plan.now.bases = bases->resolved;
    plan.now.bases_asked = plan.now.at;
    plan.mirrors = bases->mirrors;
    plan.empty = kept.empty();
    plan.earlier = kept.facts();
    if (run.scenario.cache_preimages) plan.earlier_keys = kept.keys();
    plan.facts = facts_or_note(run, plain_order(run), kept.context(), plan.now.bases);
  }
  return plan;
}

// "Dockerfile changed since the last run: the priming build re-ran 2 of 6 steps, 24.1s" and a line for each,
// with the reason why it ran.
void tell_priming(ScenarioRun& run, const KeptBuilder& kept, Plan& plan) {
  if (!plan.why || run.record.priming.empty() || std::exchange(plan.priming_told, true)) return;
  record::Build& priming = run.record.priming.back();
  run.record.priming_notes.push_back(fmt::format("{}: the priming build ran {} of {} steps, {}", *plan.why,
                                                 priming.numbers.ran, priming.numbers.steps.size(),
                                                 to_short_text(priming.duration_sec)));
  FilledCache cache{.source = {}, .filled_by = plan.earlier ? &*plan.earlier : nullptr};
  cache.source.empty = plan.empty;
  tell_misses(cache, plan.facts ? &*plan.facts : nullptr, run.state.dockerfile_path, priming);
  const auto own_keys = take_keys(run.keys, priming);
  tell_keys(run, plan.earlier_keys ? &*plan.earlier_keys : nullptr, own_keys.get(), priming);
  plan.earlier_keys.reset();
  // What it was given from outside is known only now; without a place for it no later reason is told wrongly.
  if (plan.facts && !plan.facts->sources.empty() && !priming.failure) (void)kept.set_facts(*plan.facts);
  for (const metrics::Step& step : priming.numbers.steps) {
    if (step.outcome != metrics::StepOutcome::ran) continue;
    const bool told = step.miss && !plan.empty;  // on an empty builder, `why` says it all
    const std::string reason = told ? "  " + metrics::to_text(*step.miss) : "";
    run.record.priming_notes.push_back(fmt::format("  {}:{}  {}  {}{}", run.state.dockerfile_path,
                                                   step.lines.first, one_line(step.text, 60),
                                                   to_short_text(step.seconds.value_or(0)), reason));
  }
}

// The keys that priming left, read once; nullptr where they are not known.
const cache_keys::KeyStore* primed_keys(ScenarioRun& run, const KeptBuilder& kept, Plan& plan) {
  if (!run.scenario.cache_preimages) return nullptr;
  if (!plan.primed_keys) plan.primed_keys = kept.keys();
  if (plan.primed_keys) return &*plan.primed_keys;
  note_once(run, "the builder was primed without cache_preimages: --refresh primes it anew");
  return nullptr;
}

// The same of the measured builds that are not told yet, against what priming left.
void tell_measured(ScenarioRun& run, const KeptBuilder& kept, Plan& plan) {
  const auto begin = run.record.builds.begin() + plan.measured_told;
  plan.measured_told = std::ssize(run.record.builds);
  if (std::none_of(begin, run.record.builds.end(), ran_any)) return;
  const std::optional<misses::BuildFacts> primed = kept.facts();
  FilledCache cache{.source = {}, .filled_by = primed ? &*primed : nullptr};
  leave_out(run.scenario, cache.source);
  if (plan.lost > 0) {
    cache.source.lost = fmt::format("{} of the {} cache records that priming made are gone from the builder",
                                    plan.lost, plan.now.cache_records.size());
  }
  const cache_keys::KeyStore* keys = primed_keys(run, kept, plan);
  for (auto build = begin; build != run.record.builds.end(); ++build) {
    const auto own_keys = take_keys(run.keys, *build);
    if (!ran_any(*build)) continue;
    auto edited = plan.edited.find(build->iteration);
    if (edited == plan.edited.end() && !plan.unchanged)
      plan.unchanged = facts_or_note(run, plain_order(run), kept.context(), plan.now.bases);
    auto& facts = edited == plan.edited.end() ? plan.unchanged : edited->second;
    tell_misses(cache, facts ? &*facts : nullptr, run.state.dockerfile_path, *build);
    tell_keys(run, keys, own_keys.get(), *build);
  }
}

void tell_builds(ScenarioRun& run, const KeptBuilder& kept, Plan& plan) {
  tell_priming(run, kept, plan);
  tell_measured(run, kept, plan);
}

// After the last sample: whether a tag moved meanwhile.
void tell_moved_bases(ScenarioRun& run, const KeptBuilder& kept, Plan& plan) {
  if (plan.why) {
    ask_moved_bases(run, plan.now.bases);
  } else if (!plan.unanswered && !asked_lately(plan.now) && ask_moved_bases(run, plan.now.bases)) {
    plan.now.bases_asked = to_rfc3339(wall_now());
    if (kept.primed()) (void)kept.set_primed(plan.now);
  }
}

struct Kept {
  ScenarioRun& run;
  const KeptBuilder& folder;
  engine::Builder& builder;
  Plan& plan;
};

Order priming_order(const ScenarioRun& run, double context_sec) {
  Order order = plain_order(run);
  order.role = Role::priming;
  order.declared = {CacheState::primed, true, true};  // whatever the builder holds is right for priming
  order.context_sec = context_sec;
  return order;
}

// How much of what priming put into the cache is gone (the daemon's garbage collection, a hand).
std::size_t lost_records(const std::set<std::string>& there, const Primed& primed) {
  return static_cast<std::size_t>(
      std::count_if(primed.cache_records.begin(), primed.cache_records.end(),
                    [&there](const std::string& id) { return !there.contains(id); }));
}

// What earlier edits built is taken out of the cache: the same deletion or build argument a second time would
// otherwise be found there, and nothing would be measured.
Status return_to_primed(engine::Builder& builder, std::set<std::string> there, const Primed& primed) {
  for (const std::string& id : primed.cache_records) there.erase(id);
  if (there.empty()) return {};
  return builder.remove_cache_records(there);
}

Result<Order> measured_order(ScenarioRun& run, const KeptBuilder& kept, int iteration) {
  const auto begin = SteadyClock::now();
  Order order = plain_order(run);
  order.iteration = iteration;
  order.declared = {CacheState::primed, true, !run.scenario.input_mutation.empty()};
  order.declared.no_cache = !run.scenario.no_cache.empty();
  // The first iteration's copy is pristine already.
  if (!run.scenario.input_mutation.empty() && iteration > 1)
    BUILDLAB_TRY(copy_context(run, kept.context()).map([](const auto&) {}));
  BUILDLAB_TRY(apply_edit(run, kept.context(), order));
  order.context_sec = to_seconds(SteadyClock::now() - begin);
  return order;
}

// The images of an order's build. A builder that runs already can be given no other mirrors.
Result<std::vector<engine::ResolvedBase>> bases_of(const Kept& kept, const Order& order) {
  const engine::BaseImages of_subject{kept.plan.now.bases, kept.plan.mirrors, nullptr};
  BUILDLAB_ASSIGN(engine::BaseImages images, images_of(kept.run, order, of_subject));
  if (images.mirrors.size() == of_subject.mirrors.size()) return std::move(images.resolved);
  return fail(
      ErrorKind::usage,
      fmt::format("scenario \"{}\": its mutations have the Dockerfile read images that the running "
                  "builder cannot be given",
                  kept.run.scenario.name),
      {"change the Dockerfile itself and run a scenario of kind warm: its priming tells what ran again"});
}

// Whether what priming made is still there, and the cache as it was then, for the next edit.
Status look_at_cache(const Kept& kept, bool edits) {
  BUILDLAB_ASSIGN(std::set<std::string> there, kept.builder.cache_records());
  kept.plan.lost = std::max(kept.plan.lost, lost_records(there, kept.plan.now));
  if (kept.plan.lost > 0) BUILDLAB_TRY(kept.folder.forget_primed());
  return edits ? return_to_primed(kept.builder, std::move(there), kept.plan.now) : Status();
}

// The keys that a build left are let go of before the next one: they are large.
Status conclude_and_tell(const Kept& kept, std::vector<Finished>& pending) {
  BUILDLAB_TRY(conclude(kept.run, kept.builder, std::exchange(pending, {})));
  tell_builds(kept.run, kept.folder, kept.plan);
  return {};
}

Status build_all(const Kept& kept, double context_sec, std::vector<Finished>& pending) {
  ScenarioRun& run = kept.run;
  const auto submit = [&](Order order) -> Result<bool> {
    BUILDLAB_ASSIGN(const std::vector<engine::ResolvedBase> bases, bases_of(kept, order));
    engine::BuildRequest request = make_request(run, kept.folder.context(), order.build_args, bases);
    if (order.role == Role::measured) {
      use_no_cache(run.scenario, request);
      if (!run.scenario.input_mutation.empty())
        kept.plan.edited[order.iteration] = facts_or_note(run, order, kept.folder.context(), bases);
    }
    BUILDLAB_ASSIGN(Finished finished, build(run, kept.builder, request, std::move(order)));
    const bool succeeded = process::succeeded(finished.artifacts.termination);
    pending.push_back(std::move(finished));
    return succeeded;
  };
  if (kept.plan.why) {
    BUILDLAB_TRY(kept.folder.forget_primed());
    BUILDLAB_TRY(kept.folder.forget_keys());
    Order priming = priming_order(run, context_sec);
    priming.on_empty_builder = kept.plan.empty;
    BUILDLAB_ASSIGN(const bool succeeded, submit(std::move(priming)));
    if (!succeeded) return {};
    if (pending.back().keys) BUILDLAB_TRY(kept.folder.set_keys(*pending.back().keys));
    BUILDLAB_ASSIGN(kept.plan.now.cache_records, kept.builder.cache_records());
    BUILDLAB_TRY(kept.plan.facts ? kept.folder.set_facts(*kept.plan.facts) : kept.folder.forget_facts());
    BUILDLAB_TRY(kept.folder.set_primed(kept.plan.now));
    if (pending.back().keys) BUILDLAB_TRY(conclude_and_tell(kept, pending));
  }
  const bool edits = !run.scenario.input_mutation.empty();
  if (!kept.plan.why) BUILDLAB_TRY(look_at_cache(kept, edits));
  RunCount count(run.scenario, run.record);
  for (int i = 1; count.wants_another(); ++i) {
    BUILDLAB_ASSIGN(Order order, measured_order(run, kept.folder, i));
    order.declared.just_primed = kept.plan.why.has_value();
    if (i == 1 && !kept.plan.why) order.context_sec += context_sec;
    BUILDLAB_ASSIGN(const bool succeeded, submit(std::move(order)));
    if (!succeeded) return {};
    Finished& finished = pending.back();
    const double duration_sec = to_seconds(finished.artifacts.duration);
    // Where nothing ran nothing was missed, and asking the daemon what its cache holds would cost more than
    // the rest around such a build.
    if (edits || ran_a_step(finished.artifacts)) BUILDLAB_TRY(look_at_cache(kept, edits));
    finished.order.declared.lost_records = kept.plan.lost;
    // Whether a build is to be repeated is known only once it is in the record.
    if (finished.keys) {
      BUILDLAB_TRY(conclude_and_tell(kept, pending));
    } else if (uses_proxy(run.scenario.network)) {
      BUILDLAB_TRY(conclude(run, kept.builder, std::exchange(pending, {})));
    }
    count.built(kept.plan.lost > 0 ? std::nullopt : std::optional(duration_sec));
  }
  return {};
}

}  // namespace

Status run_on_kept_builder(ScenarioRun& run) {
  record::SubjectKey key = run.record.subject;
  key.build_args =
      run.subject.build_args;  // the record's come without credentials; another one is another builder
  const LockWait wait{process::interrupted, [&run] {
                        run.observer.message(fmt::format(
                            "{}: waiting for another run that uses the kept builder of subject {}",
                            run.scenario.name, run.subject.name));
                      }};
  BUILDLAB_ASSIGN(const KeptBuilder kept, KeptBuilder::open(run.store.folder(), key, wait));
  const auto begin = SteadyClock::now();
  BUILDLAB_ASSIGN(const context::ContextCopy copy, copy_context(run, kept.context()));
  const double context_sec = to_seconds(SteadyClock::now() - begin);
  describe_subject(run.record.circumstances, run.state, copy);
  BUILDLAB_ASSIGN(Plan plan, make_plan(run, kept, copy));
  describe_bases(run.record.circumstances, plan.now.bases);

  engine::BuilderOptions options = builder_options(run, plan.mirrors);
  options.root = kept.root();
  options.kept = true;
  BUILDLAB_ASSIGN(const std::unique_ptr<engine::Builder> builder, engine::Builder::start(options));
  std::vector<Finished> pending;
  const Status built = build_all({run, kept, *builder, plan}, context_sec, pending);
  const Status concluded = conclude(run, *builder, std::move(pending));
  const Status stopped = builder->stop();
  tell_builds(run, kept, plan);
  BUILDLAB_TRY(built);
  BUILDLAB_TRY(concluded);
  BUILDLAB_TRY(stopped);
  if (run.further) return {};
  tell_moved_bases(run, kept, plan);
  return {};
}

}  // namespace buildlab::run
