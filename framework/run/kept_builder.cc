#include "framework/run/kept_builder.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <charconv>

#include "framework/base/environment.h"
#include "framework/base/json.h"
#include "framework/base/text.h"
#include "framework/cache_keys/key_store_json.h"
#include "framework/misses/facts_json.h"

namespace buildlab::run {
namespace {

namespace fs = std::filesystem;

constexpr int k_primed_version = 2;
constexpr std::uint64_t k_default_max_bytes = 20'000'000'000;

fs::path folder_of(const fs::path& store, const record::SubjectKey& subject) {
  std::string text =
      fmt::format("{}\n{}\n{}\n{}\n", subject.context, subject.dockerfile, subject.target, subject.platform);
  for (const auto& [name, value] : subject.build_args) text += fmt::format("{}={}\n", name, value);
  return store / "builders" / fmt::format("{}-{}", subject.name, sha256(text).hex().substr(0, 12));
}

Json to_json(const Primed& primed) {
  Json bases = Json::array();
  for (const engine::ResolvedBase& base : primed.bases) {
    bases.push_back({{"reference", base.reference},
                     {"canonical", base.canonical},
                     {"digest", base.digest.text()},
                     {"made_locally", base.made_locally},
                     {"trusts_host_authorities", base.trusts_host_authorities}});
  }
  Json json;
  json["schema_version"] = k_primed_version;
  json["dockerfile_digest"] = primed.dockerfile_digest;
  json["context_digest"] = primed.context_digest;
  json["buildkit_version"] = primed.buildkit_version;
  json["source_date_epoch"] = primed.source_date_epoch ? Json(*primed.source_date_epoch) : Json();
  json["bases"] = std::move(bases);
  json["cache_records"] = primed.cache_records;
  json["at"] = primed.at;
  json["bases_asked"] = primed.bases_asked;
  return json;
}

std::optional<Primed> from_json(const Json& json) {
  try {
    if (json.at("schema_version").get<int>() != k_primed_version) return std::nullopt;
    Primed primed;
    primed.dockerfile_digest = json.at("dockerfile_digest").get<std::string>();
    primed.context_digest = json.at("context_digest").get<std::string>();
    primed.buildkit_version = json.at("buildkit_version").get<std::string>();
    if (const Json& epoch = json.at("source_date_epoch"); !epoch.is_null()) {
      primed.source_date_epoch = epoch.get<std::int64_t>();
    }
    primed.cache_records = json.at("cache_records").get<std::set<std::string>>();
    primed.at = json.at("at").get<std::string>();
    primed.bases_asked = json.at("bases_asked").get<std::string>();
    for (const Json& base : json.at("bases")) {
      const auto digest = Digest::parse(base.at("digest").get<std::string>());
      if (!digest) return std::nullopt;
      primed.bases.push_back(
          {base.at("reference").get<std::string>(), base.at("canonical").get<std::string>(), *digest,
           base.at("made_locally").get<bool>(), base.at("trusts_host_authorities").get<bool>()});
    }
    return primed;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

Result<KeptBuilder> KeptBuilder::open(const fs::path& store, const record::SubjectKey& subject,
                                      const LockWait& wait) {
  const fs::path folder = folder_of(store, subject);
  BUILDLAB_ASSIGN(FileLock lock, FileLock::lock(folder / "lock", wait));
  return KeptBuilder(folder, std::move(lock));
}

std::optional<Primed> KeptBuilder::primed() const {
  const auto json = load_json(m_folder / "primed.json");
  std::error_code code;
  if (!json || !fs::exists(root(), code)) return std::nullopt;
  return from_json(*json);
}

Status KeptBuilder::set_primed(const Primed& primed) const {
  return write_file_atomic(m_folder / "primed.json", to_pretty_text(to_json(primed)));
}

Status KeptBuilder::forget_primed() const {
  return remove_tree(m_folder / "primed.json").map([](bool) {});
}

std::optional<misses::BuildFacts> KeptBuilder::facts() const {
  const auto json = load_json(m_folder / "facts.json");
  return json && !empty() ? misses::from_json(*json) : std::nullopt;
}

Status KeptBuilder::set_facts(const misses::BuildFacts& facts) const {
  return write_file_atomic(m_folder / "facts.json", to_line(misses::to_json(facts)) + "\n");
}

Status KeptBuilder::forget_facts() const {
  return remove_tree(m_folder / "facts.json").map([](bool) {});
}

std::optional<cache_keys::KeyStore> KeptBuilder::keys() const {
  const auto json = load_json(m_folder / "keys.json");
  return json && !empty() ? cache_keys::from_json(*json) : std::nullopt;
}

Status KeptBuilder::set_keys(const cache_keys::KeyStore& keys) const {
  return write_file_atomic(m_folder / "keys.json", to_line(cache_keys::to_json(keys)) + "\n");
}

Status KeptBuilder::forget_keys() const {
  return remove_tree(m_folder / "keys.json").map([](bool) {});
}

bool KeptBuilder::empty() const {
  std::error_code code;
  return !fs::exists(root(), code);
}

Status KeptBuilder::reset() const {
  BUILDLAB_TRY(forget_primed());
  BUILDLAB_TRY(forget_facts());
  BUILDLAB_TRY(forget_keys());
  return remove_tree(root()).map([](bool) {});
}

std::uint64_t KeptBuilder::size_bytes() const {
  std::uint64_t bytes = 0;
  std::error_code code;
  for (auto it =
           fs::recursive_directory_iterator(root(), fs::directory_options::skip_permission_denied, code);
       !code && it != fs::recursive_directory_iterator(); it.increment(code)) {
    struct stat info {};
    if (::lstat(it->path().c_str(), &info) == 0) bytes += static_cast<std::uint64_t>(info.st_blocks) * 512U;
  }
  return bytes;
}

Result<std::uint64_t> max_builder_bytes() {
  const std::string text = environment("BUILDLAB_MAX_BUILDER");
  if (text.empty()) return k_default_max_bytes;
  const std::string_view given = trim(text);
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(given.data(), given.data() + given.size(), number);
  const std::string unit = to_lower(trim(given.substr(static_cast<std::size_t>(parsed.ptr - given.data()))));
  static constexpr std::pair<std::string_view, std::uint64_t> units[] = {{"", 1},
                                                                         {"b", 1},
                                                                         {"kb", 1'000},
                                                                         {"mb", 1'000'000},
                                                                         {"gb", 1'000'000'000},
                                                                         {"kib", 1U << 10U},
                                                                         {"mib", 1U << 20U},
                                                                         {"gib", 1ULL << 30U}};
  if (parsed.ec == std::errc()) {
    for (const auto& [name, factor] : units) {
      if (unit == name && number <= UINT64_MAX / factor) return number * factor;
    }
  }
  return fail(ErrorKind::usage, fmt::format("BUILDLAB_MAX_BUILDER=\"{}\" is not a size", text),
              {"write it as 20GB, 500MiB or a number of bytes"});
}

std::optional<std::string> why_prime(const std::optional<Primed>& last, const Primed& now) {
  if (!last) return "first build on this builder";
  if (last->buildkit_version != now.buildkit_version) {
    return fmt::format("BuildKit changed since the last run ({} → {})", last->buildkit_version,
                       now.buildkit_version);
  }
  const bool dockerfile = last->dockerfile_digest != now.dockerfile_digest;
  const bool context = last->context_digest != now.context_digest;
  if (dockerfile && context) return "Dockerfile changed since the last run, and with it the context";
  if (dockerfile) return "Dockerfile changed since the last run";
  if (context) return "the context changed since the last run";
  if (last->source_date_epoch != now.source_date_epoch) return "SOURCE_DATE_EPOCH changed since the last run";
  return std::nullopt;
}

std::optional<std::string> why_prime_bases(const Primed& last,
                                           const std::vector<engine::ResolvedBase>& of_run) {
  for (const engine::ResolvedBase& primed : last.bases) {
    for (const engine::ResolvedBase& now : of_run) {
      if (now.canonical != primed.canonical || now.digest == primed.digest) continue;
      if (now.made_locally != primed.made_locally) {
        return fmt::format("{} was {} when the builder was primed and is {} in this run", primed.reference,
                           origin(primed), origin(now));
      }
      return fmt::format("{} moved from {} to {} since priming", primed.reference, primed.digest.short_text(),
                         now.digest.short_text());
    }
  }
  return std::nullopt;
}

std::string_view origin(const engine::ResolvedBase& base) {
  return base.made_locally ? "made locally" : "the registry's";
}

}  // namespace buildlab::run
