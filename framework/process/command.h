// Running one child program: an argument vector, no shell, two pipes, its own process group, a deadline.
// Knows argv and pipes, nothing of containers.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "framework/base/result.h"
#include "framework/base/time.h"

namespace buildlab::process {

struct Exited {
  int code = 0;
};
struct Signalled {
  int signal = 0;
};
struct TimedOut {};     // the deadline passed; the whole group was ended
struct Interrupted {};  // SIGINT or SIGTERM came (interrupt.h); the whole group was ended
using Termination = std::variant<Exited, Signalled, TimedOut, Interrupted>;

bool succeeded(const Termination& termination);
std::string to_string(const Termination& termination);  // "exit code 1", "signal 9 (Killed)", …

struct Command {
  std::vector<std::string> argv;                        // argv[0] is looked up in PATH when it has no slash
  std::map<std::string, std::string> environment = {};  // on top of (and over) the inherited one
  std::vector<std::string> unset = {};                  // names removed from the inherited one
  std::filesystem::path directory = {};                 // empty: the current one
  std::string input = {};                               // given on standard input, then end of file
  std::optional<Nanoseconds> timeout = std::nullopt;
  // Called with whole lines (without the newline) as they come, on the calling thread; an unfinished last
  // line too. A line above 64 MiB comes in pieces.
  std::function<void(std::string_view)> on_stdout_line = nullptr;
  std::function<void(std::string_view)> on_stderr_line = nullptr;
  bool keep_stdout = true;  // collect into Finished
  bool keep_stderr = true;
};

struct Finished {
  Termination termination;
  std::string standard_output = {};
  std::string standard_error = {};
  WallTime started = {};
  Nanoseconds duration{};  // spawn to exit, steady clock
  Nanoseconds user_cpu{};  // of the child and those of its descendants that it waited for
  Nanoseconds system_cpu{};
};

// Errors only when the program could not be started (not found, no rights); how it ended is in Finished.
// All of its process group is gone on return; a deadline or an interrupt ends the group softly (SIGTERM),
// after one second by force. It also dies with this process, whatever ends that. Usable from several threads
// at once. When an interrupt came before, nothing is started and the termination is Interrupted.
Result<Finished> run(const Command& command);

// Full path of a program as a shell would find it, or nullopt.
std::optional<std::filesystem::path> find_program(std::string_view name);

}  // namespace buildlab::process
