// Batch norm as a part of the weights in front of it, which is all that a device knows of it.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_FOLD_BATCH_NORM_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_FOLD_BATCH_NORM_H_

#include "libs/engine/quantise/float_network.h"

namespace niwaki::engine {

// `network`, which is valid, without batch norms: their scale is in the weights, their shift in the
// biases. The same function up to rounding; the arithmetic is in double precision.
FloatNetwork FoldBatchNorm(FloatNetwork network);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_FOLD_BATCH_NORM_H_
