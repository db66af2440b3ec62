// FusedNetwork: a subnet packed for the evaluation kernels of this processor (eval_kernels.h).
//
// Batch norm is folded; an expansion runs into its depthwise convolution strip by strip, the gate
// of squeeze-excite and the shortcut ride on the projection, and a block works through a few images
// at a time, so that what lies between its operators stays in the second-level cache. The logits of
// an image are the same bit for bit in every batch and with every kernel set.

#ifndef NIWAKI_LIBS_SUPERNET_FUSED_FUSED_NETWORK_H_
#define NIWAKI_LIBS_SUPERNET_FUSED_FUSED_NETWORK_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "libs/arch/graph.h"
#include "libs/supernet/forward.h"
#include "libs/supernet/fused/eval_kernels.h"

namespace niwaki::supernet {

// The fastest kernels that this processor runs, null where there are none.
const EvalKernels* UsableEvalKernels();

// Immutable once built: any number of threads may evaluate.
class FusedNetwork {
 public:
  // Whether `kernels` have everything that `graph` needs.
  static bool Supports(const arch::Graph& graph);

  // `folded` are the graph's tensors without batch norm (FoldBatchNorm), float32 on the CPU; they
  // are copied. `graph` must be supported; `kernels` must be usable.
  FusedNetwork(const arch::Graph& graph, const std::vector<OpTensors>& folded,
               const EvalKernels& kernels);

  // Logits [N, classes] of `input` [N, C, H, W] float32. Throws what LibTorch throws when memory
  // runs out.
  at::Tensor Logits(const at::Tensor& input) const;

 private:
  enum class StepKind { kProduct, kPatchProduct, kDepthwise, kPool, kGate };

  // One kernel call, for one operator or for two that run as one.
  struct Step {
    StepKind kind = StepKind::kProduct;
    arch::Op op;
    arch::TensorId input = -1;
    arch::TensorId output = -1;
    // Of the shortcut that kProduct adds; -1 for none.
    arch::TensorId residual = -1;
    at::Tensor packed;
    // kDepthwise after an expansion.
    at::Tensor expand;
    EvalActivation expand_activation;
    EvalActivation activation;
  };

  // Steps that work through a few images at a time.
  struct Segment {
    std::vector<Step> steps;
    int64_t images_at_once = 1;
    // Tensors that live inside the segment, and those that leave it.
    std::vector<arch::TensorId> inner;
    std::vector<arch::TensorId> leaving;
    // Tensors that no later segment reads.
    std::vector<arch::TensorId> released;
  };

  // Some of the images of a batch, in one segment.
  class Pass;

  Step MakeStep(size_t index, const std::vector<OpTensors>& folded) const;
  Step MakeFusedStep(size_t& index, const std::vector<OpTensors>& folded) const;
  void PlanMemory();
  int64_t InnerFloats(const Segment& segment) const;
  at::Tensor Pack(const arch::Op& op, const OpTensors& tensors) const;

  const arch::Graph graph_;
  const EvalKernels& kernels_;
  std::vector<Segment> segments_;
};

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_FUSED_FUSED_NETWORK_H_
