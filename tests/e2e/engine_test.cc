// Builders as they really are: started, used, killed. Needs root and the engine; everything is made in
// folders of its own, and what is left behind is looked for in the whole machine.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include "framework/base/file.h"
#include "framework/base/json.h"
#include "framework/engine/base_image.h"
#include "framework/engine/builder.h"
#include "framework/process/interrupt.h"

namespace buildlab::engine {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

Toolchain toolchain() {
  const Search search = find_toolchain();
  if (!search.found) {
    ADD_FAILURE() << "no engine: set BUILDLAB_BUILDKITD or run cmake/engine/install.sh";
    std::exit(99);
  }
  return *search.found;
}

// Of a process that may end meanwhile.
std::string command_line(const fs::path& process) {
  std::ifstream file(process / "cmdline");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Command lines of processes that name `word`, other than this one.
std::vector<std::string> processes_with(const std::string& word) {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string text = command_line(entry.path());
    if (text.find(word) != std::string::npos && entry.path().filename() != std::to_string(::getpid())) {
      found.push_back(text.substr(0, 200));
    }
  }
  return found;
}

std::vector<std::string> entries_of(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) names.push_back(entry.path().filename());
  return names;
}

class Engine : public testing::Test {
 protected:
  Engine() {
    ::setenv("BUILDLAB_CACHE", (m_dir.path() / "cache").c_str(), 1);
    ::setenv("XDG_RUNTIME_DIR", (m_dir.path() / "run").c_str(), 1);
    fs::create_directories(m_dir.path() / "run");
  }

  TempDir m_dir = std::move(*TempDir::create("/tmp", "buildlab-e2e-"));
  // Found with the user's cache folder in place, before the first test sets its own; listing tests needs no
  // engine.
  static void SetUpTestSuite() {
    if (!s_found) s_found = toolchain();
  }
  static inline std::optional<Toolchain> s_found;

  BuilderOptions options(const std::string& name) const {
    return {.toolchain = *s_found, .root = m_dir.path() / "roots" / name};
  }
  BuildRequest request(const std::string& dockerfile) const {
    BuildRequest request;
    request.context = m_dir.path() / "context";
    request.dockerfile = "Dockerfile";
    request.source_date_epoch = 0;
    request.export_attributes = {{"rewrite-timestamp", "true"}};
    EXPECT_TRUE(write_file_atomic(request.context / "Dockerfile", dockerfile));
    EXPECT_TRUE(write_file_atomic(request.context / "a", "content"));
    return request;
  }
  // A root file system of one static program is enough for RUN steps that last: the host's own, copied in.
  BuildRequest lasting_request() const {
    BuildRequest lasting = request("FROM scratch\nCOPY root /\nRUN [\"/sleep\", \"60\"]\n");
    const fs::path root = lasting.context / "root";
    fs::create_directories(root);
    std::error_code code;
    fs::copy_file("/bin/sleep", root / "sleep", fs::copy_options::overwrite_existing, code);
    for (const char* library : {"/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/libc.so.6",
                                "/lib/ld-linux-aarch64.so.1", "/lib/aarch64-linux-gnu/libc.so.6"}) {
      if (!fs::exists(library)) continue;
      fs::create_directories(root / fs::path(library).relative_path().parent_path());
      fs::copy_file(library, root / fs::path(library).relative_path(), fs::copy_options::overwrite_existing,
                    code);
    }
    return lasting;
  }
  fs::path out(const std::string& name) const { return m_dir.path() / "out" / name; }

  // What is still there of anything that was started below this test's folder.
  std::vector<std::string> left_behind() const {
    std::vector<std::string> left = processes_with(m_dir.path().string());
    std::ifstream mounts("/proc/self/mounts");
    for (std::string line; std::getline(mounts, line);) {
      if (line.find(m_dir.path().string()) != std::string::npos) left.push_back("mount " + line);
    }
    for (const fs::path& folder : {m_dir.path() / "run" / fmt::format("buildlab-{}", ::geteuid()),
                                   m_dir.path() / "cache/builders", m_dir.path() / "roots/fresh"}) {
      for (const std::string& name : entries_of(folder)) left.push_back((folder / name).string());
    }
    return left;
  }
  std::vector<std::string> left_behind_within(Nanoseconds limit) const {
    const auto until = SteadyClock::now() + limit;
    while (SteadyClock::now() < until && !left_behind().empty()) std::this_thread::sleep_for(20ms);
    return left_behind();
  }
};

