// Scorer: how good a subnet of a supernet is on held-out data, without training it. This header
// needs no LibTorch.
//
//   NIWAKI_ASSIGN_OR_RETURN(auto scorer, Scorer::Create(supernet, data, {}));
//   NIWAKI_ASSIGN_OR_RETURN(Score score, scorer->ScoreSubnet(subnet));
//
// A score is a pure function of (shared weights, subnet, data, image counts, batch sizes,
// precision): on the CPU it is the same bit for bit whatever was scored before, in which process,
// and with how many threads. Every operator runs on one thread; more threads work on different
// batches, whose results are joined in batch order. Neither the evaluation batch nor the
// processor's instruction set changes what is evaluated with our own kernels (fused_network.h).

#ifndef NIWAKI_LIBS_SUPERNET_SCORING_SCORER_H_
#define NIWAKI_LIBS_SUPERNET_SCORING_SCORER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/arch/subnet.h"
#include "libs/base/clock.h"
#include "libs/data/prepared/prepared.h"
#include "libs/supernet/supernet.h"

namespace niwaki::supernet {

struct ScoreOptions {
  // Images of the calibration split for batch-norm recalibration, the first ones; 0 for all. More
  // than there are: all.
  int64_t calibration_images = 512;
  // Images of `split` to evaluate, the first ones; 0 for all.
  int64_t evaluation_images = 0;
  data::Split split = data::Split::kValidation;
  // Batch norm as the weights have it, instead of recalibrated: right for a network that was
  // trained alone, never for a subnet of several. Needs no calibration images.
  bool keep_statistics = false;
  // Part of the score's key: batch statistics depend on it.
  int calibration_batch = 64;
  // Small enough for the activations of a block to stay in the cache.
  int evaluation_batch = 32;
  // Batches worked on at once.
  int threads = 1;
  // "cpu" or "cuda".
  std::string device = "cpu";
  // Of the seconds in a score.
  Clock* clock = &Clock::Real();

  // InvalidArgument with the field, its value and the limit.
  absl::Status Validate() const;
};

// The numeric class of scores made on a device, part of a score's key: "cpu-f32", or "cuda-bf16"
// (convolutions in bfloat16, batch norms and the loss in float32).
std::string PrecisionOf(const std::string& device);

struct Score {
  // Fraction of images whose label is the largest logit, or among the five largest.
  double top1 = 0;
  double top5 = 0;
  // Mean cross entropy in nats.
  double loss = 0;
  // Images evaluated.
  int64_t images = 0;
  // Not part of the score proper: how long it took, and what it cost the process in CPU time.
  double recalibration_seconds = 0;
  double evaluation_seconds = 0;
  double recalibration_cpu_seconds = 0;
  double evaluation_cpu_seconds = 0;
};

// Keeps the resized images of the resolutions it has met. Not thread-safe: one caller at a time.
// Changes the number of LibTorch's operator threads of the threads it runs on to one.
class Scorer {
 public:
  // `supernet` and `data` are borrowed and outlive the scorer. InvalidArgument for options out of
  // range, FailedPrecondition with reason SUPERNET_MISMATCH when data and space do not agree in
  // channels or classes, or when a split is empty.
  static absl::StatusOr<std::unique_ptr<Scorer>> Create(const Supernet* supernet,
                                                        const data::PreparedData* data,
                                                        const ScoreOptions& options);
  virtual ~Scorer() = default;

  // InvalidArgument with reason SUBNET_INVALID; FailedPrecondition with reason SCORE_NOT_FINITE
  // when the network's output is not a number; ResourceExhausted when memory ran out; Internal for
  // other failures of LibTorch.
  virtual absl::StatusOr<Score> ScoreSubnet(const arch::Subnet& subnet) = 0;
};

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_SCORING_SCORER_H_
