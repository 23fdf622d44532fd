// Which programs a container ran, seen by fanotify(7) from outside: a library that the environment preloads
// is not in all of them.
#pragma once

#include <sys/types.h>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "framework/base/file.h"
#include "framework/base/result.h"
#include "framework/shim/program.h"
#include "framework/shim/rootfs.h"

namespace buildlab::shim {

class ExecutedPrograms {
 public:
  // Sees executions from the file system that `folder`, the root of `root`, lies on. An overlay is mounted
  // for one container; of any other file system only files that this root has count. An error where the
  // kernel or missing rights forbid it.
  static Result<ExecutedPrograms> watch(const std::filesystem::path& folder, const Root& root);

  // Readable when there is something to take.
  int descriptor() const { return m_events.get(); }
  // Takes what has been seen up to now.
  Status take();

  // One that a preloaded library was not in, and why; nullopt when it was in all of them.
  std::optional<std::string> unreached() const;

 private:
  ExecutedPrograms(Fd events, const Root& root, bool shared)
      : m_events(std::move(events)), m_root(root), m_shared(shared) {}
  void note(const Fd& file);

  Fd m_events;
  const Root& m_root;
  bool m_shared;  // others run programs from this file system too
  std::map<FileIdentity, std::pair<std::string, Program>> m_programs;
  std::set<FileIdentity> m_loaders;  // of these programs: they are opened as programs are
};

}  // namespace buildlab::shim
