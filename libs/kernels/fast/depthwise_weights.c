#include "libs/kernels/fast/depthwise_weights.h"

#include "libs/kernels/fast/simd.h"

// A row of three, the shortest.
static inline uint32_t* pair_three(const int8_t* weights, int32_t step, int32_t stride,
                                   int32_t factor, uint32_t* to) {
  const int32_t first = weights[0] * factor;
  const int32_t second = weights[step] * factor;
  const int32_t third = weights[2 * step] * factor;
  to[0] = nw_pair(first, second);
  to[1] = stride == 1 ? nw_pair(second, third) : nw_pair(third, 0);
  return to + 2;
}

void nw_fast_pair_weights(const int8_t* weights, int32_t step, int32_t kernel, int32_t stride,
                          int exponent, uint32_t* to) {
  const int32_t factor = 1 << exponent;
  if (kernel == 3) {
    to = pair_three(weights, step, stride, factor, to);
    to = pair_three(weights + 3 * step, step, stride, factor, to);
    pair_three(weights + 6 * step, step, stride, factor, to);
    return;
  }
  for (int32_t row = 0; row < kernel; ++row) {
    int32_t previous = *weights * factor;
    for (int32_t j = 0; j < kernel / 2; ++j) {
      const int32_t odd = weights[step] * factor;
      weights += 2 * step;
      const int32_t even = *weights * factor;
      *to++ = nw_pair(previous, odd);
      if (stride == 1) *to++ = nw_pair(odd, even);
      previous = even;
    }
    if (stride == 2) *to++ = nw_pair(previous, 0);
    weights += step;
  }
}
