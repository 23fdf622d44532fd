#include "framework/run/fetch_server.h"

#include <algorithm>

namespace buildlab::run {

Result<std::unique_ptr<network::Proxy>> start_fetch_server(const scenario::Scenario& scenario,
                                                           std::optional<int> measured_build) {
  network::Plan plan;
  if (measured_build) plan.faults = scenario.faults;
  plan.build = measured_build;
  return network::Proxy::start_for_fetches(plan);
}

std::string address_of(const network::Proxy& server) {
  const std::string endpoint = server.endpoint();
  return "127.0.0.1" + endpoint.substr(endpoint.rfind(':')) + server.entrance();
}

Observed observed_by(const network::Transfers& transfers) {
  Observed observed;
  observed.turned_away = static_cast<int>(std::min<std::uint64_t>(transfers.turned_away, 1'000'000));
  observed.requests.reserve(transfers.exchanges.size());
  for (const network::Exchange& exchange : transfers.exchanges) {
    metrics::ObservedRequest request;
    request.method = exchange.method;
    request.url = exchange.target.path;
    request.start = exchange.start;
    request.end = exchange.end;
    if (exchange.first_byte) request.first_byte = *exchange.first_byte - exchange.start;
    request.status = exchange.status;
    request.cut = exchange.cut;
    request.by_builder = exchange.by_builder;
    request.leads_to = exchange.leads_to;
    observed.requests.push_back(std::move(request));
  }
  return observed;
}

}  // namespace buildlab::run
