#include "framework/record/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "framework/base/file.h"
#include "framework/base/time.h"
#include "framework/record/record_json.h"
#include "tests/support/record_builder.h"

namespace buildlab::record {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RecordStore : public ::testing::Test {
 protected:
  RecordStore() : m_dir(TempDir::create(fs::temp_directory_path(), "buildlab-store-").value()) {}

  fs::path folder() const { return m_dir.path() / "store"; }
  Store open() const { return Store::open(folder()).value(); }
  fs::path index() const { return folder() / "index" / "records.jsonl"; }

  static ScenarioRecord record_in(const std::string& run_id, const std::string& name,
                                  const std::string& started) {
    ScenarioRecord record = testing::record(name, "cold", {testing::build(testing::cold_steps(), 16.2)});
    record.run_id = run_id;
    record.started = started;
    return record;
  }

  // "RUN NAME OUTCOME" of every entry, oldest first.
  static std::vector<std::string> listed(const Store& store) {
    std::vector<std::string> lines;
    const auto entries = store.list().value();
    for (const Entry& entry : entries) {
      lines.push_back(fmt::format("{} {} {}", entry.run_id, entry.scenario, entry.outcome));
    }
    return lines;
  }

  TempDir m_dir;
};

TEST_F(RecordStore, LoadsWhatWasSaved) {
  Store store = open();
  const std::string run = store.open_run().value();
  const ScenarioRecord record = record_in(run, "app.cold", "2026-11-23T20:02:11Z");
  ASSERT_TRUE(store.save(record));
  EXPECT_EQ(store.load(run, "app.cold").value(), record);
  const auto entries = store.list().value();
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(store.load(entries[0]).value(), record);
  EXPECT_EQ(entries[0].subject, "app");
  EXPECT_EQ(entries[0].folder, store.scenario_folder(run, "app.cold"));
}

TEST_F(RecordStore, AnswersForAnEmptyStore) {
  const Store store = open();
  EXPECT_THAT(store.list().value(), IsEmpty());
  EXPECT_THAT(store.run_ids().value(), IsEmpty());
  EXPECT_FALSE(store.latest("app.cold", nullptr).value());
  const auto missing = store.load("2026-11-23T20-02-11Z-0000", "app.cold");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_evaluable);
}

TEST_F(RecordStore, SavingAgainReplacesTheRecordAndItsEntry) {
  Store store = open();
  ScenarioRecord record = record_in("run-1", "app.cold", "2026-11-23T20:02:11Z");
  record.outcome = verdict::Outcome::not_evaluated;
  ASSERT_TRUE(store.save(record));
  record.outcome = verdict::Outcome::gate_failed;
  ASSERT_TRUE(store.save(record));
  EXPECT_THAT(listed(store), ElementsAre("run-1 app.cold gate failed"));
  EXPECT_EQ(store.load("run-1", "app.cold")->outcome, verdict::Outcome::gate_failed);
}

TEST_F(RecordStore, ListsByStartNewestLastWhateverTheOrderOfSaving) {
  Store store = open();
  ASSERT_TRUE(store.save(record_in("run-b", "second", "2026-11-23T20:02:11.5Z")));
  ASSERT_TRUE(store.save(record_in("run-c", "third", "2026-11-23T20:02:12Z")));
  ASSERT_TRUE(store.save(record_in("run-d", "first", "2026-11-23T20:02:11Z")));
  EXPECT_THAT(listed(store), ElementsAre("run-d first passed", "run-b second passed", "run-c third passed"));
}

