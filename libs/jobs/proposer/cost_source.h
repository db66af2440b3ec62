// CostSource: where the proposer asks what networks cost. The service asks the oracle over gRPC;
// tests compute.

#ifndef NIWAKI_LIBS_JOBS_PROPOSER_COST_SOURCE_H_
#define NIWAKI_LIBS_JOBS_PROPOSER_COST_SOURCE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/cost/cost.h"

namespace niwaki::jobs {

// Thread-safe.
class CostSource {
 public:
  virtual ~CostSource() = default;

  // Costs of 1 to 4096 subnets of `space` on `device` (an id), in order. May block. Equal questions
  // have equal answers while the oracle's tables stand. NotFound DEVICE_UNKNOWN; Unavailable and
  // DeadlineExceeded are worth another try.
  virtual absl::StatusOr<std::vector<cost::Cost>> EstimateCosts(
      const std::string& device, const arch::SearchSpace& space,
      absl::Span<const arch::Subnet> subnets) = 0;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_PROPOSER_COST_SOURCE_H_
