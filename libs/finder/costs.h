// What networks cost, as functions for searches in one process.

#ifndef NIWAKI_LIBS_FINDER_COSTS_H_
#define NIWAKI_LIBS_FINDER_COSTS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/device/device.h"
#include "libs/latency/space_table.h"
#include "libs/search/feasibility.h"

namespace niwaki::finder {

// Costs that are sums over a network's blocks, each by a table of its space: a few tens of
// nanoseconds a network. The metrics without a table stay absent.
struct CostTables {
  // In microseconds.
  std::optional<latency::SpaceTable> latency_us;
  std::optional<latency::SpaceTable> macs;
};
search::CostFunction TableCosts(CostTables tables);

// All costs of networks of `space` on a device of the catalogue, latency and energy by the default
// models: of the fastest schedule of at most `sram_limit_bytes`, 0 being the device's SRAM, as
// latency::CostEstimator; some ten microseconds a network that fits whole, a hundred else. Latency
// stays absent where there is no model of the device or its core, energy also where its power is
// unknown. `space` must outlive the function, which is not thread-safe.
search::CostFunction DeviceCosts(const arch::SearchSpace& space, const device::Device& device,
                                 int64_t sram_limit_bytes = 0);

// Names of the schedules that DeviceCosts' figures are of, in the order of `subnets`
// (libs/engine/plan/schedule_kind.h).
std::vector<std::string> DeviceSchedules(const arch::SearchSpace& space,
                                         const device::Device& device, int64_t sram_limit_bytes,
                                         absl::Span<const arch::Subnet> subnets);

// `first`, and what it leaves absent from `second`.
search::CostFunction CombineCosts(search::CostFunction first, search::CostFunction second);

// MACs and parameters, counted on the network itself: a few microseconds a network. `space` must
// outlive the function, which is not thread-safe.
search::CostFunction GraphCosts(const arch::SearchSpace& space);

}  // namespace niwaki::finder

#endif  // NIWAKI_LIBS_FINDER_COSTS_H_
