// What it costs to go from one subnet to the next, for the benchmark runner.

#ifndef NIWAKI_LIBS_SUPERNET_SCORING_SWITCH_BENCHMARK_H_
#define NIWAKI_LIBS_SUPERNET_SCORING_SWITCH_BENCHMARK_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/space.h"

namespace niwaki::supernet {

// Of random subnets: building the graph and slicing the weights that it uses.
struct SwitchFigures {
  // Mean, CPU and wall time alike: one thread.
  double milliseconds = 0;
  // Largest size of the tensors that are not slices of the shared weights: kernels after their
  // matrices.
  int64_t most_new_bytes = 0;
  int64_t supernet_bytes = 0;
};

SwitchFigures MeasureSwitch(const arch::SearchSpace& space, int subnets, uint64_t seed);

// The same for a space of the catalogue; NotFound for an unknown one.
absl::StatusOr<SwitchFigures> MeasureCatalogueSwitch(absl::string_view space, int subnets,
                                                     uint64_t seed);

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_SCORING_SWITCH_BENCHMARK_H_
