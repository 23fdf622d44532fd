#include "framework/misses/facts_json.h"

#include <string_view>

namespace buildlab::misses {
namespace {

constexpr int k_version = 1;
constexpr std::string_view k_digits = "0123456789abcdef";

// Names and texts need not be UTF-8, and must come back byte for byte.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && c != '%') {
      result += c;
    } else {
      result += {'%', k_digits[byte >> 4U], k_digits[byte & 15U]};
    }
  }
  return result;
}

std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t high =
        text[i] == '%' && i + 2 < text.size() ? k_digits.find(text[i + 1]) : std::string::npos;
    const std::size_t low = high == std::string::npos ? high : k_digits.find(text[i + 2]);
    if (low == std::string::npos) {
      result += text[i];
      continue;
    }
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return result;
}

using Texts = std::map<std::string, std::string>;

Texts escaped(const Texts& texts) {
  Texts result;
  for (const auto& [name, value] : texts) result.emplace(escaped(name), escaped(value));
  return result;
}

Texts unescaped(const Texts& texts) {
  Texts result;
  for (const auto& [name, value] : texts) result.emplace(unescaped(name), unescaped(value));
  return result;
}

FileFacts file_from(const Json& json) {
  FileFacts file;
  const auto type = json.at(0).get<std::string>();
  file.type = type.empty() ? '?' : type.front();
  file.mode = json.at(1).get<std::uint32_t>();
  file.content = json.at(2).get<std::string>();
  file.attributes = unescaped(json.at(3).get<Texts>());
  return file;
}

}  // namespace

Json to_json(const BuildFacts& facts) {
  Json files = Json::array();
  for (const auto& [path, file] : facts.files) {
    files.push_back({escaped(path), Json::array({std::string(1, file.type), file.mode, file.content,
                                                 escaped(file.attributes)})});
  }
  return {{"schema_version", k_version},
          {"dockerfile", escaped(facts.dockerfile_text)},
          {"target", facts.target ? Json(*facts.target) : Json()},
          {"build_args", escaped(facts.build_args)},
          {"platform", facts.platform},
          {"source_date_epoch", facts.source_date_epoch ? Json(*facts.source_date_epoch) : Json()},
          {"bases", facts.bases},
          {"files", std::move(files)},
          {"sources", escaped(facts.sources)}};
}

std::optional<BuildFacts> from_json(const Json& json) {
  try {
    if (json.at("schema_version").get<int>() != k_version) return std::nullopt;
    BuildFacts facts;
    facts.dockerfile_text = unescaped(json.at("dockerfile").get<std::string>());
    if (const Json& target = json.at("target"); !target.is_null()) facts.target = target.get<std::string>();
    facts.build_args = unescaped(json.at("build_args").get<Texts>());
    facts.platform = json.at("platform").get<std::string>();
    if (const Json& epoch = json.at("source_date_epoch"); !epoch.is_null())
      facts.source_date_epoch = epoch.get<std::int64_t>();
    facts.bases = json.at("bases").get<std::map<std::string, std::string>>();
    for (const Json& entry : json.at("files"))
      facts.files.emplace(unescaped(entry.at(0).get<std::string>()), file_from(entry.at(1)));
    // Not in those of earlier versions.
    if (const auto found = json.find("sources"); found != json.end())
      facts.sources = unescaped(found->get<Texts>());
    return facts;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace buildlab::misses
