#include "framework/engine/log_redactor.h"

#include "framework/base/base64.h"

namespace buildlab::engine {
namespace {

constexpr std::size_t k_telling = 4;  // fewer characters of a secret tell nothing

int stream_of(const Json& log) {
  const auto found = log.find("stream");
  return found != log.end() && found->is_number_integer() ? found->get<int>() : 0;
}

}  // namespace

std::string LogRedactor::line(std::string_view json) {
  if (json.find("\"logs\":[") == std::string_view::npos) return m_redactor.json(json);
  auto parsed = parse_json(json, "a progress line");
  if (!parsed || !parsed->is_object() || !parsed->contains("logs") || !(*parsed)["logs"].is_array()) {
    return m_redactor.json(json);
  }
  bool changed = false;
  for (Json& log : (*parsed)["logs"]) {
    if (!log.is_object()) continue;
    const auto piece = base64_decode(text_member(log, "data"));
    if (!piece) continue;
    std::string& held = m_held[{text_member(log, "vertex"), stream_of(log)}];
    const std::string whole = held + *piece;
    const std::size_t unfinished = m_redactor.unfinished(whole);
    held = whole.substr(whole.size() - unfinished);
    const std::string told = whole.substr(0, whole.size() - unfinished);
    if (told == *piece) continue;
    log["data"] = base64_encode(told);
    changed = true;
  }
  return m_redactor.json(changed ? to_line(*parsed) : std::string(json));
}

std::string LogRedactor::rest() {
  Json logs = Json::array();
  for (const auto& [of, held] : m_held) {
    if (held.empty()) continue;
    const bool tells = held.size() >= k_telling && m_redactor.begins_secret(held);
    logs.push_back({{"vertex", of.first},
                    {"stream", of.second},
                    {"data", base64_encode(tells ? "***" : m_redactor.text(held))}});
  }
  m_held.clear();
  return logs.empty() ? "" : to_line(Json{{"logs", std::move(logs)}});
}

}  // namespace buildlab::engine
