// One build: one request in, raw artifacts out. Nothing is interpreted here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/digest.h"
#include "framework/base/time.h"
#include "framework/process/command.h"
#include "framework/variation/application.h"

namespace buildlab::engine {

struct SecretSource {
  std::string id;
  std::optional<std::filesystem::path> file;
  std::optional<std::string> environment_variable;
};

// "type=registry,ref=…,mode=max" as attributes; type first when written.
struct CacheAttributes {
  std::string type;
  std::map<std::string, std::string> attributes;
  // Attributes whose values are secrets: the environment variables that hold them, read when the build
  // starts.
  std::map<std::string, std::string> secrets = {};
};

struct BuildRequest {
  std::filesystem::path context;     // the private copy
  std::filesystem::path dockerfile;  // relative to the context
  std::optional<std::string> target;
  std::map<std::string, std::string> build_args;
  std::string platform;
  std::vector<SecretSource> secrets;
  std::vector<CacheAttributes> cache_imports;
  std::vector<CacheAttributes> cache_exports;
  bool export_oci = true;                                // an OCI archive into the artifacts' folder
  std::map<std::string, std::string> export_attributes;  // beside dest; rewrite-timestamp among them
  std::optional<std::int64_t> source_date_epoch;
  bool no_cache = false;
  std::vector<std::string> no_cache_filter;  // stages
  std::map<std::string, Digest> pins;        // "docker.io/library/debian:bookworm-slim" -> digest
  std::map<std::string, std::string> frontend_options = {};  // further ones of the Dockerfile's frontend
  bool proxy_network = false;                      // RUN's network through BuildKit's proxy (proxy_network.h)
  std::optional<std::string> push = std::nullopt;  // a reference that the image is pushed to as well
  std::map<std::string, std::string> push_attributes = {};  // of that beside name and push
  // With proxy_network: "127.0.0.1:PORT/WORD" of a server that all it asks goes through (base/through_url.h).
  std::optional<std::string> fetch_server = std::nullopt;
  std::optional<Nanoseconds> timeout;
  std::string id;  // stable name of the shared context on a kept builder
};

inline constexpr const char* k_image_name = "image.oci.tar";

// Files in the build's own folder; what the builder did not write is absent.
struct BuildArtifacts {
  std::filesystem::path folder;
  std::filesystem::path progress;    // progress.rawjson: the JSON lines of stderr, byte for byte
  std::filesystem::path messages;    // messages.txt: the plain lines of stderr
  std::filesystem::path metadata;    // metadata.json of the client, when there is one
  std::filesystem::path image;       // image.oci.tar, when exported
  std::filesystem::path provenance;  // provenance.json (SLSA v1 predicate), after read_provenance
  process::Termination termination;
  std::vector<variation::StepReport> varied_steps = {};  // each RUN that a varied builder executed
  std::string ref = {};        // the build's name in the daemon's history; empty when it never got one
  bool proxy_network = false;  // as it was asked for
  WallTime started;
  Nanoseconds duration{};  // of the client process, spawn to exit, steady clock
  Nanoseconds overhead{};  // of our own work around it
  // What the wall clock moved more than the steady clock while the client ran.
  Nanoseconds clock_step{};
};

// Sees each line of the progress stream as it comes (for live display); never changes the build.
using ProgressLine = std::function<void(std::string_view line)>;

}  // namespace buildlab::engine
