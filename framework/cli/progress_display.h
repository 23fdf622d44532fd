// The live view on standard error: on a terminal the running steps with their times below what was printed,
// in a log one line an event and a line every 30 s that names what is running.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "framework/cli/progress_state.h"

namespace buildlab::cli {

// Safe from several threads. Everything that is written to standard error meanwhile goes through print().
class ProgressDisplay {
 public:
  enum class Mode { terminal, log };

  explicit ProgressDisplay(Mode mode);
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;
  ~ProgressDisplay();

  // `label`: "priming", "build 2 of 5". `source` may be null: steps then go without Dockerfile lines.
  void build_started(std::string scenario, std::string builder, std::string label,
                     std::shared_ptr<const SourceFile> source);
  void progress(std::string_view scenario, std::string_view builder, std::string_view line);
  void build_finished(std::string_view scenario, std::string_view builder);
  // Also for builds that ended without build_finished (interrupt, error).
  void scenario_finished(std::string_view scenario);

  // Whole lines, above the live ones.
  void print(std::string_view text);
  // Takes the live lines off the terminal for good and ends the thread; print() still works.
  void close();

 private:
  void tick();
  void redraw(std::string_view text_above);

  const Mode m_mode;
  std::mutex m_mutex;
  std::condition_variable m_wake;
  bool m_closed = false;
  LiveState m_state;
  std::size_t m_drawn = 0;  // live lines on the terminal
  TimePoint m_last_said;
  std::thread m_thread;
};

}  // namespace buildlab::cli
