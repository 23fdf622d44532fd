#include "framework/run/edited_subject.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/file.h"

namespace buildlab::run {

Result<std::shared_ptr<const SubjectState>> edited_subject(
    const ScenarioRun& run, const std::filesystem::path& copy,
    const std::map<std::string, std::string>& build_args) {
  auto text = read_file(copy / run.subject.dockerfile, Bytes{16U << 20U});
  if (!text) {
    return fail(
        ErrorKind::usage,
        fmt::format("scenario \"{}\": its mutations left no Dockerfile in the copy of the context: {}",
                    run.scenario.name, text.error().message));
  }
  auto parsed = dockerfile::parse_dockerfile(*text, run.state.dockerfile_path);
  if (!parsed) return fail_in("the Dockerfile as the mutations left it", std::move(parsed).error());
  BUILDLAB_ASSIGN(std::vector<std::string> images,
                  dockerfile::external_images(*parsed, run.subject.target, build_args, run.subject.platform));
  Digest digest = sha256(*text);
  if (digest == run.state.dockerfile_digest && images == run.state.images)
    return std::shared_ptr<const SubjectState>();
  SubjectState edited = run.state;
  edited.dockerfile_text = std::move(*text);
  edited.dockerfile_digest = std::move(digest);
  edited.dockerfile = std::move(*parsed);
  edited.images = std::move(images);
  return std::make_shared<const SubjectState>(std::move(edited));
}

Status apply_edit(ScenarioRun& run, const std::filesystem::path& copy, Order& order) {
  if (run.scenario.input_mutation.empty()) return {};
  BUILDLAB_ASSIGN(const context::Applied applied, mutate(run, copy, order.iteration));
  for (const auto& [name, value] : applied.build_args) order.build_args[name] = value;
  order.mutation = applied.description;
  BUILDLAB_ASSIGN(order.edited, edited_subject(run, copy, order.build_args));
  if (order.edited && order.edited->dockerfile_digest != run.state.dockerfile_digest && order.iteration == 1)
    run.record.notes.emplace_back(
        "the mutation changes the Dockerfile: lines of the measured builds are those of the changed copy");
  return {};
}

Result<engine::BaseImages> images_of(ScenarioRun& run, const Order& order,
                                     const engine::BaseImages& of_subject) {
  if (!order.edited || order.edited->images == run.state.images) return of_subject;
  BUILDLAB_ASSIGN(const engine::BaseImages* others, run.resolve_bases(*order.edited));
  engine::BaseImages all = of_subject;
  for (const engine::ResolvedBase& base : others->resolved) {
    const bool known = std::any_of(all.resolved.begin(), all.resolved.end(),
                                   [&base](const auto& each) { return each.reference == base.reference; });
    if (!known) all.resolved.push_back(base);
  }
  for (const engine::Mirror& mirror : others->mirrors) {
    const bool known = std::any_of(all.mirrors.begin(), all.mirrors.end(), [&mirror](const auto& each) {
      return each.registry == mirror.registry && each.endpoint == mirror.endpoint;
    });
    if (!known) all.mirrors.push_back(mirror);
  }
  if (!all.local_registry) all.local_registry = others->local_registry;
  return all;
}

}  // namespace buildlab::run
