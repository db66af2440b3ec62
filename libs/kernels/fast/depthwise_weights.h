// Weights of depthwise convolutions as their inner loops take them, in pairs.

#ifndef NIWAKI_LIBS_KERNELS_FAST_DEPTHWISE_WEIGHTS_H_
#define NIWAKI_LIBS_KERNELS_FAST_DEPTHWISE_WEIGHTS_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The pairs (depthwise_row.h) of one channel of `kernel` x `kernel` weights, which lie `step`
// apart, each times 2^exponent.
void nw_fast_pair_weights(const int8_t* weights, int32_t step, int32_t kernel, int32_t stride,
                          int exponent, uint32_t* to);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FAST_DEPTHWISE_WEIGHTS_H_
