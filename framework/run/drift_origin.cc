#include "framework/run/drift_origin.h"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/dockerfile/isolate.h"
#include "framework/drift/layer_lines.h"
#include "framework/image/image_file.h"
#include "framework/metrics/provenance.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;
using dockerfile::Instruction;
using dockerfile::LineRange;
using record::DriftingStep;
using record::Origin;

// Building a step again costs what the step costs.
constexpr int k_max_rebuilt = 12;

using Layers = std::vector<record::LayerRow>;

struct Written {
  const Instruction* instruction = nullptr;
  std::size_t stage = 0;
};

// A step whose inputs differed: whether it drifts by itself is only seen on equal ones.
struct Suspect {
  LineRange lines;
  Layers layers;  // of the first build's image of its stage
  std::size_t layer = 0;
};

// One of the two builds, with the state that it left.
struct State {
  int iteration = 0;
  std::unique_ptr<engine::Builder> builder;  // started when it is first needed
};

class OriginFinder {
 public:
  OriginFinder(ScenarioRun& run, const DriftSource& source, int build_a, int build_b)
      : m_run(run), m_source(source), m_a{build_a, nullptr}, m_b{build_b, nullptr} {}

  Result<std::vector<DriftingStep>> find() {
    const auto& stages = m_run.state.dockerfile.stages;
    std::size_t target = stages.size() - 1;
    for (const dockerfile::Stage& stage : stages) {
      if (m_run.subject.target && stage.name == to_lower(*m_run.subject.target)) target = stage.index;
    }
    BUILDLAB_TRY(look_at(target, layers_of_build(m_a.iteration), layers_of_build(m_b.iteration)));
    // A step that is built again replaces what the cache holds of it; so what comes last goes first, and each
    // finds the steps before it as the build left them.
    std::sort(m_suspects.begin(), m_suspects.end(),
              [](const Suspect& x, const Suspect& y) { return x.lines > y.lines; });
    for (const Suspect& suspect : m_suspects) BUILDLAB_TRY(build_again(suspect));
    for (State* state : {&m_a, &m_b}) {
      if (state->builder) BUILDLAB_TRY(state->builder->stop());
    }
    return std::move(m_steps);
  }

 private:
  Layers layers_of_build(int iteration) const {
    for (const record::Build& build : m_run.record.builds) {
      if (build.iteration == iteration && build.image) return build.image->layers;
    }
    return {};
  }

