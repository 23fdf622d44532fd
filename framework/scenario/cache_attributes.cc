#include "framework/scenario/cache_attributes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <charconv>

#include "framework/base/text.h"

namespace buildlab::scenario {
namespace {

using Value = CacheAttribute::Value;

constexpr std::size_t k_longest_value = 1024;

CacheAttribute text_attribute(std::string_view name) {
  return {name};
}

CacheAttribute flag_attribute(std::string_view name, bool exports_only) {
  return {.name = name, .value = Value::boolean, .exports_only = exports_only};
}

CacheAttribute secret_attribute(std::string_view name) {
  return {.name = name, .secret = true};
}

CacheAttribute number_attribute(std::string_view name, int least, int most) {
  return {.name = name, .value = Value::integer, .least = least, .most = most, .exports_only = true};
}

std::vector<CacheAttribute> compressions() {
  return {{.name = "compression",
           .value = Value::word,
           .words = {"gzip", "zstd", "estargz", "uncompressed"},
           .exports_only = true},
          number_attribute("compression-level", 0, 22),
          flag_attribute("force-compression", true)};
}

// Of the exporters that write a manifest.
std::vector<CacheAttribute> manifest_attributes() {
  std::vector<CacheAttribute> made = compressions();
  for (const char* name : {"image-manifest", "oci-mediatypes", "ignore-error"})
    made.push_back(flag_attribute(name, true));
  return made;
}

std::vector<CacheAttribute> registry_attributes() {
  std::vector<CacheAttribute> made = manifest_attributes();
  made.push_back(flag_attribute("registry.insecure", false));
  return made;
}

// They compress the pushed image, which is the cache.
std::vector<CacheAttribute> inline_attributes() {
  std::vector<CacheAttribute> made = compressions();
  made.push_back(flag_attribute("oci-mediatypes", true));
  return made;
}

std::vector<CacheAttribute> s3_attributes() {
  return {text_attribute("bucket"),
          text_attribute("region"),
          text_attribute("name"),
          text_attribute("prefix"),
          text_attribute("blobs_prefix"),
          text_attribute("manifests_prefix"),
          text_attribute("endpoint_url"),
          flag_attribute("use_path_style", false),
          flag_attribute("disable_accept_encoding", false),
          secret_attribute("access_key_id"),
          secret_attribute("secret_access_key"),
          secret_attribute("session_token"),
          {.name = "touch_refresh", .value = Value::duration, .exports_only = true},
          number_attribute("upload_parallelism", 1, 1000),
          {.name = "retry_mode", .value = Value::word, .words = {"standard", "adaptive"}},
          {.name = "retry_max_attempts", .value = Value::integer, .least = 1, .most = 1000},
          flag_attribute("ignore-error", true)};
}

std::vector<CacheAttribute> azblob_attributes() {
  return {text_attribute("account_url"),
          text_attribute("account_name"),
          text_attribute("container"),
          text_attribute("name"),
          text_attribute("prefix"),
          text_attribute("blobs_prefix"),
          text_attribute("manifests_prefix"),
          secret_attribute("secret_access_key"),
          flag_attribute("ignore-error", true)};
}

std::vector<CacheAttribute> gha_attributes() {
  return {text_attribute("scope"),
          text_attribute("url"),
          text_attribute("url_v2"),
          {.name = "version", .value = Value::word, .words = {"1", "2"}},
          secret_attribute("token"),
          text_attribute("repository"),
          secret_attribute("ghtoken"),
          {.name = "timeout", .value = Value::duration},
          flag_attribute("ignore-error", true)};
}

bool is_variable_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && is_letter(text.front()) && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
  });
}

// As Go has them: "10m", "1h30m", "0.5s".
bool is_duration(std::string_view text) {
  bool any = false;
  while (!text.empty()) {
    const std::size_t digits = text.find_first_not_of("0123456789.");
    if (digits == 0 || digits == std::string_view::npos || text.substr(0, digits) == ".") return false;
    text.remove_prefix(digits);
    const auto units = {"ms", "us", "ns", "h", "m", "s"};
    const auto unit =
        std::find_if(units.begin(), units.end(), [text](const char* one) { return text.starts_with(one); });
    if (unit == units.end()) return false;
    text.remove_prefix(std::string_view(*unit).size());
    any = true;
  }
  return any;
}

