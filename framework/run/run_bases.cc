#include "framework/run/run_bases.h"

#include <fmt/format.h>
#include <algorithm>
#include <tuple>

#include "framework/base/environment.h"
#include "framework/base/json.h"
#include "framework/engine/reference.h"
#include "framework/record/json_fields.h"

namespace buildlab::run {
namespace {

constexpr int k_pins_version = 1;
constexpr std::size_t k_most_pins = 1000;
constexpr Bytes k_largest_file{16ULL << 20U};

Json to_json(const Pin& pin) {
  return {{"reference", pin.base.canonical},
          {"platform", pin.platform},
          {"digest", pin.base.digest.text()},
          {"made_locally", pin.base.made_locally},
          {"trusts_host_authorities", pin.base.trusts_host_authorities}};
}

bool is_movable(const std::string& canonical) {
  const auto reference = engine::parse_reference(canonical);
  return reference && !reference->digest && reference->canonical() == canonical;
}

Pin read_pin(const record::Fields& fields) {
  std::string canonical = fields.text("reference");
  if (!is_movable(canonical)) fields.wrong("reference", "is not the whole name of an image with a tag");
  const auto digest = Digest::parse(fields.text("digest"));
  if (!digest) fields.wrong("digest", "is no digest");
  return {fields.text("platform"),
          {.reference = canonical,
           .canonical = std::move(canonical),
           .digest = digest ? *digest : sha256(""),
           .made_locally = fields.boolean("made_locally"),
           .trusts_host_authorities = fields.boolean("trusts_host_authorities")}};
}

bool same_key(const Pin& a, const Pin& b) {
  return a.platform == b.platform && a.base.canonical == b.base.canonical &&
         a.base.made_locally == b.base.made_locally;
}

const engine::ResolvedBase* find(const std::vector<engine::ResolvedBase>& bases,
                                 const std::string& canonical) {
  const auto found =
      std::find_if(bases.begin(), bases.end(), [&](const auto& base) { return base.canonical == canonical; });
  return found == bases.end() ? nullptr : &*found;
}

// Whether there was something new among them.
bool add(std::vector<Pin>& pins, const BaseQuestion& question,
         const std::vector<engine::ResolvedBase>& bases) {
  const std::size_t before = pins.size();
  for (const engine::ResolvedBase& base : bases) {
    if (!is_movable(base.canonical) || find(usable(pins, question), base.canonical) != nullptr) continue;
    Pin pin{question.platform, base};
    pin.base.reference = base.canonical;
    pins.push_back(std::move(pin));
  }
  return pins.size() > before;
}

tl::unexpected<Error> refused(const std::string& what, std::string_view name) {
  return fail(ErrorKind::infrastructure, what,
              {"it tells which base images the builds of this run have, so that none of them can be made now",
               fmt::format("start a new run (ctest or build-lab run anew), or remove {}", name)});
}

}  // namespace

Result<std::vector<Pin>> parse_pins(std::string_view text, std::string_view name) {
  const auto json = parse_json(text, name);
  if (!json) return refused(json.error().message, name);
  record::FieldErrors errors{std::string(name), std::nullopt};
  const record::Fields fields(*json, "", errors);
  if (fields.integer<int>("schema_version") != k_pins_version)
    fields.wrong("schema_version", fmt::format("is not {}", k_pins_version));
  const Json* list = fields.raw("bases");
  if (list != nullptr && list->is_array() && list->size() > k_most_pins)
    fields.wrong("bases", fmt::format("has more than {} of them", k_most_pins));
  std::vector<Pin> pins;
  if (!errors.first) pins = fields.objects("bases", read_pin);
  std::vector<const Pin*> sorted;
  for (const Pin& pin : pins) sorted.push_back(&pin);
  const auto key = [](const Pin* pin) {
    return std::tie(pin->base.canonical, pin->platform, pin->base.made_locally);
  };
  std::sort(sorted.begin(), sorted.end(), [&](const Pin* a, const Pin* b) { return key(a) < key(b); });
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end(),
                                        [](const Pin* a, const Pin* b) { return same_key(*a, *b); });
  if (!errors.first && twice != sorted.end())
    fields.wrong("bases", fmt::format("has {} twice", (*twice)->base.canonical));
  if (errors.first) return refused(*errors.first, name);
  return pins;
}

std::string to_text(const std::vector<Pin>& pins) {
  Json bases = Json::array();
  for (const Pin& pin : pins) bases.push_back(to_json(pin));
  return to_pretty_text({{"schema_version", k_pins_version}, {"bases", std::move(bases)}});
}

BaseQuestion question_of(const scenario::Subject& subject) {
  return {subject.platform, subject.local_base || environment("BUILDLAB_LOCAL_BASE") == "1"};
}

std::vector<engine::ResolvedBase> usable(const std::vector<Pin>& pins, const BaseQuestion& question) {
  std::vector<engine::ResolvedBase> bases;
  for (const Pin& pin : pins) {
    if (pin.platform != question.platform || (pin.base.made_locally && !question.allow_local)) continue;
    if (find(bases, pin.base.canonical) == nullptr) bases.push_back(pin.base);
  }
  return bases;
}

Result<std::optional<FileLock>> RunBases::lock() const {
  if (!m_place) return std::nullopt;
  BUILDLAB_ASSIGN(FileLock held, FileLock::lock(m_place->lock, m_wait));
  return std::optional(std::move(held));
}

Result<std::vector<Pin>> RunBases::read() const {
  if (!m_place) return m_own;
  std::error_code code;
  if (!std::filesystem::exists(std::filesystem::symlink_status(m_place->file, code)))
    return std::vector<Pin>();
  BUILDLAB_ASSIGN(const std::string text, read_file(m_place->file, k_largest_file));
  return parse_pins(text, m_place->file.string());
}

Status RunBases::write(std::vector<Pin> pins) {
  if (pins.size() > k_most_pins)
    return fail(ErrorKind::infrastructure,
                fmt::format("a run can have builds with at most {} base images", k_most_pins));
  if (m_place) return write_file_atomic(m_place->file, to_text(pins));
  m_own = std::move(pins);
  return {};
}

Result<engine::BaseImages> RunBases::resolve(const BaseQuestion& question, const Ask& ask) {
  BUILDLAB_ASSIGN(const std::optional<FileLock> held, lock());
  BUILDLAB_ASSIGN(std::vector<Pin> pins, read());
  BUILDLAB_ASSIGN(engine::BaseImages images, ask(usable(pins, question)));
  if (add(pins, question, images.resolved)) BUILDLAB_TRY(write(std::move(pins)));
  return images;
}

Result<std::vector<engine::ResolvedBase>> RunBases::agree(const BaseQuestion& question,
                                                          const std::vector<engine::ResolvedBase>& known) {
  BUILDLAB_ASSIGN(const std::optional<FileLock> held, lock());
  BUILDLAB_ASSIGN(std::vector<Pin> pins, read());
  const bool more = add(pins, question, known);
  std::vector<engine::ResolvedBase> bases = usable(pins, question);
  if (more) BUILDLAB_TRY(write(std::move(pins)));
  return bases;
}

}  // namespace buildlab::run
