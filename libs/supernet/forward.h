// Runs an arch::Graph with tensors sliced from shared weights: one interpreter for every family of
// networks.

#ifndef NIWAKI_LIBS_SUPERNET_FORWARD_H_
#define NIWAKI_LIBS_SUPERNET_FORWARD_H_

#include <ATen/core/Tensor.h>

#include <vector>

#include "libs/arch/graph.h"
#include "libs/supernet/weights.h"

namespace niwaki::supernet {

// What one operator of a graph computes with; undefined where it has none. Without `norm_weight`
// there is no batch norm.
struct OpTensors {
  at::Tensor weight;
  at::Tensor bias;
  at::Tensor norm_weight;
  at::Tensor norm_bias;
  at::Tensor norm_mean;
  at::Tensor norm_var;
};

// The leading slice of every weight that `graph` uses (OFA, Cai 2020, §3.2): first output and input
// channels; depthwise kernels cropped to the centre and, for spaces with KernelTransform::kMatrix,
// multiplied by the chained matrices 7→5 and 5→3. One entry for each operator of the graph. Slices
// alias the shared tensors and carry gradients to them.
std::vector<OpTensors> SliceWeights(const SharedWeights& weights, const arch::Graph& graph);

// Mean and biased variance of each batch norm, one entry for each operator (undefined for those
// without).
struct BatchNormStatistics {
  std::vector<at::Tensor> mean;
  std::vector<at::Tensor> variance;
};

enum class NormMode {
  // Normalise with `norm_mean` and `norm_var`.
  kStored,
  // Normalise with the batch's mean and biased variance, and move the stored ones by `momentum`
  // towards the batch's
  // mean and unbiased variance.
  kTrain,
  // Normalise with the batch's mean and biased variance and report them; the stored ones are
  // neither read nor written.
  kObserve,
};

struct ForwardOptions {
  NormMode mode = NormMode::kStored;
  double eps = 1e-5;
  double momentum = 0.1;
  // Set by kObserve: what this batch's statistics were. Borrowed.
  BatchNormStatistics* observed = nullptr;
};

// Logits [N, classes] of `input` [N, C, H, W] (float32 or float64, any memory format; channels last
// is fastest). Throws what LibTorch throws: call inside GuardTorch. Activations are released after
// their last use.
at::Tensor Forward(const arch::Graph& graph, const std::vector<OpTensors>& tensors,
                   const at::Tensor& input, const ForwardOptions& options);

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_FORWARD_H_