TEST_F(RecordStore, LatestIsTheNewestThatIsAccepted) {
  Store store = open();
  ASSERT_TRUE(store.save(record_in("run-1", "app.cold", "2026-11-23T20:00:00Z")));
  ScenarioRecord newer = record_in("run-2", "app.cold", "2026-11-23T21:00:00Z");
  newer.subject.target = "other";
  ASSERT_TRUE(store.save(newer));
  ASSERT_TRUE(store.save(record_in("run-3", "app.warm", "2026-11-23T22:00:00Z")));
  EXPECT_EQ(store.latest("app.cold", nullptr).value()->run_id, "run-2");
  const auto same_target = [](const ScenarioRecord& record) { return record.subject.target == "runtime"; };
  EXPECT_EQ(store.latest("app.cold", same_target).value()->run_id, "run-1");
  EXPECT_FALSE(store.latest("app.cold", [](const ScenarioRecord&) { return false; }).value());
}

TEST_F(RecordStore, LatestPassesOverARecordThatCannotBeRead) {
  Store store = open();
  ASSERT_TRUE(store.save(record_in("run-1", "app.cold", "2026-11-23T20:00:00Z")));
  ASSERT_TRUE(store.save(record_in("run-2", "app.cold", "2026-11-23T21:00:00Z")));
  ASSERT_TRUE(write_file_atomic(store.scenario_folder("run-2", "app.cold") / "record.json", "{\"half\": "));
  EXPECT_EQ(store.latest("app.cold", nullptr).value()->run_id, "run-1");
  const auto broken = store.load("run-2", "app.cold");
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr("record.json:1:"));
}

TEST_F(RecordStore, RunIdsSortByTimeAndAreUnique) {
  Store store = open();
  std::vector<std::string> ids;
  for (int i = 0; i < 200; ++i) ids.push_back(store.open_run().value());
  std::vector<std::string> sorted = ids;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(ids, sorted);
  EXPECT_EQ(std::adjacent_find(sorted.begin(), sorted.end()), sorted.end());
}

TEST_F(RecordStore, OnlyFinishedRunsHaveIdsAndTheLinkNamesTheNewestOfThem) {
  Store store = open();
  const std::string first = store.open_run().value();
  const std::string second = store.open_run().value();
  const std::string third = store.open_run().value();
  EXPECT_THAT(store.run_ids().value(), IsEmpty());
  EXPECT_FALSE(fs::exists(folder() / "latest"));
  ASSERT_TRUE(store.finish_run(second));
  EXPECT_EQ(fs::canonical(folder() / "latest"), fs::canonical(store.run_folder(second)));
  ASSERT_TRUE(store.finish_run(first));
  ASSERT_TRUE(store.finish_run(first));
  EXPECT_EQ(fs::canonical(folder() / "latest"), fs::canonical(store.run_folder(second)));
  EXPECT_THAT(store.run_ids().value(), ElementsAre(first, second));
  ASSERT_TRUE(store.finish_run(third));
  EXPECT_EQ(fs::canonical(folder() / "latest"), fs::canonical(store.run_folder(third)));
}

TEST_F(RecordStore, EventsAreLinesInTheirOrder) {
  Store store = open();
  const std::string run = store.open_run().value();
  ASSERT_TRUE(store.append_event(run, Json{{"n", 1}}));
  ASSERT_TRUE(store.append_event(run, Json{{"text", "a\nb"}}));
  EXPECT_EQ(read_file(store.run_folder(run) / "events.jsonl").value(), "{\"n\":1}\n{\"text\":\"a\\nb\"}\n");
}

TEST_F(RecordStore, RefusesRunIdsThatAreNoNameOfAFolder) {
  Store store = open();
  for (const char* id : {"", "..", ".hidden", "a/b", "../../etc", "a b", "a\nb"}) {
    EXPECT_FALSE(store.join_run(id)) << id;
    EXPECT_FALSE(store.finish_run(id)) << id;
    EXPECT_FALSE(store.load(id, "x")) << id;
    EXPECT_FALSE(store.save(record_in(id, "x", "2026-11-23T20:02:11Z"))) << id;
  }
  EXPECT_EQ(store.join_run("..").error().kind, ErrorKind::usage);
}

