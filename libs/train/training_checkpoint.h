// The file from which an interrupted training goes on: a supernet file (checkpoint/checkpoint.h)
// with the optimiser's momentum, the kept teacher and the training's state.

#ifndef NIWAKI_LIBS_TRAIN_TRAINING_CHECKPOINT_H_
#define NIWAKI_LIBS_TRAIN_TRAINING_CHECKPOINT_H_

#include <string>

#include "absl/status/status.h"
#include "libs/supernet/weights.h"
#include "libs/tensorfile/tensor.h"
#include "libs/train/checkpoint/manifest.h"
#include "libs/train/checkpoint/training_state.h"
#include "libs/train/step/sgd.h"

namespace niwaki::train {

// What a checkpoint holds; borrowed.
struct TrainingParts {
  const supernet::SharedWeights* weights = nullptr;
  const Sgd* sgd = nullptr;
  // Null where none is kept.
  const supernet::SharedWeights* teacher = nullptr;
  const Manifest* manifest = nullptr;
  const TrainingState* state = nullptr;
};

// Writes `path` atomically: the one before stays when this fails. The errors of GuardTorch and of
// writing.
absl::Status SaveTraining(const std::string& path, const TrainingParts& parts);

// Reads the kept teacher into `teacher`, which has the tensors of the space. The errors of
// ReadTensor.
absl::Status LoadTeacher(const tensorfile::TensorMap& tensors, supernet::SharedWeights& teacher);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_TRAINING_CHECKPOINT_H_
