#include "framework/registry/remote_image.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <set>

#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/base/text.h"
#include "framework/registry/challenge.h"
#include "framework/registry/http.h"

namespace buildlab::registry {
namespace {

namespace fs = std::filesystem;

constexpr int k_redirections = 5;
constexpr std::size_t k_max_manifests = 1000;
constexpr std::size_t k_max_document = 8U << 20U;
constexpr int k_max_depth = 4;
constexpr const char* k_manifests =
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.docker.distribution.manifest.v2+json";

bool is_index(std::string_view media_type) {
  return media_type == "application/vnd.oci.image.index.v1+json" ||
         media_type == "application/vnd.docker.distribution.manifest.list.v2+json";
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

Url base_of(const engine::ImageReference& reference) {
  const std::string server = reference.registry == "docker.io" ? "registry-1.docker.io" : reference.registry;
  const auto https = parse_url("https://" + server);
  if (https && !is_loopback(https->host)) return *https;
  return parse_url("http://" + server).value_or(Url{});
}

// Appends to a file, up to a size.
class BlobFile {
 public:
  BlobFile(fs::path path, std::uint64_t limit)
      : m_path(std::move(path)),
        m_limit(limit),
        m_fd(::open(m_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {}

  Status add(std::string_view bytes) {
    m_size += bytes.size();
    if (m_size > m_limit) {
      return fail(ErrorKind::infrastructure,
                  fmt::format("the registry sends more than the {} bytes that are declared", m_limit));
    }
    while (!bytes.empty()) {
      const ssize_t written = m_fd.valid() ? ::write(m_fd.get(), bytes.data(), bytes.size()) : -1;
      if (written < 0 && m_fd.valid() && errno == EINTR) continue;
      if (written < 0) {
        return fail(ErrorKind::infrastructure, fmt::format("{}: {}", m_path.string(), std::strerror(errno)));
      }
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

 private:
  fs::path m_path;
  std::uint64_t m_limit;
  std::uint64_t m_size = 0;
  Fd m_fd;
};

}  // namespace

struct RemoteImage::State {
  engine::ImageReference reference;
  fs::path layout;
  Url base;
  std::mutex mutex;           // of `authorization`
  std::string authorization;  // of the last challenge that was met

  std::string path_of(const char* what, const std::string& name) const {
    return fmt::format("/v2/{}/{}/{}", reference.repository, what, name);
  }

  fs::path blob(const Digest& digest) const { return layout / "blobs" / "sha256" / digest.hex(); }

  // The answer 200 to a path of the registry, its body in `sink`; follows redirections and meets one
  // challenge.
  Result<Answer> ask(const std::string& path, const char* accept, const Sink& sink) {
    Url url = base;
    url.target = path;
    bool challenged = false;
    for (int redirections = 0; redirections <= k_redirections;) {
      Headers headers{{"Accept", accept}};
      if (url.same_server(base)) {
        const std::lock_guard lock(mutex);
        if (!authorization.empty()) headers["Authorization"] = authorization;
      }
      BUILDLAB_ASSIGN(Answer answer, get(url, headers, sink));
      if (answer.status == 200) return answer;
      if (answer.status == 401 && !challenged && url.same_server(base)) {
        challenged = true;
        BUILDLAB_TRY(meet(answer));
        continue;
      }
      if (answer.status >= 301 && answer.status <= 308 && answer.fields.contains("location")) {
        const auto next = parse_location(url, answer.fields["location"]);
        // What began with TLS does not go on without it.
        if (!next || (url.tls && !next->tls)) return refused(url, "redirects to a place that is refused");
        url = *next;
        ++redirections;
        continue;
      }
      return refused(url, fmt::format("answers {} {}", answer.status, one_line(answer.body, 200)));
    }
    return refused(url, fmt::format("redirects more than {} times", k_redirections));
  }

  tl::unexpected<Error> refused(const Url& url, std::string_view what) const {
    return fail(ErrorKind::infrastructure, fmt::format("{}: {} {}", reference.canonical(), url.text(), what),
                {"is the name right, and may docker's config.json read it (docker login)?"});
  }

  Status meet(Answer& answer) {
    const auto challenge = parse_challenge(answer.fields["www-authenticate"]);
    const auto kept = credentials_for(docker_config(), reference.registry);
    if (!challenge) return refused(base, "asks for credentials in a way that is not known");
    if (challenge->scheme == "basic") {
      if (!kept) return refused(base, "asks for a user and a password");
      const std::lock_guard lock(mutex);
      authorization = "Basic " + *kept;
      return {};
    }
    const auto url = parse_url(token_url(*challenge));
    // A password is only sent where the registry itself was spoken to as safely.
    if (!url || (base.tls && !url->tls)) return refused(base, "names no place for tokens");
    Headers headers;
    if (kept) headers["Authorization"] = "Basic " + *kept;
    std::string text;
    BUILDLAB_ASSIGN(const Answer token, get(*url, headers, [&](std::string_view piece) -> Status {
                      text.append(piece);
                      if (text.size() > k_max_document) return refused(*url, "sends no token but a flood");
                      return {};
                    }));
    if (token.status != 200) return refused(*url, fmt::format("answers {}", token.status));
    BUILDLAB_ASSIGN(const Json json, parse_json(text, url->text()));
    std::string value = json.is_object() ? text_member(json, "token") : "";
    if (value.empty() && json.is_object()) value = text_member(json, "access_token");
    const bool clean = !value.empty() && value.find_first_of("\r\n") == std::string::npos;
    if (!clean) return refused(*url, "sends no token");
    const std::lock_guard lock(mutex);
    authorization = "Bearer " + value;
    return {};
  }

  Result<std::string> document(const std::string& path, const char* accept, std::string& media_type) {
    std::string text;
    BUILDLAB_ASSIGN(Answer answer, ask(path, accept, [&](std::string_view piece) -> Status {
                      text.append(piece);
                      if (text.size() <= k_max_document) return {};
                      return fail(ErrorKind::infrastructure,
                                  fmt::format("{}: {} has more than 8 MiB", reference.canonical(), path));
                    }));
    media_type = answer.fields["content-type"];
    media_type = trim(media_type.substr(0, media_type.find(';')));
    return text;
  }

  // Stores a manifest that was read, and what it leads to.
  Status take_manifest(const std::string& text, const std::string& type, const std::string& name,
                       const std::optional<std::string>& platform, int depth, std::set<Digest>& seen) {
    BUILDLAB_TRY(write_file_atomic(blob(sha256(text)), text));
    BUILDLAB_ASSIGN(const Json json, parse_json(text, fmt::format("{}: {}", reference.canonical(), name)));
    if (!json.is_object())
      return fail(ErrorKind::infrastructure, reference.canonical() + ": no manifest is there");
    if (!is_index(type)) return take_config(json);
    if (depth == k_max_depth) return refused(base, fmt::format("nests indexes deeper than {}", k_max_depth));
    const auto list = json.find("manifests");
    if (list == json.end() || !list->is_array()) return {};  // the layout's reader says what is wrong
    for (const Json& descriptor : *list) {
      if (!descriptor.is_object() || !is_wanted(descriptor, platform)) continue;
      const auto digest = Digest::parse(text_member(descriptor, "digest"));
      if (!digest || !seen.insert(*digest).second) continue;
      if (seen.size() > k_max_manifests)
        return refused(base, fmt::format("lists more than {} manifests", k_max_manifests));
      std::string media_type;
      BUILDLAB_ASSIGN(const std::string child,
                      document(path_of("manifests", digest->text()), k_manifests, media_type));
      BUILDLAB_TRY(check(*digest, child));
      BUILDLAB_TRY(take_manifest(child, text_member(descriptor, "mediaType"), digest->text(), platform,
                                 depth + 1, seen));
    }
    return {};
  }

  static bool is_wanted(const Json& descriptor, const std::optional<std::string>& platform) {
    const auto declared = descriptor.find("platform");
    if (declared == descriptor.end() || !declared->is_object()) return true;
    const std::string os = text_member(*declared, "os");
    if (os == "unknown") return false;
    const std::string name = os + "/" + text_member(*declared, "architecture");
    return !platform || platform->starts_with(name);
  }

  Status check(const Digest& wanted, const std::string& text) const {
    if (const Digest actual = sha256(text); actual != wanted) {
      return fail(ErrorKind::infrastructure,
                  fmt::format("{}: the registry sends {} in place of {}", reference.canonical(),
                              actual.text(), wanted.text()));
    }
    return {};
  }

  Status take_config(const Json& manifest) {
    const auto config = manifest.find("config");
    if (config == manifest.end() || !config->is_object()) return {};
    const auto digest = Digest::parse(text_member(*config, "digest"));
    if (!digest) return {};
    std::string media_type;
    BUILDLAB_ASSIGN(const std::string text, document(path_of("blobs", digest->text()), "*/*", media_type));
    BUILDLAB_TRY(check(*digest, text));
    return write_file_atomic(blob(*digest), text);
  }
};

RemoteImage::RemoteImage(std::unique_ptr<State> state) : m_state(std::move(state)) {}
RemoteImage::RemoteImage(RemoteImage&& other) noexcept = default;
RemoteImage& RemoteImage::operator=(RemoteImage&& other) noexcept = default;
RemoteImage::~RemoteImage() = default;

Result<RemoteImage> RemoteImage::open(const engine::ImageReference& reference, const fs::path& layout,
                                      const std::optional<std::string>& platform) {
  auto state = std::make_unique<State>();
  state->reference = reference;
  state->layout = layout;
  state->base = base_of(reference);
  BUILDLAB_TRY(make_directories(layout / "blobs" / "sha256"));
  std::string type;
  const std::string name = reference.digest ? reference.digest->text() : reference.tag;
  BUILDLAB_ASSIGN(const std::string text,
                  state->document(state->path_of("manifests", name), k_manifests, type));
  if (reference.digest) BUILDLAB_TRY(state->check(*reference.digest, text));
  std::set<Digest> seen;
  BUILDLAB_TRY(state->take_manifest(text, type, name, platform, 1, seen));
  const Json descriptor{{"mediaType", type}, {"digest", sha256(text).text()}, {"size", text.size()}};
  BUILDLAB_TRY(write_file_atomic(layout / "index.json",
                                 to_line({{"schemaVersion", 2}, {"manifests", Json::array({descriptor})}})));
  return RemoteImage(std::move(state));
}

Status RemoteImage::fetch_blob(const Digest& digest, Bytes size) const {
  const fs::path path = m_state->blob(digest);
  const fs::path part = path.string() + fmt::format(".{}", ::gettid());
  {
    BlobFile file(part, size.count);
    const auto answer = m_state->ask(m_state->path_of("blobs", digest.text()), "*/*",
                                     [&](std::string_view piece) { return file.add(piece); });
    if (!answer) return fail_in(m_state->reference.canonical(), answer.error());
  }
  std::error_code error;
  fs::rename(part, path, error);
  if (error) return fail(ErrorKind::infrastructure, fmt::format("{}: {}", path.string(), error.message()));
  return {};
}

std::optional<engine::ImageReference> remote_reference(const std::string& text) {
  std::error_code ignored;
  // "./a/b" is a file that is not there.
  if (text.starts_with('.') || fs::exists(text, ignored)) return std::nullopt;
  auto reference = engine::parse_reference(text);
  if (!reference) return std::nullopt;
  const bool names_registry = text.starts_with(reference->registry + "/");
  const bool names_version = reference->digest || text.ends_with(":" + reference->tag);
  return names_registry || names_version ? reference : std::nullopt;
}

}  // namespace buildlab::registry
