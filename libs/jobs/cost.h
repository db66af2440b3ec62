// Cost: what a network costs on a job's device, as the oracle answered.

#ifndef NIWAKI_LIBS_JOBS_COST_H_
#define NIWAKI_LIBS_JOBS_COST_H_

#include <cstdint>

namespace niwaki::jobs {

// Where a figure comes from; the numbers are stored.
enum class Provenance { kUnknown = 0, kExact = 1, kMeasured = 2, kEmulated = 3, kPredicted = 4 };

// An estimate and the interval that holds nine cases of ten.
struct Figure {
  double value = 0;
  double low = 0;
  double high = 0;
  Provenance provenance = Provenance::kUnknown;

  friend bool operator==(const Figure& a, const Figure& b) {
    return a.value == b.value && a.low == b.low && a.high == b.high && a.provenance == b.provenance;
  }
};

struct Cost {
  int64_t sram_bytes = 0;
  int64_t flash_bytes = 0;
  int64_t macs = 0;
  int64_t params = 0;
  Figure latency_us;
  Figure energy_mj;

  friend bool operator==(const Cost& a, const Cost& b) {
    return a.sram_bytes == b.sram_bytes && a.flash_bytes == b.flash_bytes && a.macs == b.macs &&
           a.params == b.params && a.latency_us == b.latency_us && a.energy_mj == b.energy_mj;
  }
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_COST_H_
