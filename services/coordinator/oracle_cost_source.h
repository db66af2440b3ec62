// OracleCostSource: the CostSource that asks the oracle over gRPC.

#ifndef NIWAKI_SERVICES_COORDINATOR_ORACLE_COST_SOURCE_H_
#define NIWAKI_SERVICES_COORDINATOR_ORACLE_COST_SOURCE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "libs/arch/space.h"
#include "libs/base/digest.h"
#include "libs/client/oracle_client.h"
#include "libs/jobs/proposer/cost_source.h"
#include "proto/niwaki/v1/arch.pb.h"

namespace niwaki::coordinator {

// Thread-safe. Each call has a deadline of a few seconds. Unavailable with reason
// ORACLE_UNAVAILABLE and the address when the oracle cannot be reached; Internal with that reason
// for costs that cannot be (field, value and limit of the first wrong one); its own errors
// otherwise, a device's with field `spec.device`.
class OracleCostSource : public jobs::CostSource {
 public:
  // Connects with the first call.
  explicit OracleCostSource(const std::string& address);

  absl::StatusOr<jobs::DeviceFacts> FindDevice(const std::string& device) override;
  absl::StatusOr<std::vector<cost::Cost>> EstimateCosts(
      const jobs::DevicePin& device, const arch::SearchSpace& space,
      absl::Span<const arch::Subnet> subnets) override;

 private:
  // A space as it goes to the oracle.
  struct Known {
    Fingerprint structure;
    std::shared_ptr<const v1::SearchSpace> message;
  };

  // Made once for each of the last spaces: a job asks about the same one in every batch.
  std::shared_ptr<const v1::SearchSpace> MessageOf(const arch::SearchSpace& space);

  const std::string address_;
  client::OracleClient client_;
  absl::Mutex mutex_;
  // The oldest first.
  std::vector<Known> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_ORACLE_COST_SOURCE_H_
