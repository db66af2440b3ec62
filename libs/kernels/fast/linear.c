#include "libs/kernels/fast/linear.h"

#include "libs/kernels/fast/scale.h"
#include "libs/kernels/fast/simd.h"
#include "libs/kernels/requantise.h"

// Doubled, less the zero point: by fours the pairs (0, 2) and (1, 3); a last four filled up.
static void widen(const int8_t* from, int32_t terms, int32_t zero, uint32_t* to) {
  const uint32_t base = nw_pair(-zero, -zero);
  for (; terms >= 4; terms -= 4) {
    const uint32_t bytes = nw_load4(from);
    to[0] = nw_doubled(nw_widen_even(base, bytes));
    to[1] = nw_doubled(nw_widen_odd(base, bytes));
    from += 4;
    to += 2;
  }
  if (terms == 0) return;
  uint32_t bytes = 0;
  memcpy(&bytes, from, (size_t)terms);
  to[0] = nw_doubled(nw_widen_even(base, bytes));
  to[1] = nw_doubled(nw_widen_odd(base, bytes));
}

static inline int32_t four(uint32_t weights, uint32_t even, uint32_t odd, int32_t sum) {
  return nw_dot2(nw_odd(weights), odd, nw_dot2(nw_even(weights), even, sum));
}

#if NW_FAST_DSP

// r0 to r3 weights, r4 inputs, r5 to r8 sums, lr fours that are left.
#define NW_ROW(weights, sum)         \
  "  ldr r11, [" #weights            \
  "], #4\n"                          \
  "  sxtb16 r12, r11\n"              \
  "  sxtb16 r11, r11, ror #8\n"      \
  "  smlad " #sum ", r12, r9, " #sum \
  "\n"                               \
  "  smlad " #sum ", r11, r10, " #sum "\n"

// Doubled sums, without bias, of `fours` times four products, at least one, for four rows of
// weights, `step` apart.
static __attribute__((naked, noinline)) void sums_of_fours(const int8_t* weights, int32_t step,
                                                           const uint32_t* inputs, int32_t fours,
                                                           int32_t sums[4]) {
  (void)weights, (void)step, (void)inputs, (void)fours, (void)sums;
  __asm volatile(
      ".syntax unified\n"
      "  push {r4-r11, lr}\n"
      "  mov lr, r3\n"
      "  mov r4, r2\n"
      "  mov r5, r1\n"
      "  add r1, r0, r5\n"
      "  add r2, r1, r5\n"
      "  add r3, r2, r5\n"
      "  movs r5, #0\n"
      "  movs r6, #0\n"
      "  movs r7, #0\n"
      "  mov r8, #0\n"
      "1:\n"
      "  ldrd r9, r10, [r4], #8\n" NW_ROW(r0, r5) NW_ROW(r1, r6) NW_ROW(r2, r7) NW_ROW(r3, r8)
      "  subs lr, #1\n"
      "  bne 1b\n"
      "  ldr r0, [sp, #36]\n"
      "  stm r0, {r5-r8}\n"
      "  pop {r4-r11, pc}\n");
}

#else

static void sums_of_fours(const int8_t* weights, int32_t step, const uint32_t* inputs,
                          int32_t fours, int32_t sums[4]) {
  for (int row = 0; row < 4; ++row) {
    const int8_t* from = weights + row * step;
    sums[row] = 0;
    for (int32_t i = 0; i < fours; ++i) {
      sums[row] = four(nw_load4(from), inputs[2 * i], inputs[2 * i + 1], sums[row]);
      from += 4;
    }
  }
}

#endif

// Doubled sums of `terms` products, without bias, for four rows of weights, `step` apart.
static void sums_of_four(const int8_t* weights, int32_t step, const uint32_t* inputs, int32_t terms,
                         int32_t sums[4]) {
  const int32_t fours = terms / 4;
  if (fours > 0) {
    sums_of_fours(weights, step, inputs, fours, sums);
  } else {
    for (int row = 0; row < 4; ++row) sums[row] = 0;
  }
  const int32_t rest = terms % 4;
  if (rest == 0) return;
  inputs += 2 * fours;
  weights += 4 * fours;
  for (int row = 0; row < 4; ++row) {
    uint32_t bytes = 0;
    memcpy(&bytes, weights + row * step, (size_t)rest);
    sums[row] = four(bytes, inputs[0], inputs[1], sums[row]);
  }
}

void nw_fast_linear(const nw_input* input, const nw_output* output, const nw_filters* filters,
                    const nw_levels* levels, void* scratch) {
  const int32_t terms = input->shape.channels;
  const int32_t channels = output->shape.channels;
  const int clamped = nw_fast_is_clamped(levels);
  widen(input->data, terms, levels->input_zero, scratch);
  for (int32_t first = 0; first < channels; first += 4) {
    // Behind the last channel, that one again.
    const int32_t there = channels - first;
    const int8_t* const weights = filters->weights + first * terms;
    int32_t sums[4];
    if (there >= 4) {
      sums_of_four(weights, terms, scratch, terms, sums);
    } else {
      for (int32_t i = 0; i < there; ++i) {
        int32_t same[4];
        sums_of_four(weights + i * terms, 0, scratch, terms, same);
        sums[i] = same[0];
      }
    }
    for (int32_t i = 0; i < 4 && i < there; ++i) {
      const int32_t c = first + i;
      int8_t* const to = output->data + c * output->steps.channel;
      nw_fast_scale scale;
      if (nw_fast_scale_of(filters, levels, c, &scale)) {
        const int32_t level = nw_fast_scaled(sums[i] + 2 * filters->biases[c], &scale, clamped);
        *to = (int8_t)nw_clamp(level, levels->limits.low, levels->limits.high);
      } else {
        *to = nw_fast_exact(sums[i] / 2 + filters->biases[c], filters, levels, c);
      }
    }
  }
}
