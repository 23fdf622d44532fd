// One connection of a client and the one to the upstream that belongs to it. Private to the room.
#pragma once

#include <memory>

#include "framework/network/shared.h"

namespace buildlab::network {

class Relay {
 public:
  // The client's socket is the relay's from the beginning of run() on; `shared` outlives it.
  static std::unique_ptr<Relay> make(int client, Shared& shared);
  // To whatever server each request names (framework/base/through_url.h).
  static std::unique_ptr<Relay> make_for_fetches(int client, Shared& shared);
  virtual ~Relay() = default;
  // Serves request after request until one side ends or stop() was called.
  virtual void run() = 0;
  // From another thread; run() returns soon after.
  virtual void stop() = 0;
  // From another thread: stop() where it only waits for a further request.
  virtual void stop_if_idle() = 0;
  // After an exception of run(): both sides see that the connection was torn.
  virtual void abandon() = 0;
};

// run(), with both sides closed at its end, however that comes.
void run_to_end(Relay& relay);

}  // namespace buildlab::network
