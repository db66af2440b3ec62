// Scratch memory of the int8 kernels: what an operator needs besides its tensors.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_SCRATCH_H_
#define NIWAKI_LIBS_ENGINE_PLAN_SCRATCH_H_

#include <cstdint>

#include "libs/arch/graph.h"

namespace niwaki::engine {

// Output pixels whose inputs a 1x1 convolution widens to int16 at a time.
inline constexpr int kPointwiseColumns = 4;
// Output pixels whose im2col columns a larger convolution holds at a time, as int16.
inline constexpr int kConvColumns = 2;

// Bytes that the kernel of `op` needs while it runs, the contract between the planner and the
// kernels:
//
//   Conv2d 1x1        kPointwiseColumns columns of Ci int16
//   Conv2d k x k      kConvColumns columns of k * k * Ci int16
//   DepthwiseConv2d   one channel's plane, padded by k / 2 on each side, int16: the channel is
//   copied there, then its
//                     outputs may overwrite its inputs (MCUNet, Lin 2020, §3.2, in-place depthwise)
//   Linear            one column of Ci int16
//   Add, Mul, GlobalAvgPool  none
int64_t ScratchBytes(const arch::Graph& graph, const arch::Op& op);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_SCRATCH_H_
