// What a reproducibility gate found, as an in-toto Statement v1 with a test-result v0.1 predicate
// (github.com/in-toto/attestation): one test a variation, the images as subjects, the inputs as
// configuration. Values and their JSON; signing is in dsse.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/json.h"
#include "framework/base/result.h"

namespace buildlab::statement {

inline constexpr const char* k_statement_type = "https://in-toto.io/Statement/v1";
inline constexpr const char* k_predicate_type = "https://in-toto.io/attestation/test-result/v0.1";

// Digests are "sha256:<64 hex>", as everywhere; "" where there is none.
struct Subject {
  std::string name;  // "" without
  std::string digest;

  friend bool operator==(const Subject&, const Subject&) = default;
};

struct Resource {
  std::string name;
  std::string uri;     // "" without
  std::string digest;  // "" without

  friend bool operator==(const Resource&, const Resource&) = default;
};

enum class Grade { passed, warned, failed };
std::string_view to_string(Grade grade);  // "PASSED", "WARNED", "FAILED"
Result<Grade> parse_grade(std::string_view text);

struct DigestCount {
  std::string digest;
  int builds = 0;

  friend bool operator==(const DigestCount&, const DigestCount&) = default;
};

struct NotApplied {
  std::string name;  // of the variation
  std::string reason;

  friend bool operator==(const NotApplied&, const NotApplied&) = default;
};

// What of the declaration shapes the image besides files. The values of build arguments are secret at times,
// so only their names are told; the configuration holds a digest of everything.
struct Settings {
  std::string platform;
  std::string target;                   // "" without
  std::vector<std::string> build_args;  // names
  std::string input_mutation;           // "" without
  std::optional<std::int64_t> source_date_epoch;
  bool rewrite_timestamp = true;

  friend bool operator==(const Settings&, const Settings&) = default;
};

struct Machine {
  std::string tool_version;
  std::string buildkit_version;
  std::string runc_version;
  std::string snapshotter;
  std::string kernel;
  int cores = 0;
  std::string host;  // a fingerprint that tells machines apart; "" when unknown

  friend bool operator==(const Machine&, const Machine&) = default;
};

// How one machine came to the result: Build Lab's own extension of the predicate.
struct Rounds {
  std::string scenario;
  std::string run_id;
  Settings settings;
  int runs = 0;
  std::vector<DigestCount> digests;  // most frequent first
  std::vector<NotApplied> not_applied;
  Machine machine;
  std::string started;  // RFC 3339
  std::string finished;

  friend bool operator==(const Rounds&, const Rounds&) = default;
};

// One independent builder in a merged statement.
struct QuorumBuilder {
  std::string key;                      // id of its key; "" when its statements were not signed
  std::string host;                     // fingerprint; "" when unknown
  std::string digest;                   // that it vouches for; "" for none
  std::vector<std::string> statements;  // digests of its files

  friend bool operator==(const QuorumBuilder&, const QuorumBuilder&) = default;
};

struct Quorum {
  int required = 0;
  std::vector<QuorumBuilder> builders;

  friend bool operator==(const Quorum&, const Quorum&) = default;
};

struct Statement {
  std::vector<Subject> subjects;
  Grade result = Grade::failed;
  std::vector<Resource> configuration;
  std::vector<std::string> passed;
  std::vector<std::string> warned;
  std::vector<std::string> failed;
  std::optional<Rounds> rounds;  // of one machine
  std::optional<Quorum> quorum;  // of several, merged

  friend bool operator==(const Statement&, const Statement&) = default;
};

Json to_json(const Statement& statement);

// Members that are not known are passed over, as in-toto demands; a wrong type, a digest that is none and
// another kind of statement are usage errors naming the member.
Result<Statement> parse(const Json& json);

// Where the statement says two things that cannot both be true, in words.
std::vector<std::string> contradictions(const Statement& statement);

bool has_subject(const Statement& statement, std::string_view digest);

}  // namespace buildlab::statement