std::string wrong_value(const CacheAttribute& attribute, const std::string& value) {
  const std::string found = fmt::format(", found \"{}\"", one_line(value, 40));
  switch (attribute.value) {
    case Value::text:
      break;
    case Value::boolean:
      if (value != "true" && value != "false") return "must be true or false" + found;
      break;
    case Value::integer: {
      int number = 0;
      const auto end = value.data() + value.size();
      const auto read = std::from_chars(value.data(), end, number);
      if (read.ec != std::errc() || read.ptr != end || number < attribute.least || number > attribute.most)
        return fmt::format("must be a whole number from {} to {}{}", attribute.least, attribute.most, found);
      break;
    }
    case Value::word:
      if (std::find(attribute.words.begin(), attribute.words.end(), value) == attribute.words.end())
        return fmt::format("must be one of {}{}", fmt::join(attribute.words, ", "), found);
      break;
    case Value::duration:
      if (!is_duration(value)) return "must be a duration like \"10m\" or \"1h30m\"" + found;
      break;
  }
  return "";
}

// What people write here because BuildKit's own options have it there.
std::string belongs_elsewhere(std::string_view key) {
  if (key == "mode") return "is written as \"cache_export_mode\"";
  if (key == "ref") return "is written as \"cache_ref\"";
  if (key == "type") return "is written as \"cache_mode\"";
  if (key == "src" || key == "dest") return "is chosen by Build Lab: the cache lies in the run's own folder";
  return "";
}

std::string keys_of(CacheMode mode) {
  std::string keys;
  for (const CacheAttribute& attribute : cache_attributes_of(mode)) {
    keys += fmt::format("{}{}{}", keys.empty() ? "" : ", ", attribute.name,
                        attribute.secret ? k_from_environment : "");
  }
  return keys;
}

// "" where it is sound.
std::string wrong_attribute(CacheMode mode, const std::string& key, const std::string& value) {
  if (const CacheAttribute* attribute = find_cache_attribute(mode, key)) {
    if (attribute->secret) {
      return fmt::format(
          "would leave a credential in the file: name the environment variable that holds it, as \"{}{}\"",
          key, k_from_environment);
    }
    if (value.empty()) return "is empty";
    if (value.size() > k_longest_value) return fmt::format("is longer than {} bytes", k_longest_value);
    if (std::any_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
      return "holds a control character";
    return wrong_value(*attribute, value);
  }
  if (key.ends_with(k_from_environment)) {
    const std::string_view name = std::string_view(key).substr(0, key.size() - k_from_environment.size());
    const CacheAttribute* attribute = find_cache_attribute(mode, name);
    if (attribute != nullptr && attribute->secret) {
      return is_variable_name(value)
                 ? ""
                 : fmt::format("must name an environment variable, found \"{}\"", one_line(value, 40));
    }
  }
  if (std::string elsewhere = belongs_elsewhere(key); !elsewhere.empty()) return elsewhere;
  const std::string known = keys_of(mode);
  if (known.empty())
    return fmt::format("is used with an external cache only, not with \"{}\"", to_string(mode));
  return fmt::format("is no attribute that BuildKit's cache \"{}\" knows; known: {}", to_string(mode), known);
}

}  // namespace

std::vector<CacheMode> external_cache_modes() {
  return {CacheMode::local, CacheMode::registry, CacheMode::inlined,
          CacheMode::s3,    CacheMode::azblob,   CacheMode::gha};
}

bool is_external(CacheMode mode) {
  return mode != CacheMode::none && mode != CacheMode::builder;
}

bool has_export_mode(CacheMode mode) {
  return is_external(mode) && mode != CacheMode::inlined;
}

bool has_reference(CacheMode mode) {
  return mode == CacheMode::registry || mode == CacheMode::inlined;
}

bool uses_private_registry(const Scenario& scenario) {
  if (has_reference(scenario.cache_mode) && !scenario.cache_ref) return true;
  return std::any_of(scenario.backends.begin(), scenario.backends.end(), [](const Backend& backend) {
    return has_reference(backend.cache_mode) && !backend.cache_ref;
  });
}

const std::vector<CacheAttribute>& cache_attributes_of(CacheMode mode) {
  static const std::map<CacheMode, std::vector<CacheAttribute>> k_attributes = {
      {CacheMode::none, {}},
      {CacheMode::builder, {}},
      {CacheMode::local, manifest_attributes()},
      {CacheMode::registry, registry_attributes()},
      {CacheMode::inlined, inline_attributes()},
      {CacheMode::s3, s3_attributes()},
      {CacheMode::azblob, azblob_attributes()},
      {CacheMode::gha, gha_attributes()}};
  return k_attributes.at(mode);
}

const CacheAttribute* find_cache_attribute(CacheMode mode, std::string_view name) {
  for (const CacheAttribute& attribute : cache_attributes_of(mode)) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

std::vector<AttributeProblem> check_cache_attributes(CacheMode mode,
                                                     const std::map<std::string, std::string>& attributes) {
  std::vector<AttributeProblem> problems;
  for (const auto& [key, value] : attributes) {
    if (std::string text = wrong_attribute(mode, key, value); !text.empty())
      problems.push_back({key, std::move(text)});
  }
  return problems;
}

}  // namespace buildlab::scenario
