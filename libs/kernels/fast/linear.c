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

// Doubled sums of `terms` products, without bias, for four rows of weights, `step` apart.
static void sums_of_four(const int8_t* weights, int32_t step, const uint32_t* inputs, int32_t terms,
                         int32_t sums[4]) {
  const int8_t* a = weights;
  const int8_t* b = a + step;
  const int8_t* c = b + step;
  const int8_t* d = c + step;
  int32_t sum_a = 0;
  int32_t sum_b = 0;
  int32_t sum_c = 0;
  int32_t sum_d = 0;
  for (const uint32_t* const end = inputs + terms / 4 * 2; inputs != end; inputs += 2) {
    const uint32_t even = inputs[0];
    const uint32_t odd = inputs[1];
    sum_a = four(nw_load4(a), even, odd, sum_a);
    sum_b = four(nw_load4(b), even, odd, sum_b);
    sum_c = four(nw_load4(c), even, odd, sum_c);
    sum_d = four(nw_load4(d), even, odd, sum_d);
    a += 4;
    b += 4;
    c += 4;
    d += 4;
  }
  const int32_t rest = terms % 4;
  for (int32_t i = 0; i < rest; ++i) {
    const uint32_t pair = inputs[i % 2];
    const int32_t input = i < 2 ? nw_low(pair) : nw_high(pair);
    sum_a += a[i] * input;
    sum_b += b[i] * input;
    sum_c += c[i] * input;
    sum_d += d[i] * input;
  }
  sums[0] = sum_a;
  sums[1] = sum_b;
  sums[2] = sum_c;
  sums[3] = sum_d;
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
