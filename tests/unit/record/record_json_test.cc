#include "framework/record/record_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ostream>

#include "tests/support/record_builder.h"

namespace buildlab::record {
namespace {

using ::testing::HasSubstr;

Drift full_drift() {
  DriftCause cause;
  cause.place = "app/left";
  cause.more = 3;
  cause.attributes = {"content", "size"};
  cause.kind = "VERS";
  cause.name = "another version";
  cause.row = "F5";
  cause.proven = true;
  cause.evidence = {"left-pad: 1.3.0, then 1.3.1"};
  cause.fix = "npm ci";
  cause.root = "app/package.json";
  cause.input = "left-pad 1.3.0 → 1.3.1";
  cause.layer = 2;
  cause.lines = dockerfile::LineRange{2, 4};
  MovedInput input;
  input.what = "left-pad 1.3.0 → 1.3.1";
  input.headline = "VERS: left-pad 1.3.0 → 1.3.1 (npm)";
  input.ecosystem = "npm";
  input.package = "left-pad";
  input.index = true;
  input.version_a = "1.3.0";
  input.version_b = "1.3.1";
  input.a = {{"https://e/a", "sha256:1"}, {"https://e/b", ""}};
  input.b = {{"https://e/c", "sha256:2"}};
  input.urls_left_out = 5;
  input.lines = {{2, 4}, {7, 7}};
  input.fix = "pin it";
  Drift drift;
  drift.build_a = 1;
  drift.build_b = 3;
  drift.verdict = "different";
  drift.differences = 9;
  drift.places = 8;
  drift.with_cause = 7;
  drift.proven = 6;
  drift.causes = {cause};
  drift.causes_left_out = 4;
  drift.steps = {{{2, 4}, "RUN x", Origin::inherited, "it passes on"}};
  drift.moved_inputs = {input};
  drift.moved_inputs_left_out = 2;
  drift.passed_over = {{"path=var/log/*", "rotated", 3}};
  return drift;
}

// Every field of every struct has a value that is not its default, so that a field which is not written or
// not read makes the round trip fail.
ScenarioRecord full_record() {
  metrics::Step step = testing::step("build", 2, "RUN \"x\" \t ünï", metrics::StepOutcome::hit);
  step.lines = {2, 4};
  step.source = metrics::HitSource::remote_hydrated;
  step.seconds = 0.125;
  step.hydration_seconds = 0.25;
  step.started_sec = 1.5;
  step.error = "exit code: 7";
  step.log_tail = {"line one", "line two"};
  step.miss = metrics::Miss{metrics::MissReason::input_content, "src/main.cpp"};
  step.fetches = metrics::Fetches{9, 2, 1, 3.5, 0.75};

  Build build = testing::build({step}, 16.25);
  build.image->layers[1].lines = dockerfile::LineRange{2, 4};
  build.image->layers[1].media_type = "application/vnd.oci.image.layer.v1.tar+gzip";
  build.image->same_as = testing::digest("another");
  build.image->passed_over = {{"attribute=mtime", "unread", 2}};
  build.builder = "B";
  build.cache_state = "imported";
  build.other_fetches = metrics::Fetches{3, 1, 0, 2.5, 0.5, 4};
  build.mutation = "append src/main.cpp";
  build.time_weighted_hit_ratio = 0.75;
  build.valid = false;
  build.invalid_reason = "the cache import failed";
  build.failure = "Dockerfile:2 RUN failed";
  build.failure_details = {"last line"};
  build.overhead = {0.001, 0.002, 0.003, 0.004};
  build.artifacts = "app.cold/builds/1";
  build.noisy_network = "2 of the 9 requests failed";
  build.clock_step_sec = -3600.5;
  build.sources = {{"https://example.com/a", "sha256:00"}};
  build.numbers.parts = {1, 2, 3, 4, 5, 6, 7, 8};
  build.numbers.hits = 1;
  build.numbers.ran = 2;
  build.numbers.failed = 3;
  build.numbers.not_run = 4;
  build.numbers.not_in_graph = 5;
  build.numbers.cache_hit_ratio = 1.0 / 3;
  build.numbers.steps_seconds_sum = 11;
  build.numbers.critical_path = {{"Dockerfile:2 RUN", 9.5}};
  build.numbers.critical_path_sec = 9.5;
  build.numbers.cache_imports = {{"importing cache manifest from x", "refused"},
                                 {"importing from y", std::nullopt}};
  build.numbers.cache_export_error = "export refused";
  build.numbers.warnings = {"FromAsCasing"};
  build.numbers.error = "process did not complete";

  ScenarioRecord record = testing::record("app.cold", "cold", {build});
  record.input_mutation = "touch src/main.cpp";
  record.subject = {"app", "docker", "Dockerfile.prod", "runtime", {{"A", "1"}, {"B", ""}}, "linux/arm64"};
  record.circumstances.bases = {{"debian:bookworm-slim", testing::digest("base"), true, true}};
  record.circumstances.context_left_out = {"build"};
  record.circumstances.rewrite_timestamp = false;
  record.circumstances.proxy_network = true;
  record.priming = {testing::build(testing::cold_steps(), 16.2)};
  record.priming[0].iteration = 1;
  record.priming_notes = {"the Dockerfile changed"};
  record.references = {testing::build(testing::edit_steps(), 3.25)};
  verdict::Verdict verdict{"min_hit_ratio",      verdict::Ruling::fail, "0.5 < 0.9",
                           {"Dockerfile:2 ran"}, "Dockerfile",          2};
  verdict::Verdict unknown{"max_duration_ratio", verdict::Ruling::not_evaluated, "no record", {}, {}, {}};
  record.gates = {verdict, unknown};
  record.drift = {full_drift()};
  record.variations = {
      {"hostname", variation::Outcome::passed, "", 1, testing::digest("same")},
      {"clock=+1d", variation::Outcome::not_applied, "sh is static", 0, ""},
      {"umask", variation::Outcome::failed, "it differs", 3, testing::digest("other"), full_drift()}};
  record.varied_builds = {{{"hostname", "umask"},
                           "2026-11-23T20:02:11Z",
                           3.5,
                           testing::digest("other"),
                           {"hostname"},
                           std::nullopt,
                           "app.cold/builds/varied-1"},
                          {{"network"}, "2026-11-23T20:02:15Z", 0.5, "", {}, "no network", ""}};
  record.outcome = verdict::Outcome::gate_failed;
  record.error = "stopped";
  record.error_details = {"do this"};
  record.notes = {"the tag moved"};
  record.run_length = RunLength{3, 12, 0.05, 600.5, 0.04, 61.5, "interval"};
  record.confirmations = {{"max_duration_ratio",
                           "app.other",
                           10,
                           {{"app.cold", 1, "2026-11-23T20:03:11Z", 12.5,
                             "app.cold/builds/confirmation-1-app.cold-1", std::nullopt},
                            {"app.other", 2, "2026-11-23T20:03:25Z", 3.5, "", "the import failed"}},
                           true,
                           std::nullopt},
                          {"max_duration_sec", "", 7, {}, false, "the daemon is gone", 600.5}};
  record.moved_bases = {{"debian:bookworm-slim", testing::digest("base"), testing::digest("another base")}};
  replay::Row row;
  row.number = 4;
  row.commit = "c4";
  row.ran = {{"build", 7, "RUN make", 1.25, "input-content", "src/x.cc"}};
  row.duration_sec = 2.5;
  record.replay =
      replay::Walk{"app", "Dockerfile", "the last 2 commits", 2, {row}, "v0.32.2", "0.1", 2, {"shallow"}};
  return record;
}

ScenarioRecord through_json(const ScenarioRecord& record) {
  const auto json = parse_json(to_pretty_text(to_json(record)), "record.json");
  EXPECT_TRUE(json);
  auto read = record_from_json(*json, "record.json");
  EXPECT_TRUE(read) << read.error().message;
  return read ? *read : ScenarioRecord();
}

TEST(RecordJson, ReadsBackEveryFieldAsItWas) {
  const ScenarioRecord record = full_record();
  EXPECT_EQ(through_json(record), record);
}

TEST(RecordJson, ReadsBackARecordOfNothingButDefaults) {
  ScenarioRecord record;
  record.builds.emplace_back();
  EXPECT_EQ(through_json(record), record);
}

TEST(RecordJson, ReadsBackABuildAlone) {
  const Build build = full_record().builds.front();
  const auto back = build_from_json(build_to_json(build), "build");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, build);
  EXPECT_FALSE(build_from_json(Json::object(), "build"));
}

TEST(RecordJson, NamesWhatIsWrongOfAReplay) {
  Json json = to_json(full_record());
  json["replay"]["commits"][0]["number"] = "four";
  EXPECT_FALSE(record_from_json(json, "record.json"));
  json["replay"] = Json::array();
  EXPECT_FALSE(record_from_json(json, "record.json"));
}

TEST(RecordJson, GivesTheSameBytesForTheSameRecord) {
  EXPECT_EQ(to_pretty_text(to_json(full_record())), to_pretty_text(to_json(through_json(full_record()))));
}

TEST(RecordJson, WhatABuildDoesNotHaveIsNull) {
  const Json json = build_to_json(Build());
  for (const char* key : {"builder", "mutation", "cache_hit_ratio", "time_weighted_hit_ratio", "digest",
                          "invalid_reason", "image", "failure", "artifacts", "cache_export_error", "error"}) {
    ASSERT_TRUE(json.contains(key)) << key;
    EXPECT_TRUE(json[key].is_null()) << key;
  }
}

TEST(RecordJson, ABuildHasTheShapeThatOtherToolsAreWrittenAgainst) {
  const Json json = build_to_json(testing::edit_record().builds[0]);
  EXPECT_EQ(json["duration_sec"], 3.1);
  EXPECT_DOUBLE_EQ(json["cache_hit_ratio"].get<double>(), 0.4);
  EXPECT_EQ(json["time_weighted_hit_ratio"], 0.85);
  EXPECT_EQ(json["digest"], testing::digest("edited app manifest"));
  EXPECT_EQ(json["valid"], true);
  EXPECT_EQ(json["parts"].size(), 8U);
  EXPECT_DOUBLE_EQ(json["parts"]["steps_sec"].get<double>(), 2.1);
  const Json& steps = json["steps"];
  ASSERT_EQ(steps.size(), 5U);
  EXPECT_EQ(steps[0]["stage"], "build");
  EXPECT_EQ(steps[0]["lines"], Json::array({2, 2}));
  EXPECT_EQ(steps[0]["outcome"], "hit");
  EXPECT_EQ(steps[0]["source"], "local");
  EXPECT_TRUE(steps[0]["seconds"].is_null());
  EXPECT_EQ(steps[3]["outcome"], "ran");
  EXPECT_TRUE(steps[3]["source"].is_null());
  EXPECT_EQ(steps[3]["seconds"], 1.9);
}

TEST(RecordJson, EarlierRecordsHaveNoVariations) {
  Json json = to_json(full_record());
  json.erase("variations");
  json.erase("varied_builds");
  const auto read = record_from_json(json, "record.json");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->variations.empty());
  json["variations"] = Json::array({{{"name", "hostname"}, {"outcome", "fine"}, {"builds", 1}}});
  EXPECT_FALSE(record_from_json(json, "record.json"));
}

