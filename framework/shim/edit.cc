#include "framework/shim/edit.h"

#include <fmt/format.h>
#include <algorithm>

#include "framework/base/text.h"
#include "framework/variation/canary.h"

namespace buildlab::shim {
namespace {

using variation::Application;
using variation::How;
using variation::Kind;
using variation::Variation;

// Below /dev, which is a tmpfs of the container: a mount's target anywhere else would stay as an empty file
// in the layer.
constexpr const char* k_library_in_container = "/dev/buildlab-faketime.so";

class Editor {
 public:
  Editor(Edit& edit, const Surroundings& surroundings) : m_edit(edit), m_surroundings(surroundings) {}

  Application apply(const Variation& variation);

 private:
  Json& process() { return m_edit.config["process"]; }
  bool has_variable(std::string_view name) const;
  void set_variable(std::string_view name, const std::string& value);
  Application set_unless_pinned(const Variation& variation,
                                const std::vector<std::pair<std::string_view, std::string>>& variables);
  Application clock(const Variation& variation);
  Application locale(const Variation& variation);
  Application processor(const Variation& variation);
  std::string clock_obstacle() const;

  static Application refused(const Variation& variation, std::string reason) {
    return {variation, How::refused, std::move(reason)};
  }

  Edit& m_edit;
  const Surroundings& m_surroundings;
};

bool Editor::has_variable(std::string_view name) const {
  const auto variables = process_texts(m_edit.config, "env");
  return std::any_of(variables.begin(), variables.end(), [&](const std::string& entry) {
    return entry.starts_with(name) && entry.size() > name.size() && entry[name.size()] == '=';
  });
}

void Editor::set_variable(std::string_view name, const std::string& value) {
  process()["env"].push_back(fmt::format("{}={}", name, value));
}

Application Editor::set_unless_pinned(
    const Variation& variation, const std::vector<std::pair<std::string_view, std::string>>& variables) {
  for (const auto& [name, value] : variables) {
    if (has_variable(name)) return {variation, How::pinned, fmt::format("the image sets {} itself", name)};
  }
  for (const auto& [name, value] : variables) set_variable(name, value);
  return {variation};
}

// Why libfaketime would not work in this container; "" when nothing speaks against it.
std::string Editor::clock_obstacle() const {
  const Facts& facts = m_surroundings.facts;
  if (m_surroundings.faketime.empty()) return "libfaketime is not installed on the builder's host";
  if (std::string obstacle = preload_obstacle(facts.program, facts.program_name); !obstacle.empty())
    return obstacle;
  if (!facts.glibc) return "the image has no libc.so.6 where it is looked for";
  if (!facts.has_libm) return "the image has no libm.so.6, which libfaketime needs";
  const auto& needed = m_surroundings.faketime_needs;
  if (needed && *facts.glibc < *needed) {
    return fmt::format("the image's glibc {} is older than the {} that the host's libfaketime needs",
                       to_string(*facts.glibc), to_string(*needed));
  }
  return "";
}

Application Editor::clock(const Variation& variation) {
  if (std::string obstacle = clock_obstacle(); !obstacle.empty())
    return refused(variation, std::move(obstacle));
  if (has_variable("FAKETIME")) return {variation, How::pinned, "the image sets FAKETIME itself"};
  m_edit.config["mounts"].push_back({{"destination", k_library_in_container},
                                     {"type", "bind"},
                                     {"source", m_surroundings.faketime},
                                     {"options", {"bind", "ro", "nosuid", "nodev"}}});
  // An LD_PRELOAD of the image keeps its effect behind ours.
  bool preloads = false;
  for (Json& entry : process()["env"]) {
    if (!entry.is_string() || !entry.get_ref<const std::string&>().starts_with("LD_PRELOAD=")) continue;
    entry = fmt::format("LD_PRELOAD={}:{}", k_library_in_container,
                        entry.get_ref<const std::string&>().substr(std::string_view("LD_PRELOAD=").size()));
    preloads = true;
  }
  if (!preloads) set_variable("LD_PRELOAD", k_library_in_container);
  set_variable("FAKETIME", fmt::format("{:+}", variation.offset_sec));
  // make and its like compare the times of files, which stay as they are; timeouts stay those of the clock
  // that never jumps.
  set_variable("NO_FAKE_STAT", "1");
  set_variable("FAKETIME_DONT_FAKE_MONOTONIC", "1");
  return {variation};
}

Application Editor::locale(const Variation& variation) {
  for (const std::string_view name : {"LC_ALL", "LANG"}) {
    if (has_variable(name)) return {variation, How::pinned, fmt::format("the image sets {} itself", name)};
  }
  const std::vector<std::string>& there = m_surroundings.facts.locales;
  const auto is_plain = [](const std::string& name) {
    return name == "C" || name == "POSIX" || to_lower(name).starts_with("c.utf");
  };
  std::string chosen;
  // One with rules of its own for order and messages shows more than C.UTF-8.
  const auto own = std::find_if_not(there.begin(), there.end(), is_plain);
  const bool has_utf8 =
      std::any_of(there.begin(), there.end(),
                  [](const std::string& name) { return to_lower(name).starts_with("c.utf"); }) ||
      m_surroundings.facts.glibc >= GlibcVersion{2, 35};  // built in from here on
  if (own != there.end()) {
    chosen = *own;
  } else if (has_utf8 || !m_surroundings.facts.glibc) {
    chosen = "C.UTF-8";  // other C libraries need no files for it
  } else {
    return refused(variation, "the image has no locale but C");
  }
  if (chosen.ends_with(".utf8")) chosen.replace(chosen.size() - 4, 4, "UTF-8");
  set_variable("LANG", chosen);
  set_variable("LC_ALL", chosen);
  return {variation};
}

Application Editor::processor(const Variation& variation) {
  if (m_surroundings.processors.size() < 2) return refused(variation, "there is one processor only");
  m_edit.one_processor = true;
  // Newer runtimes undo an inherited binding, but not a control group's.
  if (m_surroundings.cpu_sets)
    m_edit.config["linux"]["resources"]["cpu"]["cpus"] = fmt::format("{}", m_surroundings.processor);
  return {variation};
}

Application Editor::apply(const Variation& variation) {
  switch (variation.kind) {
    case Kind::environment:
      return set_unless_pinned(variation,
                               {{variation::k_canary_variable, std::string(variation::k_canary_value)}});
    case Kind::hostname:
      m_edit.config["hostname"] = variation::k_canary_hostname;
      m_edit.host_name = variation::k_canary_hostname;
      return {variation};
    case Kind::clock:
      return clock(variation);
    case Kind::time_zone:
      return set_unless_pinned(
          variation,
          {{"TZ", m_surroundings.facts.has_zones ? std::string(k_far_zone)
                                                 : fmt::format("<{}>-13:37", variation::k_canary_zone)}});
    case Kind::locale:
      return locale(variation);
    case Kind::umask:
      process()["user"]["umask"] = 0002;
      return {variation};
    case Kind::user:
      return set_unless_pinned(variation, {{"USER", std::string(variation::k_canary_user)},
                                           {"LOGNAME", std::string(variation::k_canary_user)}});
    case Kind::cpus:
      return processor(variation);
    case Kind::kernel:
      m_edit.old_kernel = true;
      return {variation};
    case Kind::aslr:
      m_edit.no_randomisation = true;
      return {variation};
    default:
      return refused(variation, "it is no container's affair");
  }
}

bool is_list_of_texts(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return true;
  return found->is_array() &&
         std::all_of(found->begin(), found->end(), [](const Json& e) { return e.is_string(); });
}

Status check(const Json& config) {
  const auto wrong = [](const char* what) {
    return fail(ErrorKind::infrastructure, fmt::format("the container's config.json: {}", what));
  };
  if (!config.is_object() || !config.contains("process") || !config.at("process").is_object())
    return wrong("no process");
  const Json& process = config.at("process");
  if (!is_list_of_texts(process, "args") || !is_list_of_texts(process, "env"))
    return wrong("args or env is no list of texts");
  if (process.contains("user") && !process.at("user").is_object()) return wrong("user is no object");
  if (config.contains("mounts")) {
    const Json& mounts = config.at("mounts");
    if (!mounts.is_array() ||
        !std::all_of(mounts.begin(), mounts.end(), [](const Json& m) { return m.is_object(); }))
      return wrong("mounts is no list of objects");
  }
  const Json* inner = &config;
  for (const char* key : {"linux", "resources", "cpu"}) {
    const auto found = inner->find(key);
    if (found == inner->end()) break;
    if (!found->is_object()) return wrong("linux.resources.cpu is no object");
    inner = &*found;
  }
  return {};
}

bool is_hosts(const Json& mount) {
  return text_member(mount, "destination") == "/etc/hosts";
}

}  // namespace

std::vector<std::string> process_texts(const Json& config, const char* key) {
  std::vector<std::string> texts;
  if (!config.is_object() || !config.contains("process") || !config.at("process").is_object()) return texts;
  const Json& process = config.at("process");
  if (!process.contains(key) || !process.at(key).is_array()) return texts;
  for (const Json& text : process.at(key)) {
    if (text.is_string()) texts.push_back(text.get<std::string>());
  }
  return texts;
}

Result<Edit> edit(const Json& config, const std::vector<Variation>& variations,
                  const Surroundings& surroundings) {
  BUILDLAB_TRY(check(config));
  Edit result;
  result.config = config;
  if (!result.config["process"].contains("env")) result.config["process"]["env"] = Json::array();
  if (!result.config.contains("mounts")) result.config["mounts"] = Json::array();
  Editor editor(result, surroundings);
  for (const Variation& variation : variations) {
    if (variation::describe(variation.kind).place != variation::Place::container) continue;
    result.applications.push_back(editor.apply(variation));
  }
  return result;
}

std::string hosts_source(const Json& config) {
  if (!config.contains("mounts")) return "";
  for (const Json& mount : config.at("mounts")) {
    if (is_hosts(mount)) return text_member(mount, "source");
  }
  return "";
}

bool replace_hosts(Json& config, const std::string& source) {
  for (Json& mount : config["mounts"]) {
    if (!is_hosts(mount)) continue;
    mount["source"] = source;
    return true;
  }
  return false;
}

}  // namespace buildlab::shim