TEST_F(RecordStore, AnyScenarioNameHasAFolderOfItsOwnInsideItsRun) {
  Store store = open();
  const std::vector<std::string> names{
      "app.cold",   "..",        ".",        "../../escape",        "a/b",
      "a b",        "a%2Fb",     "run.json", "run%2Ejson",          "events.jsonl",
      "",           ".hidden",   "ü",        std::string(400, 'x'), std::string(400, 'x') + "y",
      "bases.json", "bases.lock"};
  for (const std::string& name : names) {
    ASSERT_TRUE(store.save(record_in("run-1", name, "2026-11-23T20:02:11Z"))) << name;
    EXPECT_EQ(store.scenario_folder("run-1", name).parent_path(), store.run_folder("run-1")) << name;
  }
  ASSERT_TRUE(store.finish_run("run-1"));
  ASSERT_TRUE(store.append_event("run-1", Json::object()));
  ASSERT_TRUE(write_file_atomic(store.bases_file("run-1"), "{}"));
  ASSERT_TRUE(write_file_atomic(store.bases_lock("run-1"), ""));
  EXPECT_THAT(store.list().value(), SizeIs(names.size()));
  for (const std::string& name : names) EXPECT_EQ(store.load("run-1", name)->name, name);
  EXPECT_FALSE(fs::exists(folder() / "escape"));
}

TEST_F(RecordStore, BrokenLawsAreNotedAndMakeTheOutcomeInfrastructure) {
  Store store = open();
  ScenarioRecord record = record_in("run-1", "app.cold", "2026-11-23T20:02:11Z");
  record.builds[0].numbers.parts.idle_sec += 1;
  ASSERT_TRUE(store.save(record));
  const ScenarioRecord loaded = store.load("run-1", "app.cold").value();
  EXPECT_EQ(loaded.outcome, verdict::Outcome::infrastructure);
  ASSERT_THAT(loaded.notes, SizeIs(1));
  EXPECT_THAT(loaded.notes[0], HasSubstr("build 1: "));
  record.outcome = verdict::Outcome::interrupted;
  ASSERT_TRUE(store.save(record));
  EXPECT_EQ(store.load("run-1", "app.cold")->outcome, verdict::Outcome::interrupted);
}

TEST_F(RecordStore, WritesNothingThatCouldNotBeReadBack) {
  Store store = open();
  ScenarioRecord record = record_in("run-1", "app.cold", "2026-11-23T20:02:11Z");
  record.builds[0].duration_sec = std::numeric_limits<double>::infinity();
  const Status saved = store.save(record);
  ASSERT_FALSE(saved);
  EXPECT_THAT(saved.error().message, HasSubstr("duration_sec"));
  EXPECT_THAT(store.list().value(), IsEmpty());
  EXPECT_FALSE(fs::exists(store.scenario_folder("run-1", "app.cold")));
}

TEST_F(RecordStore, BytesThatAreNotUtf8DoNotMakeARecordUnreadable) {
  Store store = open();
  ScenarioRecord record = record_in("run-1", "app.cold", "2026-11-23T20:02:11Z");
  record.notes = {"caf\xe9"};
  ASSERT_TRUE(store.save(record));
  EXPECT_THAT(store.load("run-1", "app.cold")->notes, ElementsAre("caf\xEF\xBF\xBD"));
}

// What a crash can leave: a temporary file beside the record, an index line without its record, half a line.
TEST_F(RecordStore, WhatACrashLeavesIsNotListed) {
  Store store = open();
  ASSERT_TRUE(store.save(record_in("run-1", "whole", "2026-11-23T20:02:11Z")));
  ASSERT_TRUE(store.save(record_in("run-1", "half", "2026-11-23T20:02:12Z")));
  const fs::path half = store.scenario_folder("run-1", "half") / "record.json";
  fs::rename(half, half.string() + ".Xa31bc");
  EXPECT_THAT(listed(store), ElementsAre("run-1 whole passed"));
  ASSERT_TRUE(append_to_file(index(), "{\"run\":\"run-1\",\"scen"));
  EXPECT_THAT(listed(store), ElementsAre("run-1 whole passed"));
  ASSERT_TRUE(append_to_file(index(), "{\"run\":\"run-1\",\"scen"));
  ASSERT_TRUE(store.save(record_in("run-2", "after", "2026-11-23T20:02:13Z")));
  EXPECT_THAT(listed(store), ElementsAre("run-1 whole passed", "run-2 after passed"));
}