TEST_F(Engine, BuildsKeepsItsArtifactsAndReadsProvenanceOfEachBuild) {
  auto builder = Builder::start(options("fresh"));
  ASSERT_TRUE(builder) << builder.error().message;
  std::vector<std::string> lines;
  auto first = (*builder)->build(request("FROM scratch\nCOPY a /a\n"), out("1"),
                                 [&](std::string_view line) { lines.emplace_back(line); });
  ASSERT_TRUE(first) << first.error().message;
  auto second = (*builder)->build(request("FROM scratch\nCOPY a /b\n"), out("2"), nullptr);
  ASSERT_TRUE(second);
  EXPECT_TRUE(process::succeeded(first->termination));
  EXPECT_FALSE(lines.empty());
  std::string streamed;
  for (const std::string& line : lines) streamed += line + "\n";
  EXPECT_EQ(read_file(first->progress).value(), streamed);
  EXPECT_GT(fs::file_size(first->image), 0U);
  EXPECT_EQ(load_json(first->metadata).value().contains("containerimage.digest"), true);
  EXPECT_NE(first->ref, second->ref);
  ASSERT_TRUE((*builder)->read_provenance({&*first, &*second}));
  const std::string one = to_line(load_json(first->provenance).value());
  const std::string two = to_line(load_json(second->provenance).value());
  EXPECT_THAT(one, HasSubstr("digestMapping"));
  EXPECT_NE(one, two);
  ASSERT_TRUE((*builder)->stop());
  EXPECT_THAT(left_behind(), IsEmpty());
}

TEST_F(Engine, KeepsTheCacheOfAKeptBuilderForTheNextProcess) {
  BuilderOptions kept = options("kept");
  kept.kept = true;
  for (int round = 0; round < 2; ++round) {
    auto builder = Builder::start(kept);
    ASSERT_TRUE(builder) << builder.error().message;
    auto build = (*builder)->build(request("FROM scratch\nCOPY a /a\n"), out(std::to_string(round)), nullptr);
    ASSERT_TRUE(build);
    const bool cached = read_file(build->progress).value().find("\"cached\":true") != std::string::npos;
    EXPECT_EQ(cached, round == 1);
    ASSERT_TRUE((*builder)->stop());
  }
  EXPECT_THAT(left_behind(), IsEmpty());
}

TEST_F(Engine, ForgetsTheCacheRecordsThatItIsToldTo) {
  auto builder = Builder::start(options("fresh"));
  ASSERT_TRUE(builder) << builder.error().message;
  const auto is_cached = [&](const std::string& name, const std::string& dockerfile) {
    const auto build = (*builder)->build(request(dockerfile), out(name), nullptr);
    EXPECT_TRUE(build);
    return read_file(build->progress).value().find("\"cached\":true") != std::string::npos;
  };
  const std::string first = "FROM scratch\nCOPY a /a\n";
  const std::string second = "FROM scratch\nCOPY a /b\n";
  EXPECT_FALSE(is_cached("1", first));
  const auto primed = (*builder)->cache_records();
  ASSERT_TRUE(primed) << primed.error().message;
  EXPECT_FALSE(is_cached("2", second));
  EXPECT_TRUE(is_cached("3", second));
  std::set<std::string> extra = (*builder)->cache_records().value();
  for (const std::string& id : *primed) extra.erase(id);
  EXPECT_THAT(extra, Not(IsEmpty()));
  ASSERT_TRUE((*builder)->remove_cache_records(extra));
  EXPECT_FALSE(is_cached("4", second));
  EXPECT_TRUE(is_cached("5", first));
}

TEST_F(Engine, ReturnsAFailedBuildWithItsMessages) {
  auto builder = Builder::start(options("fresh"));
  ASSERT_TRUE(builder);
  const auto build = (*builder)->build(request("FROM scratch\nCOPY missing /a\n"), out("1"), nullptr);
  ASSERT_TRUE(build) << build.error().message;
  EXPECT_EQ(std::get<process::Exited>(build->termination).code, 1);
  EXPECT_THAT(read_file(build->messages).value(), HasSubstr("missing"));
  EXPECT_TRUE(build->image.empty());
  EXPECT_FALSE(fs::exists(out("1") / "image.oci.tar"));
}

TEST_F(Engine, SendsOnlyWhatChangedFromAnotherFolder) {
  auto builder = Builder::start(options("fresh"));
  ASSERT_TRUE(builder);
  BuildRequest one = request("FROM scratch\nCOPY . /\n");
  ASSERT_TRUE(write_file_atomic(one.context / "large", std::string(8'000'000, 'x')));
  ASSERT_TRUE((*builder)->build(one, out("1"), nullptr));
  const fs::path elsewhere = m_dir.path() / "elsewhere";
  const auto copied = process::run({.argv = {"cp", "-a", one.context.string(), elsewhere.string()}});
  ASSERT_TRUE(copied && process::succeeded(copied->termination));
  one.context = elsewhere;
  const auto build = (*builder)->build(one, out("2"), nullptr);
  ASSERT_TRUE(build);
  EXPECT_EQ(read_file(build->progress).value().find("\"current\":8"), std::string::npos);
}

