// The work of one training step, for the benchmark runner. This header needs no LibTorch.

#ifndef NIWAKI_LIBS_TRAIN_TRAINING_BENCHMARK_H_
#define NIWAKI_LIBS_TRAIN_TRAINING_BENCHMARK_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"

namespace niwaki::train {

struct TrainingBenchmarkOptions {
  // A resolution's value; the space must have it.
  int resolution = 0;
  int64_t batch = 64;
  // The largest subnet, which teaches; the smallest; and so many random ones.
  int random_subnets = 1;
  uint64_t seed = 1;
};

// Forward, distillation, backward and one step of SGD with Nesterov momentum, on random images in
// memory and one thread.
class TrainingWorkload {
 public:
  // NotFound for an unknown space, InvalidArgument for a resolution that it does not have.
  static absl::StatusOr<std::unique_ptr<TrainingWorkload>> Create(
      absl::string_view space_name, const TrainingBenchmarkOptions& options);
  virtual ~TrainingWorkload() = default;

  virtual const arch::SearchSpace& space() const = 0;
  // Of the subnets of a step, the largest first.
  virtual const std::vector<arch::Graph>& graphs() const = 0;

  // CPU seconds of the process for `steps` steps. The errors of GuardTorch.
  virtual absl::StatusOr<double> CpuSeconds(int steps) = 0;
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_TRAINING_BENCHMARK_H_
