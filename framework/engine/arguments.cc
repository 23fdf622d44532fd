#include "framework/engine/arguments.h"

#include <fmt/format.h>

#include "framework/base/json.h"
#include "framework/base/through_url.h"

namespace buildlab::engine {
namespace {

// The client splits these values as one CSV record (RFC 4180).
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string csv_record(const std::vector<std::pair<std::string, std::string>>& attributes) {
  std::string record;
  for (const auto& [name, value] : attributes) {
    if (!record.empty()) record += ',';
    record += csv_field(name + "=" + value);
  }
  return record;
}

std::string cache_record(const CacheAttributes& cache) {
  std::vector<std::pair<std::string, std::string>> attributes{{"type", cache.type}};
  attributes.insert(attributes.end(), cache.attributes.begin(), cache.attributes.end());
  return csv_record(attributes);
}

// As a regular expression of Go, which has no look-ahead: what does not begin with `prefix`, a text of
// digits, dots, colons and slashes.
std::string anything_but(std::string_view prefix) {
  std::string expression = "(?:";
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if (i > 0) expression += '|';
    for (const char c : prefix.substr(0, i)) expression += fmt::format("[{}]", c);
    expression += fmt::format("[^{}]", prefix[i]);
  }
  return expression + ")";
}

}  // namespace

ClientFiles client_files(const std::filesystem::path& folder) {
  return {.metadata = folder / "metadata.json",
          .reference = folder / "reference.txt",
          .image = folder / k_image_name,
          .policy = folder / "policy.json"};
}

std::vector<std::string> build_arguments(const BuildRequest& request, const ClientFiles& files) {
  std::vector<std::string> arguments{"build", "--progress=rawjson", "--frontend=dockerfile.v0"};
  const auto add = [&arguments](std::string name, std::string value) {
    arguments.push_back(std::move(name));
    arguments.push_back(std::move(value));
  };
  // The client's session has no key of its own, so a daemon keeps one copy of "context" and is sent what
  // differs, whatever folder the copy lies in.
  const std::filesystem::path dockerfile = request.context / request.dockerfile;
  add("--local", "context=" + request.context.string());
  add("--local", "dockerfile=" + dockerfile.parent_path().string());
  add("--opt", "filename=" + dockerfile.filename().string());
  if (request.target) add("--opt", "target=" + *request.target);
  if (!request.platform.empty()) add("--opt", "platform=" + request.platform);
  for (const auto& [name, value] : request.build_args) {
    if (name == "SOURCE_DATE_EPOCH" && request.source_date_epoch) continue;
    add("--opt", fmt::format("build-arg:{}={}", name, value));
  }
  if (request.source_date_epoch) {
    add("--opt", fmt::format("build-arg:SOURCE_DATE_EPOCH={}", *request.source_date_epoch));
  }
  if (request.no_cache) {
    arguments.emplace_back("--no-cache");
  } else if (!request.no_cache_filter.empty()) {
    add("--opt", fmt::format("no-cache={}", fmt::join(request.no_cache_filter, ",")));
  }
  for (const auto& [name, value] : request.frontend_options) add("--opt", fmt::format("{}={}", name, value));
  for (const SecretSource& secret : request.secrets) {
    std::vector<std::pair<std::string, std::string>> attributes{{"id", secret.id}};
    if (secret.file) attributes.emplace_back("src", secret.file->string());
    if (secret.environment_variable) attributes.emplace_back("env", *secret.environment_variable);
    add("--secret", csv_record(attributes));
  }
  for (const CacheAttributes& cache : request.cache_imports) add("--import-cache", cache_record(cache));
  for (const CacheAttributes& cache : request.cache_exports) add("--export-cache", cache_record(cache));
  if (request.export_oci) {
    std::vector<std::pair<std::string, std::string>> attributes{{"type", "oci"},
                                                                {"dest", files.image.string()}};
    attributes.insert(attributes.end(), request.export_attributes.begin(), request.export_attributes.end());
    add("--output", csv_record(attributes));
  }
  if (request.push) {
    std::vector<std::pair<std::string, std::string>> attributes{
        {"type", "image"}, {"name", *request.push}, {"push", "true"}};
    attributes.insert(attributes.end(), request.push_attributes.begin(), request.push_attributes.end());
    add("--output", csv_record(attributes));
  }
  if (request.proxy_network) arguments.emplace_back("--proxy-network");
  if (needs_policy(request)) add("--source-policy-file", files.policy.string());
  add("--metadata-file", files.metadata.string());
  add("--ref-file", files.reference.string());
  return arguments;
}

bool needs_policy(const BuildRequest& request) {
  return !request.pins.empty() || request.fetch_server;
}

std::string source_policy(const std::map<std::string, Digest>& pins,
                          const std::optional<std::string>& fetch_server) {
  Json rules = Json::array();
  for (const auto& [reference, digest] : pins) {
    rules.push_back(
        {{"action", "CONVERT"},
         {"selector", {{"identifier", "docker-image://" + reference}}},
         {"updates", {{"identifier", fmt::format("docker-image://{}@{}", reference, digest.text())}}}});
  }
  if (fetch_server) {
    // BuildKit looks at what a rule made again, so that the rule must not match its own result.
    rules.push_back(
        {{"action", "CONVERT"},
         {"selector",
          {{"identifier", fmt::format("^(https?)://({}.*)$", anything_but(*fetch_server + "/"))},
           {"match_type", "REGEX"}}},
         {"updates",
          {{"identifier", fmt::format("http://{}{}${{1}}/${{2}}", *fetch_server, k_through_path)}}}});
  }
  return to_pretty_text(Json{{"rules", std::move(rules)}});
}

}  // namespace buildlab::engine
