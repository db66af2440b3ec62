// Trainer: trains a supernet on prepared data, with progress, a log, checkpoints and resumption. No
// LibTorch here.
//
//   NIWAKI_ASSIGN_OR_RETURN(auto trainer, Trainer::Create(space, data.get(), options));
//   NIWAKI_ASSIGN_OR_RETURN(TrainSummary summary, trainer->Run());

#ifndef NIWAKI_LIBS_TRAIN_TRAINER_H_
#define NIWAKI_LIBS_TRAIN_TRAINER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/data/prepared/prepared.h"
#include "libs/supernet/supernet.h"
#include "libs/train/train_options.h"
#include "libs/train/train_progress.h"

namespace niwaki::train {

// Not thread-safe.
class Trainer {
 public:
  // `data` is borrowed and outlives the trainer. InvalidArgument for options out of range;
  // FailedPrecondition with reason SUPERNET_MISMATCH when data and space, or a checkpoint and
  // either, do not fit; NotFound when there is no checkpoint to resume from; DataLoss when it is
  // damaged.
  static absl::StatusOr<std::unique_ptr<Trainer>> Create(const arch::SearchSpace& space,
                                                         const data::PreparedData* data,
                                                         const TrainOptions& options);
  virtual ~Trainer() = default;

  // Trains to the end, writes the supernet, scores its two ends after recalibration. Cancelled with
  // reason SHUTTING_DOWN when stopped, the checkpoint written; FailedPrecondition with reason
  // SCORE_NOT_FINITE when the training diverged; Unavailable with SERVICE_UNAVAILABLE when another
  // process is gone; ResourceExhausted when memory or disk ran out.
  virtual absl::StatusOr<TrainSummary> Run() = 0;

  virtual const supernet::Supernet& supernet() const = 0;
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_TRAINER_H_