TEST_F(RecordStore, AnIndexWithGarbageIsHealedFromTheFolders) {
  Store store = open();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(
        store.save(record_in("run-1", fmt::format("s{}", i), fmt::format("2026-11-23T20:02:1{}Z", i))));
  }
  const auto before = listed(store);
  std::string text = read_file(index()).value();
  const auto third = text.find("s2");
  text.replace(third - 20, 30, std::string(30, '\0'));
  ASSERT_TRUE(write_file_atomic(index(), text));
  EXPECT_EQ(listed(store), before);
  EXPECT_EQ(read_file(index())->find('\0'), std::string::npos) << "the healed index is written";
  for (const std::string& garbage :
       {std::string("not json\n"), std::string("[]\n{}\n1\n"), std::string("\xff\xfe\n"),
        std::string("{\"run\":\"../..\",\"scenario\":\"x\",\"kind\":\"\",\"subject\":\"\","
                    "\"started\":\"\",\"outcome\":\"\"}\n")}) {
    ASSERT_TRUE(write_file_atomic(index(), garbage));
    EXPECT_EQ(listed(store), before) << garbage;
  }
  fs::remove(index());
  EXPECT_EQ(listed(store), before);
}

TEST_F(RecordStore, FindsRunsThatTheIndexDoesNotKnow) {
  Store store = open();
  ASSERT_TRUE(store.save(record_in("run-1", "a", "2026-11-23T20:02:11Z")));
  ASSERT_TRUE(store.save(record_in("run-2", "b", "2026-11-23T20:02:12Z")));
  const std::string text = read_file(index()).value();
  ASSERT_TRUE(write_file_atomic(index(), text.substr(0, text.find('\n') + 1)));
  EXPECT_THAT(listed(store), ElementsAre("run-1 a passed", "run-2 b passed"));
  EXPECT_NE(read_file(index())->find("run-2"), std::string::npos) << "the next listing need not look again";
}

TEST_F(RecordStore, IsReadWhereItCannotBeWritten) {
  Store store = open();
  ASSERT_TRUE(store.save(record_in("run-1", "a", "2026-11-23T20:02:11Z")));
  fs::remove_all(folder() / "index");
  ASSERT_TRUE(write_file_atomic(folder() / "index", "a file in place of the folder"));
  EXPECT_THAT(listed(store), ElementsAre("run-1 a passed"));
}

TEST_F(RecordStore, OpeningSaysWhereItCannotBeAndWhatToDo) {
  ASSERT_TRUE(write_file_atomic(m_dir.path() / "file", "x"));
  const auto store = Store::open(m_dir.path() / "file" / "store");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(store.error().message, HasSubstr((m_dir.path() / "file" / "store").string()));
  EXPECT_THAT(store.error().details, ElementsAre(HasSubstr("--store")));
}