TEST(RecordJson, LayersOfEarlierRecordsHaveNoLines) {
  Json json = to_json(full_record());
  for (Json& build : json["builds"]) {
    for (Json& layer : build["image"]["layers"]) layer.erase("lines");
  }
  const auto record = record_from_json(json, "record.json");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->builds[0].image->layers[1].lines, std::nullopt);
  json["builds"][0]["image"]["layers"][1]["lines"] = {2};
  EXPECT_FALSE(record_from_json(json, "record.json"));
}

TEST(RecordJson, UnknownFieldsAreIgnored) {
  Json json = to_json(testing::cold_record());
  json["future"] = 1;
  json["builds"][0]["steps"][0]["future"] = Json::array();
  EXPECT_EQ(record_from_json(json, "record.json").value(), testing::cold_record());
}

TEST(RecordJson, ANewerSchemaVersionIsRefusedWithBothVersions) {
  Json json = to_json(testing::cold_record());
  json["schema_version"] = k_schema_version + 1;
  json.erase("builds");
  const auto record = record_from_json(json, "old/record.json");
  ASSERT_FALSE(record);
  EXPECT_THAT(record.error().message, HasSubstr("old/record.json: schema_version 2 is newer than the 1"));
}

struct Broken {
  const char* pointer;
  Json value;  // null: the field is removed
  const char* message;
};

