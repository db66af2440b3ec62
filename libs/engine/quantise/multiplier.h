// Real factors as kernels take them: an int32 multiplier in [2^30, 2^31) and a shift.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_MULTIPLIER_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_MULTIPLIER_H_

#include "libs/kernels/tensor.h"

namespace niwaki::engine {

// `real`, finite, as multiplier / 2^31 * 2^shift, rounded to 31 bits; shift up to 30. Factors below
// 2^-32 become 0, as in TensorFlow Lite.
nw_factor FactorOf(double real);

// The int8 that stands for `real` at `scale`, not limited to the range of int8: zero point plus
// quotient, rounded half away from zero. Quotients beyond int32 saturate.
int32_t LevelOf(double real, float scale, int32_t zero_point);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_MULTIPLIER_H_
