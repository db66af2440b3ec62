// How long scoring a subnet takes, for the benchmark runner.

#ifndef NIWAKI_LIBS_SUPERNET_SCORING_BENCHMARK_H_
#define NIWAKI_LIBS_SUPERNET_SCORING_BENCHMARK_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::supernet {

struct ScoringBenchmarkOptions {
  // Random subnets to score, after one that is not counted.
  int subnets = 8;
  int64_t calibration_images = 512;
  int64_t evaluation_images = 1000;
  int threads = 2;
  uint64_t seed = 1;
  // Where the synthetic data set is written.
  std::string folder = "/tmp";
};

// Means over the subnets, wall time.
struct ScoringFigures {
  double recalibration_seconds = 0;
  double evaluation_seconds = 0;
  double seconds_per_subnet = 0;
};

// Scores random subnets of a catalogue space with untrained weights on synthetic data of the
// space's shape. NotFound for an unknown space, else the errors of writing the data and of scoring.
absl::StatusOr<ScoringFigures> MeasureScoring(absl::string_view space_name,
                                              const ScoringBenchmarkOptions& options);

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_SCORING_BENCHMARK_H_
