// Stochastic gradient descent with Nesterov momentum over the trainable tensors of a supernet.

#ifndef NIWAKI_LIBS_TRAIN_STEP_SGD_H_
#define NIWAKI_LIBS_TRAIN_STEP_SGD_H_

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/supernet/weights.h"
#include "libs/tensorfile/tensor.h"
#include "libs/train/checkpoint/tensor_io.h"

namespace niwaki::train {

struct SgdOptions {
  double momentum = 0.9;
  // Of every tensor but batch norms and biases; the kernel matrices decay (OFA's released code).
  double weight_decay = 0;
  // Longest gradient; 0 for no limit.
  double gradient_clip = 0;
};

// A tensor takes part from the first step that gives it a gradient on: with gradient 0 where no
// sampled subnet used it, so that momentum and decay go on (PyTorch 1.13's zero_grad, which OFA
// was trained with); one that no subnet has used yet is left alone.
class Sgd {
 public:
  // Marks the trainable tensors of `weights` (borrowed) as such. Gradients are summed by backward
  // passes until Step.
  Sgd(supernet::SharedWeights* weights, const SgdOptions& options);

  // One step down the gradients divided by `loss_scale`; they are 0 afterwards. When one of them is
  // not finite nothing else happens. Returns the norm of the divided gradient before clipping.
  double Step(double learning_rate, double loss_scale = 1);

  // As newly made: forgets the momentum and which tensors took part.
  void Restart();

  // The momentum buffers, under the names of their tensors, of those that take part.
  void ForEachVelocity(
      const std::function<void(const std::string& name, at::Tensor& velocity)>& visit);
  // Lets the tensors named take part; their buffers are 0.
  void TakePart(const std::vector<std::string>& names);

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

    bool takes_part() const { return value.grad().defined(); }
  };

  double GradientNorm() const;

  const SgdOptions options_;
  std::vector<Entry> entries_;
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_STEP_SGD_H_