TEST_F(RecordStore, PruningKeepsTheLastRunOfEachScenarioAndFailedGates) {
  Store store = open();
  const auto save_with_artifacts = [&](const std::string& run, const std::string& name,
                                       const std::string& started, verdict::Outcome outcome) {
    ScenarioRecord record = record_in(run, name, started);
    record.outcome = outcome;
    record.builds[0].artifacts = name + "/builds/1";
    const fs::path artifacts = store.run_folder(run) / record.builds[0].artifacts;
    ASSERT_TRUE(write_file_atomic(artifacts / "image.oci.tar", std::string(5000, 'x')));
    ASSERT_TRUE(write_file_atomic(artifacts / "provenance.json", "{}"));
    ASSERT_TRUE(store.save(record));
  };
  save_with_artifacts("run-1", "a", "2026-11-23T20:00:01Z", verdict::Outcome::passed);
  save_with_artifacts("run-2", "a", "2026-11-23T20:00:02Z", verdict::Outcome::gate_failed);
  save_with_artifacts("run-3", "a", "2026-11-23T20:00:03Z", verdict::Outcome::passed);
  save_with_artifacts("run-2", "b", "2026-11-23T20:00:02Z", verdict::Outcome::passed);

  EXPECT_EQ(store.prune_artifacts().value(), 5000U);
  EXPECT_EQ(store.prune_artifacts().value(), 0U);
  EXPECT_FALSE(fs::exists(store.scenario_folder("run-1", "a") / "builds"));
  EXPECT_TRUE(fs::exists(store.scenario_folder("run-1", "a") / "provenance" / "1.json"));
  EXPECT_EQ(store.load("run-1", "a")->builds[0].artifacts, "");
  for (const auto& [run, name] : {std::pair{"run-2", "a"}, {"run-3", "a"}, {"run-2", "b"}}) {
    EXPECT_TRUE(fs::exists(store.scenario_folder(run, name) / "builds" / "1" / "image.oci.tar"))
        << run << name;
    EXPECT_EQ(store.load(run, name)->builds[0].artifacts, fmt::format("{}/builds/1", name));
  }
  EXPECT_THAT(store.list().value(), SizeIs(4));
}

TEST_F(RecordStore, RemovesRunsByAgeAndForgetsThem) {
  Store store = open();
  ASSERT_TRUE(store.save(record_in("2020-01-01T00-00-00Z-0000", "a", "2020-01-01T00:00:00Z")));
  ASSERT_TRUE(store.finish_run("2020-01-01T00-00-00Z-0000"));
  const std::string now = store.open_run().value();
  ASSERT_TRUE(store.save(record_in(now, "a", to_rfc3339(wall_now()))));
  ASSERT_TRUE(store.finish_run(now));
  EXPECT_EQ(store.remove_runs(36'500).value().removed, 0U);
  EXPECT_EQ(store.remove_runs(30).value().removed, 1U);
  EXPECT_THAT(listed(store), ElementsAre(now + " a passed"));
  EXPECT_EQ(read_file(index())->find("2020-01-01"), std::string::npos);
  EXPECT_EQ(fs::canonical(folder() / "latest"), fs::canonical(store.run_folder(now)));
  EXPECT_EQ(store.remove_runs(std::nullopt).value().removed, 1U);
  EXPECT_THAT(listed(store), IsEmpty());
  EXPECT_FALSE(fs::exists(fs::symlink_status(folder() / "latest")));
  EXPECT_FALSE(fs::exists(folder() / "removed"));
}

TEST_F(RecordStore, LeavesARunThatIsProbablyStillRunning) {
  Store store = open();
  const std::string running = store.open_run().value();
  ASSERT_TRUE(store.save(record_in(running, "a", to_rfc3339(wall_now()))));
  ASSERT_TRUE(store.save(record_in("2020-01-01T00-00-00Z-0000", "a", "2020-01-01T00:00:00Z")));
  const auto removed = store.remove_runs(std::nullopt).value();
  EXPECT_EQ(removed.removed, 1U);
  EXPECT_EQ(removed.left, 1U);
  EXPECT_THAT(listed(store), ElementsAre(running + " a passed"));
}

// Real processes, as CTest starts them: each joins the run and saves records of its own while others list.
TEST_F(RecordStore, SeveralProcessesSaveListAndFinishAtOnce) {
  constexpr int k_processes = 6;
  constexpr int k_records = 25;
  (void)open();
  std::vector<pid_t> children;
  for (int process = 0; process < k_processes; ++process) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child != 0) {
      children.push_back(child);
      continue;
    }
    auto store = Store::open(folder());
    bool fine = store && store->join_run("shared");
    for (int i = 0; fine && i < k_records; ++i) {
      const std::string name = fmt::format("p{}.s{}", process, i);
      fine = store->save(record_in("shared", name, fmt::format("2026-11-23T20:{:02}:{:02}Z", process, i))) &&
             store->append_event("shared", Json{{"name", name}, {"text", std::string(3000, 'x')}});
      const auto entries = store->list();
      // A process sees its own records at once, and nothing that cannot be loaded.
      fine = fine && entries && std::any_of(entries->begin(), entries->end(), [&](const Entry& entry) {
               return entry.scenario == name && store->load(entry).has_value();
             });
      if (i % 10 == 0) fine = fine && store->finish_run("shared");
    }
    ::_exit(fine ? 0 : 1);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  const Store store = open();
  EXPECT_THAT(store.list().value(), SizeIs(k_processes * k_records));
  const std::string events = read_file(store.run_folder("shared") / "events.jsonl").value();
  int lines = 0;
  for (std::size_t at = 0; at < events.size(); ++lines) {
    const auto end = events.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    ASSERT_TRUE(parse_json(std::string_view(events).substr(at, end - at), "event")) << "line " << lines;
    at = end + 1;
  }
  EXPECT_EQ(lines, k_processes * k_records);
}

// A process that is killed while it saves leaves the old record or the new one, and the next one can go on.
TEST_F(RecordStore, AProcessKilledWhileSavingLeavesOnlyWholeRecords) {
  for (int round = 0; round < 20; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto store = Store::open(folder());
      for (int i = 0;; ++i) {
        if (!store->save(
                record_in(fmt::format("run-{}", round), fmt::format("s{}", i % 7), "2026-11-23T20:02:11Z"))) {
          ::_exit(1);
        }
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5 + round * 3));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    const Store store = open();
    const auto entries = store.list().value();
    for (const Entry& entry : entries) {
      ASSERT_TRUE(store.load(entry)) << store.load(entry).error().message;
    }
  }
  Store store = open();
  ASSERT_TRUE(store.save(record_in("last", "a", "2026-11-23T20:02:12Z")));
  EXPECT_EQ(store.list()->back().run_id, "last");
}

