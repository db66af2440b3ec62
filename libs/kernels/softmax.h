// Softmax over channels in integers: exponentials by a table of squares of e^(-1/4) and a
// polynomial of the fourth degree, the division by Newton's iteration, as TensorFlow Lite's
// fixed-point library does.

#ifndef NIWAKI_LIBS_KERNELS_SOFTMAX_H_
#define NIWAKI_LIBS_KERNELS_SOFTMAX_H_

#include <stdint.h>

#include "libs/kernels/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

// Bits before the point of the differences that are exponentiated: beyond 32 an int8 output is 0.
#define NW_SOFTMAX_INTEGER_BITS 5

typedef struct {
  // beta * input scale * 2^(31 - NW_SOFTMAX_INTEGER_BITS); shift 0 to 30.
  nw_factor input;
  // Differences below it count as nothing; negative.
  int32_t smallest_difference;
} nw_softmax_levels;

// Output: scale 1/256, zero point -128.
void nw_softmax(const nw_input* input, const nw_output* output, const nw_softmax_levels* levels,
                nw_rows rows);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_SOFTMAX_H_
