// A child program that lives beside us (a daemon, a server): started, watched, ended with everything in its
// group.
#pragma once

#include <sys/types.h>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"
#include "framework/base/time.h"
#include "framework/process/command.h"

namespace buildlab::process {

enum class OnOurDeath {
  dies,     // killed by the kernel when this process ends, however that happens
  outlives  // only for a guard, whose very task comes then
};

struct ChildCommand {
  std::vector<std::string> argv;                        // argv[0] is looked up in PATH when it has no slash
  std::map<std::string, std::string> environment = {};  // on top of (and over) the inherited one
  std::filesystem::path log = {};                       // both outputs are appended here; empty: thrown away
  OnOurDeath on_our_death = OnOurDeath::dies;
};

// The kernel ties "dies with us" to the thread that forked, so each Child has a thread of its own that starts
// it, waits for it and reaps it; a Child may thus be handed from thread to thread.
class Child {
 public:
  static Result<std::unique_ptr<Child>> start(const ChildCommand& command);
  // Kills the group and waits for the child's end.
  virtual ~Child() = default;

  virtual pid_t pid() const = 0;
  // nullopt while it runs.
  virtual std::optional<Termination> ended() const = 0;
  // Waits for its end, at most so long; nullopt when it still runs then.
  virtual std::optional<Termination> wait(Nanoseconds at_most) = 0;
  // To every process of its group; nothing happens when it has ended.
  virtual void signal_group(int signal) = 0;
  // Written to its standard input, which stays open until close_input() or the end of this object. False when
  // it does not read any more.
  virtual bool write_input(std::string_view text) = 0;
  virtual void close_input() = 0;
};

}  // namespace buildlab::process
