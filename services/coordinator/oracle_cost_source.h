// OracleCostSource: the CostSource that asks the oracle over gRPC.

#ifndef NIWAKI_SERVICES_COORDINATOR_ORACLE_COST_SOURCE_H_
#define NIWAKI_SERVICES_COORDINATOR_ORACLE_COST_SOURCE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/client/oracle_client.h"
#include "libs/jobs/proposer/cost_source.h"

namespace niwaki::coordinator {

// Thread-safe. Each call has a deadline of a few seconds. Unavailable with reason
// ORACLE_UNAVAILABLE and the address when the oracle cannot be reached; Internal with that reason
// for costs that cannot be (field, value and limit of the first wrong one); its own errors
// otherwise, a device's with field `spec.device`.
class OracleCostSource : public jobs::CostSource {
 public:
  // Connects with the first call.
  explicit OracleCostSource(const std::string& address);

  absl::StatusOr<std::vector<cost::Cost>> EstimateCosts(
      const std::string& device, const arch::SearchSpace& space,
      absl::Span<const arch::Subnet> subnets) override;

 private:
  const std::string address_;
  client::OracleClient client_;
};

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_ORACLE_COST_SOURCE_H_
