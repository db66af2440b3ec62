// What can be chosen of plans.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_PLAN_OPTIONS_H_
#define NIWAKI_LIBS_ENGINE_PLAN_PLAN_OPTIONS_H_

namespace niwaki::engine {

struct PlanOptions {
  // Bytes of one activation; 1 for int8.
  int element_bytes = 1;
  // A depthwise convolution writes over its input when nobody reads that later. Safe with any
  // window, channel by channel: in planes a channel's outputs land on planes that were read before
  // and on its own, which the scratch plane holds; interleaved, on that channel's inputs alone.
  bool in_place_depthwise = true;
  // What goes element by element (an addition, the gate of squeeze-excite, an activation that
  // stands alone, a rescaling) writes over an operand that nobody reads later.
  bool in_place_add = true;
  // Count what ScratchBytes says. Off: tensors alone, for comparison with published activation
  // peaks.
  bool scratch = true;
  // Offsets and sizes are multiples of this power of two.
  int alignment = 4;
  // The image is handed over row after row: some rows of it lie in the arena, not all. Only for
  // networks that InputByRowsIsPossible (row_streams.h).
  bool input_by_rows = false;
};

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_PLAN_OPTIONS_H_
