// Stochastic gradient descent with Nesterov momentum over the trainable tensors of a supernet.

#ifndef NIWAKI_LIBS_TRAIN_SGD_H_
#define NIWAKI_LIBS_TRAIN_SGD_H_

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/supernet/weights.h"
#include "libs/tensorfile/tensor.h"
#include "libs/train/tensor_io.h"

namespace niwaki::train {

struct SgdOptions {
  double momentum = 0.9;
  // Of convolution and classifier weights.
  double weight_decay = 0;
  // Longest gradient; 0 for no limit.
  double gradient_clip = 0;
};

// Every tensor takes part in every step: one that no sampled subnet used has gradient 0, and still
// decays.
class Sgd {
 public:
  // Marks the trainable tensors of `weights` (borrowed) as such. Gradients start at 0 and are
  // summed by backward passes until Step.
  Sgd(supernet::SharedWeights* weights, const SgdOptions& options);

  // One step down the summed gradients, which are 0 afterwards. Returns the norm of the gradient
  // before clipping.
  double Step(double learning_rate);

  // Forgets the momentum: after the weights have been rearranged.
  void ResetMomentum();

  // The momentum buffers as "optimizer.NAME".
  void Save(TensorWriter& writer) const;
  // The errors of ReadTensor.
  absl::Status Load(const tensorfile::TensorMap& tensors);

 private:
  struct Entry {
    std::string name;
    at::Tensor value;
    at::Tensor velocity;
    double weight_decay = 0;
  };

  double GradientNorm() const;

  const SgdOptions options_;
  std::vector<Entry> entries_;
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_SGD_H_
