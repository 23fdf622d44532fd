// The driver's own deadline, which comes before CTest's TIMEOUT: builds are stopped as by an interrupt, so
// that what there is can be recorded and everything is cleaned up.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "framework/base/time.h"

namespace buildlab::gates {

class Deadline {
 public:
  // Calls `pass` once after `duration`, on a thread of its own, unless this object's life ends before.
  Deadline(Nanoseconds duration, std::function<void()> pass);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  bool passed() const { return m_passed; }

 private:
  std::atomic<bool> m_passed = false;
  std::mutex m_lock;
  std::condition_variable m_wake;
  bool m_closing = false;
  std::thread m_thread;
};

}  // namespace buildlab::gates
