// What a builder has on this machine, written down while it lives, so that all of it can be removed when its
// owner is gone: at once by a guard process, or by the next start after a power cut.
#pragma once

#include <sys/types.h>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/file.h"
#include "framework/base/result.h"
#include "framework/process/child.h"

namespace buildlab::engine {

// A process, told apart from a later one with the same number.
struct ProcessIdentity {
  pid_t pid = 0;
  std::string started;  // clock ticks since boot, from /proc/PID/stat
  std::string boot;     // the kernel's boot id

  friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

// nullopt when there is no such process.
std::optional<ProcessIdentity> identify(pid_t pid);

struct Belongings {
  std::string id;
  std::filesystem::path sockets;                 // the runtime folder of this builder
  std::optional<std::filesystem::path> scratch;  // a fresh builder's root; a kept one's is not ours to remove
  std::string cgroup;                            // name of the group that its containers are put below
  std::optional<ProcessIdentity> daemon;
};

// Holds the lock on what is written down; the kernel frees it when this process ends.
class Ownership {
 public:
  // Writes `belongings` down (in the cache folder) and starts the guard, before anything of them is made.
  static Result<Ownership> take(Belongings belongings);
  Ownership(Ownership&&) = default;
  Ownership& operator=(Ownership&&) = default;
  Ownership(const Ownership&) = delete;
  Ownership& operator=(const Ownership&) = delete;
  ~Ownership() = default;

  const Belongings& belongings() const { return m_belongings; }
  Status set_daemon(ProcessIdentity daemon);
  // Removes everything (the daemon has ended), then what was written down, then lets the guard go.
  Status release();

 private:
  Ownership(Belongings belongings, FileLock lock, std::filesystem::path lock_path)
      : m_belongings(std::move(belongings)), m_lock(std::move(lock)), m_lock_path(std::move(lock_path)) {}
  Belongings m_belongings;
  std::optional<FileLock> m_lock;
  std::filesystem::path m_lock_path;
  std::unique_ptr<process::Child> m_guard;
};

// Empty control groups below every hierarchy whose name is `name`; what is in use stays.
void remove_control_groups(const std::string& name);

}  // namespace buildlab::engine
