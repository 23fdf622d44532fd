// One connection of a client and the one to the upstream that belongs to it. Private to the room.
#pragma once

#include <memory>

#include "framework/network/shared.h"

namespace buildlab::network {

class Relay {
 public:
  // Takes the client's socket over; `shared` outlives it.
  static std::unique_ptr<Relay> make(int client, Shared& shared);
  // To whatever server each request names (framework/base/through_url.h).
  static std::unique_ptr<Relay> make_for_fetches(int client, Shared& shared);
  virtual ~Relay() = default;
  // Serves request after request until one side ends or stop() was called.
  virtual void run() = 0;
  // From another thread; run() returns soon after.
  virtual void stop() = 0;
};

}  // namespace buildlab::network