TEST_F(RecordStore, LooksIntoNoFolderOfAListedRun) {
  Store store = open();
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(store.save(record_in(fmt::format("run-{}", i), "a", "2026-11-23T20:02:11Z")));
  ASSERT_THAT(store.list().value(), SizeIs(50));
  // A record that was put there by hand, beside one that is listed: found only by looking into the folder,
  // which is what would make listing slow.
  fs::copy(store.scenario_folder("run-7", "a"), store.scenario_folder("run-7", "b"));
  EXPECT_THAT(store.list().value(), SizeIs(50));
}

TEST(DefaultStore, FollowsTheEnvironmentAndIsOnePerFolderOfScenarioFiles) {
  ::unsetenv("BUILDLAB_HOME");
  ::setenv("XDG_STATE_HOME", "/state", 1);
  const fs::path one = default_store("/project/one/buildlab.json");
  EXPECT_EQ(one.parent_path(), "/state/buildlab");
  EXPECT_EQ(one, default_store("/project/one/other.json"));
  EXPECT_NE(one, default_store("/project/two/buildlab.json"));
  ::unsetenv("XDG_STATE_HOME");
  ::setenv("HOME", "/home/someone", 1);
  EXPECT_EQ(default_store("/project/one/buildlab.json").parent_path(), "/home/someone/.local/state/buildlab");
  ::setenv("BUILDLAB_HOME", "/elsewhere", 1);
  EXPECT_EQ(default_store("/project/one/buildlab.json"), "/elsewhere");
  ::unsetenv("BUILDLAB_HOME");
}

}  // namespace
}  // namespace buildlab::record