  // Whether the two images of a stage differ; their drifting steps are noted.
  Result<bool> look_at(std::size_t stage, const Layers& a, const Layers& b) {
    if (a.size() != b.size()) return true;
    bool below_differs = false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a[i].diff_id == b[i].diff_id) continue;
      const std::optional<Written> place = a[i].lines ? find_instruction(*a[i].lines) : std::nullopt;
      if (place && !is_known(place->instruction->lines)) {
        BUILDLAB_TRY(judge(*place, a, i, below_differs));
      }
      below_differs = true;
    }
    m_differs[stage] = below_differs;
    return below_differs;
  }

  Status judge(const Written& place, const Layers& a, std::size_t layer, bool below_differs) {
    const Instruction& instruction = *place.instruction;
    DriftingStep step{instruction.lines, one_line(instruction.text, 200), Origin::root,
                      "its inputs were equal and its results were not"};
    bool inputs_differ = below_differs;
    for (const std::size_t from : stages_read_by(place)) {
      BUILDLAB_ASSIGN(const bool differs, stage_differs(from));
      inputs_differ = inputs_differ || differs;
    }
    if (inputs_differ && instruction.keyword != "RUN") {
      step.origin = Origin::inherited;
      step.why = "it passes on what differed before it";
    } else if (inputs_differ) {
      m_suspects.push_back({step.lines, a, layer});
    }
    m_steps.push_back(std::move(step));
    return {};
  }

  bool is_known(const LineRange& lines) const {
    return std::any_of(m_steps.begin(), m_steps.end(),
                       [&](const DriftingStep& step) { return step.lines == lines; });
  }

  std::optional<Written> find_instruction(const LineRange& lines) const {
    for (const dockerfile::Stage& stage : m_run.state.dockerfile.stages) {
      for (const Instruction& instruction : stage.instructions) {
        if (instruction.lines == lines) return Written{&instruction, stage.index};
      }
    }
    return std::nullopt;
  }

  // COPY --from=NAME and RUN --mount=…,from=NAME, by name or number.
  std::vector<std::size_t> stages_read_by(const Written& place) const {
    std::vector<std::size_t> found;
    for (const std::string& flag : place.instruction->flags) {
      std::string_view rest = flag;
      std::size_t at = rest.find("from=");
      if (at == std::string_view::npos || at == 0 || (rest[at - 1] != '-' && rest[at - 1] != ',')) continue;
      rest.remove_prefix(at + 5);
      const std::string name = to_lower(rest.substr(0, rest.find(',')));
      for (const dockerfile::Stage& stage : m_run.state.dockerfile.stages) {
        if (stage.index >= place.stage) break;
        if (stage.name == name || std::to_string(stage.index) == name) found.push_back(stage.index);
      }
    }
    return found;
  }

  Result<bool> stage_differs(std::size_t stage) {
    if (const auto known = m_differs.find(stage); known != m_differs.end()) return known->second;
    m_run.observer.message(fmt::format("{}: comparing stage {} of both builds", m_run.scenario.name,
                                       m_run.state.dockerfile.stages[stage].label()));
    BUILDLAB_ASSIGN(const Layers a, layers_of_stage(m_a, stage));
    BUILDLAB_ASSIGN(const Layers b, layers_of_stage(m_b, stage));
    return look_at(stage, a, b);
  }

  // All of it comes from the cache that the build left, so this is an export only.
  Result<Layers> layers_of_stage(State& state, std::size_t stage) {
    const auto [text, name] =
        dockerfile::with_named_stage(m_run.state.dockerfile_text, m_run.state.dockerfile, stage);
    return build_with(state, text, name, false);
  }

  Status build_again(const Suspect& suspect) {
    DriftingStep& step = *std::find_if(m_steps.begin(), m_steps.end(), [&](const DriftingStep& known) {
      return known.lines == suspect.lines;
    });
    const Layers& a = suspect.layers;
    const std::size_t layer = suspect.layer;
    step.origin = Origin::unknown;
    step.why = "its inputs differed, and it was not built again";
    const auto text = dockerfile::isolate(m_run.state.dockerfile_text, m_run.state.dockerfile, step.lines);
    if (!text || m_rebuilt == k_max_rebuilt) return {};
    ++m_rebuilt;
    m_run.observer.message(fmt::format("{}: building {}:{} again on equal inputs", m_run.scenario.name,
                                       m_run.state.dockerfile_path, step.lines.first));
    auto again = build_with(m_a, *text, dockerfile::k_isolated_stage, true);
    if (!again) {
      if (again.error().kind == ErrorKind::interrupted)
        return tl::unexpected<Error>(std::move(again).error());
      step.why = fmt::format("building it again failed: {}", again.error().message);
      return {};
    }
    bool same_inputs = again->size() == layer + 1;
    for (std::size_t i = 0; same_inputs && i < layer; ++i) same_inputs = (*again)[i].diff_id == a[i].diff_id;
    if (!same_inputs) {
      step.why = "its inputs could not be had from the cache again";
    } else if (again->back().diff_id == a[layer].diff_id) {
      step.origin = Origin::inherited;
      step.why = "built again on equal inputs, it gave the same";
    } else {
      step.origin = Origin::root;
      step.why = "built again on equal inputs, it gave something else";
    }
    return {};
  }

  Result<Layers> build_with(State& state, const std::string& dockerfile_text, const std::string& target,
                            bool only_this_anew) {
    if (!state.builder) {
      engine::BuilderOptions options = builder_options(m_run, m_source.bases.mirrors);
      options.root = m_source.root_of(state.iteration);
      options.kept = true;
      if (options.root.empty()) return fail(ErrorKind::infrastructure, "the state of the build is gone");
      BUILDLAB_ASSIGN(state.builder, engine::Builder::start(options));
    }
    const fs::path folder = m_source.scratch / fmt::format("{}", ++m_count);
    BUILDLAB_TRY(make_directories(folder));
    BUILDLAB_TRY(write_file_atomic(folder / "Dockerfile", dockerfile_text));
    fs::path ignore = m_source.context / m_run.subject.dockerfile;
    ignore += ".dockerignore";
    std::error_code code;
    if (fs::exists(ignore, code)) fs::copy_file(ignore, folder / "Dockerfile.dockerignore", code);

    engine::BuildRequest request =
        make_request(m_run, m_source.context, m_source.build_args, m_source.bases.resolved);
    request.dockerfile = folder / "Dockerfile";
    request.target = target;
    // Only DiffIDs are read of it: to compress a stage with a compiler would take longer than its build.
    request.export_attributes["compression"] = "uncompressed";
    if (only_this_anew) request.no_cache_filter = {target};
    BUILDLAB_ASSIGN(engine::BuildArtifacts artifacts,
                    state.builder->build(request, folder / "build", [](std::string_view) {}));
    if (std::holds_alternative<process::Interrupted>(artifacts.termination)) {
      return fail(ErrorKind::interrupted, "interrupted");
    }
    if (!process::succeeded(artifacts.termination)) {
      return fail(ErrorKind::build_failed, process::to_string(artifacts.termination));
    }
    BUILDLAB_ASSIGN(const image::ImageFile file,
                    image::ImageFile::open(artifacts.image, m_run.subject.platform));
    const image::Image& image = file.image();
    BUILDLAB_TRY(state.builder->read_provenance({&artifacts}));
    BUILDLAB_ASSIGN(const std::string text, read_file(artifacts.provenance));
    BUILDLAB_ASSIGN(const metrics::Provenance provenance, metrics::parse_provenance(text, "provenance.json"));
    const auto lines = drift::lines_of_layers(provenance, file.config(), image.layers.size()).lines;
    Layers layers;
    for (std::size_t i = 0; i < image.layers.size(); ++i) {
      const image::Layer& layer = image.layers[i];
      layers.push_back({layer.digest.text(), layer.diff_id.text(), layer.size.count, lines[i]});
    }
    (void)remove_tree(folder);
    return layers;
  }

  ScenarioRun& m_run;
  const DriftSource& m_source;
  State m_a;
  State m_b;
  std::map<std::size_t, bool> m_differs;
  std::vector<DriftingStep> m_steps;
  std::vector<Suspect> m_suspects;
  int m_rebuilt = 0;
  int m_count = 0;
};

}  // namespace

Result<std::vector<DriftingStep>> find_origins(ScenarioRun& run, const DriftSource& source, int build_a,
                                               int build_b) {
  return OriginFinder(run, source, build_a, build_b).find();
}

}  // namespace buildlab::run
