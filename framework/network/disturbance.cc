#include "framework/network/disturbance.h"

#include <algorithm>
#include <utility>

namespace buildlab::network {
namespace {

using fault::At;
using fault::Fault;
using fault::Kind;

// As long as a client waits that connects to what does not answer.
constexpr Nanoseconds k_until_given_up = std::chrono::seconds(30);

// Whether there is a body that such a fault could touch. The way to a registry is that of look-ups
// (lookups.h); of a fetch, whose server the proxy itself goes to, the request is told how that ended.
bool applies(const Fault& fault, const Asked& asked) {
  if (fault::is_of_way(fault.kind)) return fault.at == At::fetch;
  if (fault.kind != Kind::cut && fault.kind != Kind::corrupt) return true;
  return fault.at == At::write ? asked.has_body : asked.method == "GET";
}

void apply(const Fault& fault, std::mt19937_64& random, Disturbed& result) {
  const auto answer = [&](int status) {
    if (!result.answer) result.answer = FaultyAnswer{status, fault.retry_after_sec};
  };
  switch (fault.kind) {
    case Kind::refused:
      result.reset = true;
      return;
    case Kind::status:
      return answer(fault.status.value_or(500));
    case Kind::too_many_requests:
      return answer(429);
    case Kind::gone:
      return answer(404);
    case Kind::unauthorized:
      return answer(401);
    case Kind::latency: {
      const auto most = static_cast<std::uint64_t>(std::max(0, fault.jitter_ms.value_or(0)));
      const auto more = static_cast<std::int64_t>(random() % (most + 1));
      result.delay += std::chrono::milliseconds(fault.latency_ms.value_or(0) + more);
      return;
    }
    case Kind::bandwidth: {
      const std::uint64_t rate = std::max<std::uint64_t>(1, fault.bytes_per_sec.value_or(1));
      result.bytes_per_sec = std::min(result.bytes_per_sec.value_or(rate), rate);
      return;
    }
    case Kind::cut:
      result.cut = true;
      result.cut_after = fault.after_bytes;
      result.of_request = fault.at == At::write;
      return;
    case Kind::corrupt:
      result.corrupt = true;
      result.of_request = fault.at == At::write;
      return;
    case Kind::slow_dns:
      result.delay += std::chrono::milliseconds(fault.delay_ms.value_or(0));
      return;
    case Kind::unreachable:
      result.delay += k_until_given_up;
      return answer(502);
    case Kind::no_route:
    case Kind::unresolved:
      return answer(502);
  }
}

}  // namespace

fault::At place_of(const Asked& asked, const Descriptions& known, const std::string& import_reference) {
  const bool reads = asked.method == "GET" || asked.method == "HEAD";
  const Target& target = asked.target;
  if (!reads || target.path_class == PathClass::upload) return At::write;
  if (target.path_class == PathClass::blob) {
    if (asked.method == "HEAD") return At::write;  // is it there already?
    const auto described = known.find(target.digest);
    return described != known.end() && described->second.media == "config" ? At::import : At::pull;
  }
  if (target.path_class == PathClass::manifest && asked.method == "HEAD" && target.digest.empty() &&
      !import_reference.empty() && target.reference != import_reference) {
    return At::write;
  }
  return At::import;
}

Disturbance::Disturbance(Plan plan)
    : m_plan(std::move(plan)), m_applied(m_plan.faults.size()), m_random(m_plan.seed) {}

Disturbed Disturbance::next(const Asked& asked, const Descriptions& known, Nanoseconds after) {
  Disturbed result;
  const At at = m_plan.fetches ? At::fetch : place_of(asked, known, m_plan.import_reference);
  const auto after_ms = std::chrono::duration_cast<std::chrono::milliseconds>(after).count();
  for (std::size_t i = 0; i < m_plan.faults.size(); ++i) {
    const Fault& fault = m_plan.faults[i];
    if (fault.at != at || !applies(fault, asked) || !is_on(fault, m_plan.build, after_ms)) continue;
    if (fault.times && m_applied[i] >= *fault.times) continue;
    ++m_applied[i];
    apply(fault, m_random, result);
  }
  return result;
}

}  // namespace buildlab::network
