// Private to the room: starting a program in a process group (or session) of its own, by Boost.Process v2.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/file.h"
#include "framework/base/result.h"
#include "framework/process/child.h"

namespace buildlab::process {

enum class Grouping { own_group, own_session };

struct Launch {
  const std::vector<std::string>& argv;
  const std::map<std::string, std::string>& environment;
  const std::vector<std::string>& unset;
  const std::filesystem::path& directory;
  int standard_input;  // descriptors above 2 (see above_stdio)
  int standard_output;
  int standard_error;
  Grouping grouping = Grouping::own_group;
  OnOurDeath on_our_death = OnOurDeath::dies;
};

struct Launched {
  pid_t pid;
  Fd pidfd;  // readable once it has ended; the caller reaps it
};

// The program runs when this returns: a missing file, missing rights or a bad folder are errors here.
Result<Launched> launch(const Launch& launch);

// The same descriptor with a number above 2, close-on-exec, so that it cannot collide with what a child's
// standard streams are made from when this process was itself started with some of them closed.
Result<Fd> above_stdio(Fd fd);
Result<Fd> open_null(int flags);
struct Pipe {
  Fd read;
  Fd write;
};
Result<Pipe> make_pipe();

// SIGKILL to what is left of the group, then reaping of its leader, whose end was seen already. `usage` is
// filled where given. The order keeps the group's number from being used again before the kill.
struct Usage {
  Nanoseconds user{};
  Nanoseconds system{};
};
Termination end_group_and_reap(pid_t pid, Usage* usage);

// What raise_descriptor_limit() (descriptors.h) changed; nullopt where it changed nothing.
std::optional<rlimit> descriptor_limit_of_children();

}  // namespace buildlab::process
