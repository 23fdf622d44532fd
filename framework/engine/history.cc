#include "framework/engine/history.h"

#include <fmt/format.h>

#include "framework/base/json.h"
#include "framework/base/text.h"

namespace buildlab::engine {
namespace {

constexpr std::string_view k_slsa = "https://slsa.dev/provenance/v1";

std::optional<std::string> attestation_of(const Json& result) {
  if (!result.is_object() || !result.contains("Attestations") || !result.at("Attestations").is_array()) {
    return std::nullopt;
  }
  for (const Json& attestation : result.at("Attestations")) {
    const Json annotations = attestation.value("annotations", Json::object());
    if (annotations.is_object() && annotations.value("in-toto.io/predicate-type", "") == k_slsa) {
      return attestation.value("digest", "");
    }
  }
  return std::nullopt;
}

}  // namespace

Result<std::map<std::string, Digest>> provenance_blobs(std::string_view histories) {
  std::map<std::string, Digest> blobs;
  for (const std::string_view line : split(histories, '\n')) {
    if (trim(line).empty()) continue;
    BUILDLAB_ASSIGN(const Json event, parse_json(line, "the builder's history"));
    try {
      if (!event.is_object() || !event.contains("record") || !event.at("record").is_object()) continue;
      const Json& record = event.at("record");
      std::optional<std::string> digest = attestation_of(record.value("Result", Json()));
      if (!digest && record.contains("Results") && record.at("Results").is_object()) {
        for (const auto& [platform, result] : record.at("Results").items()) {
          digest = attestation_of(result);
          if (digest) break;
        }
      }
      if (!digest) continue;
      BUILDLAB_ASSIGN(Digest parsed, Digest::parse(*digest));
      blobs.insert_or_assign(record.at("Ref").get<std::string>(), std::move(parsed));
    } catch (const Json::exception& error) {
      return fail(ErrorKind::infrastructure, fmt::format("the builder's history: {}", error.what()));
    }
  }
  return blobs;
}

Result<std::string> provenance_predicate(std::string_view blob) {
  BUILDLAB_ASSIGN(const Json json, parse_json(blob, "provenance"));
  if (!json.is_object()) return fail(ErrorKind::infrastructure, "provenance: not a JSON object");
  if (json.contains("predicate") && json.contains("predicateType")) return to_line(json.at("predicate"));
  return std::string(blob);
}

}  // namespace buildlab::engine
