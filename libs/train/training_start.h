// How a training begins or goes on, the same on every rank.

#ifndef NIWAKI_LIBS_TRAIN_TRAINING_START_H_
#define NIWAKI_LIBS_TRAIN_TRAINING_START_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/data/prepared/prepared.h"
#include "libs/supernet/supernet.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/train/checkpoint/manifest.h"
#include "libs/train/checkpoint/training_state.h"
#include "libs/train/ranks/gradient_exchange.h"
#include "libs/train/train_options.h"

namespace niwaki::train {

struct TrainingStart {
  Manifest manifest;
  // Without its length in steps, when the training is new.
  TrainingState state;
  // Names of the tensors that have momentum already.
  std::vector<std::string> momentum;
  // On the device; on other ranks than 0 not yet those of the checkpoint.
  std::unique_ptr<supernet::Supernet> supernet;
  // The checkpoint; null on other ranks than 0 and when the training is new.
  std::unique_ptr<tensorfile::SafetensorsFile> file;
};

// Rank 0 decides by its options or its checkpoint, and the others do as it says.
// FailedPrecondition with reason SUPERNET_MISMATCH when the checkpoint, or rank 0, has another
// space or other data; the errors of LoadSupernet and of GradientExchange. Throws as LibTorch does.
absl::StatusOr<TrainingStart> BeginTraining(const arch::SearchSpace& space,
                                            const data::PreparedData& data,
                                            const TrainOptions& options,
                                            GradientExchange& exchange);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_TRAINING_START_H_
