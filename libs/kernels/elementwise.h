// Operators that go element by element, with tensors of equal or broadcast shape.

#ifndef NIWAKI_LIBS_KERNELS_ELEMENTWISE_H_
#define NIWAKI_LIBS_KERNELS_ELEMENTWISE_H_

#include <stdint.h>

#include "libs/kernels/requantise.h"
#include "libs/kernels/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

// Both operands are brought to twice the larger scale with NW_ADD_SHIFT more bits, added, and
// brought to the output's.
#define NW_ADD_SHIFT 20

// One operand, brought there.
static inline int32_t nw_add_term(int8_t value, int32_t zero, nw_factor factor) {
  return nw_scale((value - zero) * (1 << NW_ADD_SHIFT), factor.multiplier, factor.shift);
}

typedef struct {
  int32_t first_zero;
  int32_t second_zero;
  int32_t output_zero;
  nw_factor first;
  nw_factor second;
  nw_factor output;
  nw_limits limits;
} nw_add_levels;

// `second` has the shape of `first`, or is [1, 1, C] and holds for every pixel. The output may be
// either operand's memory, where that has the output's shape and steps.
void nw_add(const nw_input* first, const nw_input* second, const nw_output* output,
            const nw_add_levels* levels, nw_rows rows);

typedef struct {
  int32_t first_zero;
  int32_t second_zero;
  int32_t output_zero;
  nw_factor output;
  nw_limits limits;
} nw_multiply_levels;

// As nw_add.
void nw_multiply(const nw_input* first, const nw_input* second, const nw_output* output,
                 const nw_multiply_levels* levels, nw_rows rows);

typedef struct {
  int32_t input_zero;
  int32_t output_zero;
  nw_factor output;
} nw_rescale_levels;

// The same numbers at another scale and zero point.
void nw_rescale(const nw_input* input, const nw_output* output, const nw_rescale_levels* levels,
                nw_rows rows);

// output = table[input + 128]: any function of one int8.
void nw_look_up(const nw_input* input, const nw_output* output, const int8_t table[256],
                nw_rows rows);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_ELEMENTWISE_H_
