// A statement as JSON and back.
#include <fmt/format.h>

#include "framework/base/digest.h"
#include "framework/base/text.h"
#include "framework/record/json_fields.h"
#include "framework/statement/statement.h"

namespace buildlab::statement {
namespace {

using record::Fields;

constexpr int k_schema_version = 1;  // of our own extension
constexpr const char* k_extension = "buildlab";

template <typename T, typename Write>
Json array_of(const std::vector<T>& values, Write write) {
  Json array = Json::array();
  for (const T& value : values) array.push_back(write(value));
  return array;
}

// in-toto writes digests as {"sha256": "<hex>"}.
Json digest_set(const std::string& digest) {
  return {{"sha256", digest.substr(digest.find(':') + 1)}};
}

Json resource(const std::string& name, const std::string& uri, const std::string& digest) {
  Json json = Json::object();
  if (!name.empty()) json["name"] = name;
  if (!uri.empty()) json["uri"] = uri;
  if (!digest.empty()) json["digest"] = digest_set(digest);
  return json;
}

Json settings_to_json(const Settings& settings) {
  return {{"platform", settings.platform},
          {"target", or_null(settings.target)},
          {"buildArgs", settings.build_args},
          {"inputMutation", or_null(settings.input_mutation)},
          {"sourceDateEpoch", settings.source_date_epoch ? Json(*settings.source_date_epoch) : Json()},
          {"rewriteTimestamp", settings.rewrite_timestamp}};
}

Json machine_to_json(const Machine& machine) {
  return {{"toolVersion", machine.tool_version},
          {"buildkitVersion", machine.buildkit_version},
          {"runcVersion", machine.runc_version},
          {"snapshotter", machine.snapshotter},
          {"kernel", machine.kernel},
          {"cores", machine.cores},
          {"host", or_null(machine.host)}};
}

Json rounds_to_json(const Rounds& rounds) {
  return {{"scenario", rounds.scenario},
          {"runId", rounds.run_id},
          {"settings", settings_to_json(rounds.settings)},
          {"runs", rounds.runs},
          {"digests", array_of(rounds.digests,
                               [](const DigestCount& count) {
                                 return Json{{"digest", digest_set(count.digest)}, {"builds", count.builds}};
                               })},
          {"notApplied", array_of(rounds.not_applied,
                                  [](const NotApplied& variation) {
                                    return Json{{"name", variation.name}, {"reason", variation.reason}};
                                  })},
          {"machine", machine_to_json(rounds.machine)},
          {"started", rounds.started},
          {"finished", rounds.finished}};
}

Json quorum_to_json(const Quorum& quorum) {
  return {{"required", quorum.required},
          {"builders", array_of(quorum.builders, [](const QuorumBuilder& builder) {
             return Json{{"key", or_null(builder.key)},
                         {"host", or_null(builder.host)},
                         {"digest", builder.digest.empty() ? Json() : digest_set(builder.digest)},
                         {"statements", array_of(builder.statements, digest_set)}};
           })}};
}

std::string read_digest_set(const Fields& fields) {
  const std::string hex = fields.text("sha256");
  auto digest = Digest::parse("sha256:" + hex);
  if (digest) return digest->text();
  fields.wrong("sha256", fmt::format("is \"{}\", not 64 lower-case hex digits", one_line(hex, 80)));
  return "";
}

Resource read_resource(const Fields& fields) {
  Resource resource{fields.text_or_empty("name"), fields.text_or_empty("uri"), ""};
  // Another tool may name a digest of another kind beside a URI; that is none of ours and no mistake.
  const Json* digest = fields.raw("digest");
  if (digest != nullptr && (!digest->is_object() || digest->contains("sha256")))
    resource.digest = fields.object("digest", read_digest_set);
  if (resource.uri.empty() && digest == nullptr && fields.raw("content") == nullptr)
    fields.wrong("digest", "is missing, and so are uri and content");
  return resource;
}

std::vector<std::string> optional_texts(const Fields& fields, std::string_view key) {
  return fields.raw(key) == nullptr ? std::vector<std::string>{} : fields.texts(key);
}

int read_count(const Fields& fields, std::string_view key) {
  const int count = fields.integer<int>(key);
  if (count < 0) fields.wrong(key, "is negative");
  return count;
}

Settings read_settings(const Fields& fields) {
  Settings settings;
  settings.platform = fields.text("platform");
  settings.target = fields.text_or_empty("target");
  settings.build_args = fields.texts("buildArgs");
  settings.input_mutation = fields.text_or_empty("inputMutation");
  settings.source_date_epoch = fields.optional_integer<std::int64_t>("sourceDateEpoch");
  settings.rewrite_timestamp = fields.boolean("rewriteTimestamp");
  return settings;
}

Machine read_machine(const Fields& fields) {
  Machine machine;
  machine.tool_version = fields.text("toolVersion");
  machine.buildkit_version = fields.text("buildkitVersion");
  machine.runc_version = fields.text("runcVersion");
  machine.snapshotter = fields.text("snapshotter");
  machine.kernel = fields.text("kernel");
  machine.cores = read_count(fields, "cores");
  machine.host = fields.text_or_empty("host");
  return machine;
}

Rounds read_rounds(const Fields& fields) {
  Rounds rounds;
  rounds.scenario = fields.text("scenario");
  rounds.run_id = fields.text("runId");
  rounds.settings = fields.object("settings", read_settings);
  rounds.runs = read_count(fields, "runs");
  rounds.digests = fields.objects("digests", [](const Fields& count) {
    return DigestCount{count.object("digest", read_digest_set), read_count(count, "builds")};
  });
  rounds.not_applied = fields.objects("notApplied", [](const Fields& variation) {
    return NotApplied{variation.text("name"), variation.text("reason")};
  });
  rounds.machine = fields.object("machine", read_machine);
  rounds.started = fields.text("started");
  rounds.finished = fields.text("finished");
  return rounds;
}

Quorum read_quorum(const Fields& fields) {
  Quorum quorum;
  quorum.required = read_count(fields, "required");
  quorum.builders = fields.objects("builders", [](const Fields& builder) {
    return QuorumBuilder{builder.text_or_empty("key"), builder.text_or_empty("host"),
                         builder.optional_object("digest", read_digest_set).value_or(""),
                         builder.objects("statements", read_digest_set)};
  });
  return quorum;
}

void read_extension(const Fields& fields, Statement& statement) {
  const int version = fields.integer<int>("schemaVersion");
  if (version > k_schema_version) {
    fields.wrong("schemaVersion", fmt::format("is {}, newer than the {} that this Build Lab reads", version,
                                              k_schema_version));
    return;
  }
  statement.rounds = fields.optional_object("rounds", read_rounds);
  statement.quorum = fields.optional_object("quorum", read_quorum);
}

void read_predicate(const Fields& fields, Statement& statement) {
  statement.result = fields.word("result", parse_grade);
  statement.configuration = fields.objects("configuration", read_resource);
  statement.passed = optional_texts(fields, "passedTests");
  statement.warned = optional_texts(fields, "warnedTests");
  statement.failed = optional_texts(fields, "failedTests");
  fields.optional_object(k_extension, [&statement](const Fields& extension) {
    read_extension(extension, statement);
    return true;
  });
}

void expect_text(const Fields& fields, std::string_view key, std::string_view wanted) {
  const std::string text = fields.text(key);
  if (text != wanted) fields.wrong(key, fmt::format("is \"{}\", not {}", one_line(text, 120), wanted));
}

}  // namespace

Json to_json(const Statement& statement) {
  Json extension{{"schemaVersion", k_schema_version}};
  if (statement.rounds) extension["rounds"] = rounds_to_json(*statement.rounds);
  if (statement.quorum) extension["quorum"] = quorum_to_json(*statement.quorum);
  Json predicate{
      {"result", to_string(statement.result)},
      {"configuration", array_of(statement.configuration,
                                 [](const Resource& r) { return resource(r.name, r.uri, r.digest); })},
      {"passedTests", statement.passed},
      {"warnedTests", statement.warned},
      {"failedTests", statement.failed}};
  if (statement.rounds || statement.quorum) predicate[k_extension] = std::move(extension);
  return {{"_type", k_statement_type},
          {"subject",
           array_of(statement.subjects, [](const Subject& s) { return resource(s.name, "", s.digest); })},
          {"predicateType", k_predicate_type},
          {"predicate", std::move(predicate)}};
}

Result<Statement> parse(const Json& json) {
  record::FieldErrors errors{"statement", std::nullopt};
  const Fields fields(json, "", errors);
  expect_text(fields, "_type", k_statement_type);
  expect_text(fields, "predicateType", k_predicate_type);
  Statement statement;
  statement.subjects = fields.objects("subject", [](const Fields& subject) {
    return Subject{subject.text_or_empty("name"), subject.object("digest", read_digest_set)};
  });
  fields.object("predicate", [&statement](const Fields& predicate) {
    read_predicate(predicate, statement);
    return true;
  });
  if (errors.first) return fail(ErrorKind::usage, *errors.first);
  return statement;
}

}  // namespace buildlab::statement
