// CostSource: where the proposer asks what networks cost. The service asks the oracle over gRPC;
// tests compute.

#ifndef NIWAKI_LIBS_JOBS_PROPOSER_COST_SOURCE_H_
#define NIWAKI_LIBS_JOBS_PROPOSER_COST_SOURCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/cost/cost.h"

namespace niwaki::jobs {

// A device as it was when a job began with it.
struct DevicePin {
  // Its id.
  std::string name;
  // As FindDevice gave it; "" takes the device as it is.
  std::string revision;
  // Costs are of the fastest schedule whose SRAM is at most this; 0: the device's SRAM.
  int64_t sram_limit_bytes = 0;
  // As FindDevice gave it: the version of the latency table; 0 takes the newest.
  int64_t table_version = 0;
};

struct DeviceFacts {
  // Names all that costs follow from; costs of two revisions are not comparable.
  std::string revision;
  // Of the latency table; its later versions do not change costs of this one.
  int64_t table_version = 0;
  // What a network may use.
  int64_t sram_bytes = 0;
  int64_t flash_bytes = 0;
};

// Thread-safe.
class CostSource {
 public:
  virtual ~CostSource() = default;

  // May block. NotFound DEVICE_UNKNOWN; Unavailable and DeadlineExceeded are worth another try.
  virtual absl::StatusOr<DeviceFacts> FindDevice(const std::string& device) = 0;

  // Costs of 1 to 4096 subnets of `space` on `device`, in order. May block. Equal questions with a
  // revision have equal answers. As FindDevice, and FailedPrecondition: TABLE_VERSION_GONE, and
  // DEVICE_CHANGED where the device has another revision in that version.
  virtual absl::StatusOr<std::vector<cost::Cost>> EstimateCosts(
      const DevicePin& device, const arch::SearchSpace& space,
      absl::Span<const arch::Subnet> subnets) = 0;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_PROPOSER_COST_SOURCE_H_
