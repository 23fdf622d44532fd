#include "gates/driver/deadline.h"

namespace buildlab::gates {

Deadline::Deadline(Nanoseconds duration, std::function<void()> pass)
    : m_thread([this, duration, pass = std::move(pass)] {
        std::unique_lock guard(m_lock);
        if (m_wake.wait_for(guard, duration, [this] { return m_closing; })) return;
        m_passed = true;
        pass();
      }) {}

Deadline::~Deadline() {
  {
    const std::lock_guard guard(m_lock);
    m_closing = true;
  }
  m_wake.notify_all();
  m_thread.join();
}

}  // namespace buildlab::gates