TEST_F(Engine, SaysSoWhenTheDaemonDiesDuringABuild) {
  auto builder = Builder::start(options("fresh"));
  ASSERT_TRUE(builder);
  std::atomic<bool> running = false;
  std::thread killer([&] {
    while (!running) std::this_thread::sleep_for(5ms);
    for (const auto& entry : fs::directory_iterator("/proc")) {
      const std::string text = command_line(entry.path());
      if (text.starts_with(s_found->buildkitd.path.string()) &&
          text.find(m_dir.path().string()) != std::string::npos) {
        ::kill(std::atoi(entry.path().filename().c_str()), SIGKILL);
      }
    }
  });
  const auto build = (*builder)->build(lasting_request(), out("1"), [&](std::string_view line) {
    if (line.find("/sleep") != std::string_view::npos) running = true;
  });
  running = true;
  killer.join();
  ASSERT_FALSE(build);
  EXPECT_EQ(build.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(build.error().message, HasSubstr("daemon ended"));
  EXPECT_FALSE(build.error().details.empty());
  ASSERT_TRUE((*builder)->stop());
  EXPECT_THAT(left_behind_within(5s), IsEmpty());
}

TEST_F(Engine, RefusesARootThatAnotherBuilderUses) {
  BuilderOptions kept = options("kept");
  kept.kept = true;
  auto first = Builder::start(kept);
  ASSERT_TRUE(first);
  const auto second = Builder::start(kept);
  ASSERT_FALSE(second);
  EXPECT_THAT(fmt::format("{}", fmt::join(second.error().details, "\n")), HasSubstr("lock"));
}

TEST_F(Engine, KeepsSecretsOutOfItsArtifacts) {
  ::setenv("BUILDLAB_TEST_TOKEN", "planted-5ecret-value", 1);
  auto builder = Builder::start(options("fresh"));
  ASSERT_TRUE(builder);
  BuildRequest leaking =
      request("FROM scratch\nARG NOTE\nLABEL note=$NOTE\nADD https://u:planted-word@127.0.0.1:1/x /x\n");
  leaking.secrets = {{.id = "token", .file = {}, .environment_variable = "BUILDLAB_TEST_TOKEN"}};
  leaking.build_args = {{"NOTE", "planted-5ecret-value"}};
  const auto build = (*builder)->build(leaking, out("1"), nullptr);
  ASSERT_TRUE(build);
  for (const fs::path& file : {build->progress, build->messages}) {
    const std::string text = read_file(file).value();
    EXPECT_EQ(text.find("planted-5ecret-value"), std::string::npos) << file;
    EXPECT_EQ(text.find("planted-word"), std::string::npos) << file;
  }
}

TEST_F(Engine, RunsTwoBuildersSideBySide) {
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  const BuildRequest same = request("FROM scratch\nCOPY a /a\n");
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&, i] {
      auto builder = Builder::start(options("fresh"));
      if (!builder) return;
      const auto build = (*builder)->build(same, out(std::to_string(i)), nullptr);
      if (build && process::succeeded(build->termination)) ++right;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 2);
  EXPECT_THAT(left_behind(), IsEmpty());
}

// In a process of its own: starts a builder and a build that lasts, and is ended from outside.
int owner(const BuilderOptions& options, const BuildRequest& request, const fs::path& folder) {
  process::catch_interrupts();
  auto builder = Builder::start(options);
  if (!builder) return builder.error().kind == ErrorKind::interrupted ? 130 : 99;
  const auto build = (*builder)->build(request, folder, nullptr);
  return !build && build.error().kind == ErrorKind::interrupted ? 130 : 1;
}

class KilledAtARandomMoment : public Engine, public testing::WithParamInterface<int> {};

TEST_P(KilledAtARandomMoment, LeavesNoProcessMountSocketOrFolder) {
  const int signal = GetParam();
  std::mt19937 random(std::random_device{}());
  const BuildRequest lasting = lasting_request();
  for (int round = 0; round < 8; ++round) {
    const auto moment = std::chrono::milliseconds(std::uniform_int_distribution<int>(0, 900)(random));
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(owner(options("fresh"), lasting, out("killed")));
    std::this_thread::sleep_for(moment);
    ::kill(pid, signal);
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (signal != SIGKILL && WIFEXITED(status)) {
      EXPECT_EQ(WEXITSTATUS(status), 130) << moment.count() << " ms";
    }
    EXPECT_THAT(left_behind_within(20s), IsEmpty())
        << "round " << round << ", after " << moment.count() << " ms";
    if (HasFailure()) break;
  }
}

INSTANTIATE_TEST_SUITE_P(BySignal, KilledAtARandomMoment, testing::Values(SIGKILL, SIGTERM, SIGINT));

TEST_F(Engine, ServesARegistryThatDiesWithItsOwner) {
  if (!s_found->registry) GTEST_FAIL() << "no registry server";
  const fs::path storage = m_dir.path() / "storage";
  {
    auto one = RegistryServer::start(*s_found->registry, storage);
    ASSERT_TRUE(one) << one.error().message;
    auto two = RegistryServer::start(*s_found->registry, storage);
    ASSERT_TRUE(two);
    EXPECT_NE((*one)->endpoint(), (*two)->endpoint());
    EXPECT_EQ(processes_with(storage.string()).size(), 2U);
  }
  EXPECT_THAT(processes_with(storage.string()), IsEmpty());
}

}  // namespace
}  // namespace buildlab::engine