void PrintTo(const Broken& broken, std::ostream* out) {
  *out << broken.pointer;
}

class RecordJsonErrors : public ::testing::TestWithParam<Broken> {};

TEST_P(RecordJsonErrors, NameTheFieldWithItsPath) {
  Json json = to_json(full_record());
  const Json::json_pointer pointer(GetParam().pointer);
  if (GetParam().value.is_null()) {
    json[pointer.parent_pointer()].erase(pointer.back());
  } else {
    json[pointer] = GetParam().value;
  }
  const auto record = record_from_json(json, "record.json");
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(record.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    WrongFields, RecordJsonErrors,
    ::testing::Values(
        Broken{"/name", nullptr, "record.json: name is missing"},
        Broken{"/name", 3, "record.json: name is not a string"},
        Broken{"/schema_version", "1", "schema_version is not a whole number"},
        Broken{"/builds", Json::object(), "builds is not an array"},
        Broken{"/builds/0", 1, "builds[0] is not an object"},
        Broken{"/builds/0/parts", Json::array(), "builds[0].parts is not an object"},
        Broken{"/builds/0/parts/idle_sec", "x", "builds[0].parts.idle_sec is not a number"},
        Broken{"/builds/0/valid", 1, "builds[0].valid is not true or false"},
        Broken{"/builds/0/steps/0/outcome", "green", "builds[0].steps[0].outcome is not known"},
        Broken{"/builds/0/steps/0/source", "moon", "builds[0].steps[0].source is not known"},
        Broken{"/builds/0/steps/0/lines", Json::array({1}), "builds[0].steps[0].lines is not [first, last]"},
        Broken{"/builds/0/image/size_bytes", -1, "builds[0].image.size_bytes is not a whole number"},
        Broken{"/builds/0/iteration", 1.5, "builds[0].iteration is not a whole number"},
        Broken{"/builds/0/iteration", 3'000'000'000, "builds[0].iteration is not a whole number"},
        Broken{"/subject/build_args/A", 1, "subject.build_args.A is not a string"},
        Broken{"/gates/0/verdict", "PASS", "gates[0].verdict is not known"},
        Broken{"/outcome", "fine", "outcome is not known"},
        Broken{"/notes/0", 1, "notes[0] is not a string"}));

TEST(RecordJson, WhatIsNoObjectIsAnError) {
  for (const Json& json : {Json(nullptr), Json::array(), Json("x"), Json(1)}) {
    EXPECT_FALSE(record_from_json(json, "record.json"));
  }
}

TEST(BuildEvent, IsOneLineWithTheScenariosNameAndTheBuildsNumbers) {
  const ScenarioRecord record = testing::edit_record();
  const Json event = build_event(record, record.builds[0], false);
  EXPECT_EQ(to_line(event).find('\n'), std::string::npos);
  EXPECT_EQ(event["name"], "app.edit");
  EXPECT_EQ(event["duration_sec"], 3.1);
  EXPECT_EQ(event["digest"], testing::digest("edited app manifest"));
  EXPECT_EQ(event["input_mutation"], "append src/main.cpp");
  EXPECT_EQ(event["role"], "measured");
  EXPECT_EQ(build_event(record, record.builds[0], true)["role"], "priming");
}

TEST(SampleDurations, LeaveNoisyBuildsOutWhereOthersAreLeft) {
  ScenarioRecord record = testing::record("app.cold", "cold",
                                          {testing::build(testing::cold_steps(), 10), testing::build({}, 40),
                                           testing::build(testing::cold_steps(), 11)});
  record.builds[1].noisy_network = "2 of the 9 requests failed";
  EXPECT_EQ(sample_durations(record), (std::vector<double>{10, 11}));
  record.builds[0].noisy_network = record.builds[1].noisy_network;
  record.builds[2].valid = false;
  EXPECT_EQ(sample_durations(record), (std::vector<double>{10, 40})) << "all that there are";
}

TEST(SampleDurations, AreSaidToBeNoisyWhereNoOtherIsLeft) {
  ScenarioRecord record =
      testing::record("app.cold", "cold",
                      {testing::build(testing::cold_steps(), 10), testing::build(testing::cold_steps(), 40)});
  EXPECT_EQ(only_noisy(record), std::nullopt);
  record.builds[1].noisy_network = "2 of the 9 requests failed";
  EXPECT_EQ(only_noisy(record), std::nullopt);
  record.builds[0].valid = false;
  EXPECT_EQ(only_noisy(record), "2 of the 9 requests failed");
  record.builds[1].failure = "exit code 1";
  EXPECT_EQ(only_noisy(record), std::nullopt) << "no sample at all";
}

}  // namespace
}  // namespace buildlab::record
