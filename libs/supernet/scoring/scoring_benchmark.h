// How long scoring a subnet takes, for the benchmark runner.

#ifndef NIWAKI_LIBS_SUPERNET_SCORING_SCORING_BENCHMARK_H_
#define NIWAKI_LIBS_SUPERNET_SCORING_SCORING_BENCHMARK_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/data/prepared/prepared.h"
#include "libs/supernet/scoring/scorer.h"
#include "libs/supernet/supernet.h"

namespace niwaki::supernet {

struct ScoringBenchmarkOptions {
  // Random subnets to score, after one that is not counted.
  int subnets = 8;
  int64_t calibration_images = 512;
  int64_t evaluation_images = 1000;
  int threads = 2;
  uint64_t seed = 1;
  // Where the synthetic data set is written for a moment.
  std::string folder;
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

// One subnet of a catalogue space at one resolution, with untrained weights and synthetic images in
// memory, to be scored as often as wanted.
class ScoringWorkload {
 public:
  // The subnet is drawn by `options.seed`. InvalidArgument for a resolution that the space does not
  // have, else as MeasureScoring.
  static absl::StatusOr<std::unique_ptr<ScoringWorkload>> Create(
      absl::string_view space_name, int resolution, const ScoringBenchmarkOptions& options);

  const arch::SearchSpace& space() const { return supernet_->space(); }
  const arch::Subnet& subnet() const { return subnet_; }

  // The Score's times are what is measured.
  absl::StatusOr<Score> Run() { return scorer_->ScoreSubnet(subnet_); }

 private:
  ScoringWorkload() = default;

  std::unique_ptr<data::PreparedData> data_;
  std::unique_ptr<Supernet> supernet_;
  std::unique_ptr<Scorer> scorer_;
  arch::Subnet subnet_;
};

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_SCORING_SCORING_BENCHMARK_H_
