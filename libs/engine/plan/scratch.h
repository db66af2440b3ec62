// Scratch memory of the int8 kernels: what an operator needs besides its tensors.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_SCRATCH_H_
#define NIWAKI_LIBS_ENGINE_PLAN_SCRATCH_H_

#include <cstdint>

#include "libs/arch/graph.h"

namespace niwaki::engine {

// Bytes that the kernel of `op` needs while it runs, the contract between the planner and the
// kernels, by the kernels' own constant expressions (libs/kernels/convolution.h):
//
//   patches        of some output pixels, kernel_h * kernel_w * Ci int16 each
//   padded plane   one channel, padded on every side as the operator says, int16: the channel is
//                  copied there, then its outputs may overwrite its inputs (MCUNet, Lin 2020, §3.2,
//                  in-place depthwise)
//   input          all of it, as int16
//
// Which of them a kind of operator needs stands in its facts (libs/arch/operator_facts.h).
int64_t ScratchBytes(const arch::Graph& graph, const arch::Op& op);

// The same of an operator that streams (RunMode::kRows) and computes at most `rows` rows in a call:
// of a padded plane only the rows of their windows, as far as the kernel takes them at a time.
int64_t ScratchBytesOfRows(const arch::Graph& graph, const arch::Op& op, int rows);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_SCRATCH_H_
