#include "framework/drift/passed_over.h"

#include "framework/drift/order.h"

namespace buildlab::drift {

std::vector<Ignored> pass_over(const std::vector<policy::Policy>& policies,
                               std::vector<Difference>& differences) {
  std::vector<Ignored> ignored;
  for (const policy::Policy& policy : policies) {
    const std::size_t before = differences.size();
    std::erase_if(differences, [&](const Difference& difference) {
      return policy::covers(policy, difference.path, difference.attribute, attribute_name(difference));
    });
    ignored.push_back({policy.text, policy.reason, before - differences.size()});
  }
  return ignored;
}

}  // namespace buildlab::drift
