// Cost: what one network costs on one device.

#ifndef NIWAKI_LIBS_COST_COST_H_
#define NIWAKI_LIBS_COST_COST_H_

#include <cstdint>
#include <string>

#include "libs/cost/figure.h"

namespace niwaki::cost {

// The counts are exact (the code in flash_bytes by a size table) and always known; latency and
// energy are known where the device has figures for them.
struct Cost {
  // Arena of the memory plan: activations, input and scratch.
  int64_t sram_bytes = 0;
  // Weights, tables and code.
  int64_t flash_bytes = 0;
  int64_t macs = 0;
  int64_t params = 0;
  // Of one inference.
  Figure latency_us;
  Figure energy_mj;
  // Name of the schedule that all figures are of (libs/engine/plan/schedule_kind.h); empty in rows
  // of before it was recorded.
  std::string schedule;

  friend bool operator==(const Cost& a, const Cost& b) {
    return a.sram_bytes == b.sram_bytes && a.flash_bytes == b.flash_bytes && a.macs == b.macs &&
           a.params == b.params && a.latency_us == b.latency_us && a.energy_mj == b.energy_mj &&
           a.schedule == b.schedule;
  }
};

// One of the ways to run a network.
struct ScheduleCost {
  std::string name;
  int64_t sram_bytes = 0;
  int64_t flash_bytes = 0;
  // Instructions over those of whole operators.
  double slowdown = 1;
  Figure latency_us;
};

}  // namespace niwaki::cost

#endif  // NIWAKI_LIBS_COST_COST_H_
