#include "framework/network/lookups.h"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace buildlab::network {
namespace {

void disturb(const fault::Fault& fault, Lookup& lookup) {
  const auto lead_to = [&](LeadsTo place) {
    if (lookup.leads_to == LeadsTo::proxy) lookup.leads_to = place;
  };
  if (fault.kind == fault::Kind::slow_dns)
    lookup.delay += std::chrono::milliseconds(fault.delay_ms.value_or(0));
  if (fault.kind == fault::Kind::unreachable) lead_to(LeadsTo::nowhere);
  if (fault.kind == fault::Kind::no_route) lead_to(LeadsTo::no_route);
  if (fault.kind == fault::Kind::unresolved) lead_to(LeadsTo::failure);
}

}  // namespace

Lookups::Lookups(const std::vector<fault::Fault>& faults, std::optional<int> build) : m_build(build) {
  std::copy_if(faults.begin(), faults.end(), std::back_inserter(m_faults),
               [](const fault::Fault& fault) { return fault::is_of_way(fault.kind); });
  m_applied.resize(m_faults.size());
}

Lookup Lookups::next(fault::At at, Nanoseconds after) {
  Lookup lookup;
  const auto after_ms = std::chrono::duration_cast<std::chrono::milliseconds>(after).count();
  for (std::size_t i = 0; i < m_faults.size(); ++i) {
    const fault::Fault& fault = m_faults[i];
    if (fault.at != at || !is_on(fault, m_build, after_ms)) continue;
    if (fault.times && m_applied[i] >= *fault.times) continue;
    ++m_applied[i];
    disturb(fault, lookup);
  }
  return lookup;
}

bool Lookups::would_fail(fault::At at, Nanoseconds after) const {
  Lookups other = *this;
  return other.next(at, after).leads_to == LeadsTo::failure;
}

}  // namespace buildlab::network
