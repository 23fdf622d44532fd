// What the relays do with their client: one request after the other, until one side ends. Private to the
// room.
#pragma once

#include <mutex>
#include <vector>

#include "framework/network/body.h"
#include "framework/network/message.h"
#include "framework/network/relay.h"

namespace buildlab::network {

class ServingRelay : public Relay {
 public:
  ServingRelay(int client, Shared& shared);

  void run() final;
  void stop() final { m_loop.stop(); }
  void stop_if_idle() final;
  void abandon() final;

 protected:
  // One request whose head was read. Where it leaves the client open, the next one is read.
  virtual void serve(RequestParser& request) = 0;
  virtual void close_other_side() = 0;
  // Whether the client may send a further request over the same connection.
  bool keeps(const RequestParser& request) const;

  Shared& m_shared;
  Loop m_loop;
  Connection m_client;
  std::vector<char> m_piece;
  Splice m_splice;

 private:
  bool wait_for_request();

  int m_handed_over;  // the client's socket
  std::mutex m_idle_mutex;
  bool m_idle = false;  // waits for a further request
};

}  // namespace buildlab::network
