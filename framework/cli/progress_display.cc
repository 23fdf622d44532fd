#include "framework/cli/progress_display.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "framework/cli/console.h"

namespace buildlab::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto k_redraw = 100ms;
constexpr auto k_heartbeat = 30s;

Size terminal_size() {
  struct winsize size {};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

}  // namespace

ProgressDisplay::ProgressDisplay(Mode mode) : m_mode(mode), m_last_said(SteadyClock::now()) {
  m_thread = std::thread([this] { tick(); });
}

ProgressDisplay::~ProgressDisplay() {
  close();
}

void ProgressDisplay::build_started(std::string scenario, std::string builder, std::string label,
                                    std::shared_ptr<const SourceFile> source) {
  const std::lock_guard guard(m_mutex);
  LiveBuild build;
  build.scenario = std::move(scenario);
  build.builder = std::move(builder);
  build.label = std::move(label);
  build.since = SteadyClock::now();
  build.source = std::move(source);
  if (m_mode == Mode::log) {
    redraw(fmt::format("{}: {}{} started\n", build.scenario, build.label,
                       build.builder.empty() ? "" : fmt::format(" ({})", build.builder)));
  }
  // A build whose end was not told (it failed) makes room for its successor.
  if (LiveBuild* earlier = m_state.find(build.scenario, build.builder)) {
    *earlier = std::move(build);
  } else {
    m_state.builds.push_back(std::move(build));
  }
  if (m_mode == Mode::terminal) redraw("");
}

void ProgressDisplay::progress(std::string_view scenario, std::string_view builder, std::string_view line) {
  const std::lock_guard guard(m_mutex);
  LiveBuild* build = m_state.find(scenario, builder);
  if (build == nullptr) return;
  const std::vector<std::string> said = take_progress_line(*build, line, SteadyClock::now());
  if (m_mode == Mode::terminal || said.empty()) return;
  redraw(fmt::format("{}\n", fmt::join(said, "\n")));
}

void ProgressDisplay::build_finished(std::string_view scenario, std::string_view builder) {
  const std::lock_guard guard(m_mutex);
  std::erase_if(m_state.builds, [&](const LiveBuild& build) {
    return build.scenario == scenario && build.builder == builder;
  });
}

void ProgressDisplay::scenario_finished(std::string_view scenario) {
  const std::lock_guard guard(m_mutex);
  std::erase_if(m_state.builds, [&](const LiveBuild& build) { return build.scenario == scenario; });
}

void ProgressDisplay::print(std::string_view text) {
  const std::lock_guard guard(m_mutex);
  redraw(text);
}

void ProgressDisplay::close() {
  {
    const std::lock_guard guard(m_mutex);
    if (m_closed) return;
    m_closed = true;
    m_state.builds.clear();
    redraw("");
  }
  m_wake.notify_all();
  m_thread.join();
}

void ProgressDisplay::tick() {
  std::unique_lock lock(m_mutex);
  while (!m_closed) {
    m_wake.wait_for(lock, m_mode == Mode::terminal ? std::chrono::milliseconds(k_redraw) : 1s);
    if (m_closed) return;
    if (m_mode == Mode::terminal) {
      if (!m_state.builds.empty() || m_drawn > 0) redraw("");
    } else if (const TimePoint now = SteadyClock::now(); now - m_last_said >= k_heartbeat) {
      const std::string text = heartbeat(m_state, now);
      m_last_said = now;
      if (!text.empty()) redraw(text + "\n");
    }
  }
}

// One write: what was drawn goes, the text takes its place, the live lines follow. The caller holds the
// mutex.
void ProgressDisplay::redraw(std::string_view text_above) {
  std::string out;
  if (m_drawn > 0) out += fmt::format("\x1b[{}A\r\x1b[J", m_drawn);
  out += text_above;
  m_drawn = 0;
  if (m_mode == Mode::terminal) {
    if (!text_above.empty() && text_above.back() != '\n') out += '\n';
    for (const std::string& line : frame(m_state, SteadyClock::now(), terminal_size())) {
      out += line + "\n";
      ++m_drawn;
    }
  }
  if (out.empty()) return;
  if (!text_above.empty()) m_last_said = SteadyClock::now();
  write_stderr(out);
}

}  // namespace buildlab::cli
