// The server that RUN and ADD of one build fetch through, where the scenario observes its network.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/result.h"
#include "framework/metrics/fetches.h"
#include "framework/network/proxy.h"
#include "framework/scenario/scenario.h"

namespace buildlab::run {

// With the scenario's faults at fetch in that measured build; nullopt is a build that nothing is done to.
Result<std::unique_ptr<network::Proxy>> start_fetch_server(const scenario::Scenario& scenario,
                                                           std::optional<int> measured_build);

// "127.0.0.1:PORT/WORD"
std::string address_of(const network::Proxy& server);

// What the server saw of one build.
struct Observed {
  std::vector<metrics::ObservedRequest> requests = {};
  int turned_away = 0;  // connections that it could not serve
};

Observed observed_by(const network::Transfers& transfers);

}  // namespace buildlab::run
