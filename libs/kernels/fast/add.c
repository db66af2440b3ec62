#include "libs/kernels/fast/add.h"

#include "libs/kernels/fast/simd.h"
#include "libs/kernels/requantise.h"

// value * multiplier / 2^31 / 2^shift in five instructions, for shifts of 1 to 22: scale.h says
// how.
typedef struct {
  int32_t multiplier;
  int32_t shift;
  int32_t rounding;
} factor;

static int short_form(nw_factor from, int32_t zero, factor* to) {
  to->multiplier = from.multiplier;
  to->shift = -from.shift;
  if (to->shift < 1 || to->shift > 22 || from.multiplier < 0) return 0;
  to->rounding = (1 << (to->shift - 1)) + zero * (1 << to->shift);
  return 1;
}

static inline int32_t scaled(int32_t doubled, const factor* by) {
  int32_t high = nw_high_product(doubled, by->multiplier);
  high += high >> 31;
  return (high + by->rounding) >> by->shift;
}

// What is the same for all elements. One operand's factor is a half as a rule, for scales are taken
// relative to twice the larger one: then its level times 2^(NW_ADD_SHIFT - 1) is exact.
typedef struct {
  int32_t half_zero;
  int32_t other_zero;
  factor other;
  factor output;
} sum;

static int is_half(nw_factor by) { return by.multiplier == 1 << 30 && by.shift == 0; }

// `count` elements, each tensor's by its step.
static NW_FAST_APART void run(const sum* how, const int8_t* half, int32_t half_step,
                              const int8_t* other, int32_t other_step, int8_t* output,
                              int32_t output_step, int32_t count) {
  const sum by = *how;
  for (; count > 0; --count) {
    const int32_t added = (*half - by.half_zero) * (1 << (NW_ADD_SHIFT - 1)) +
                          scaled((*other - by.other_zero) * (1 << (NW_ADD_SHIFT + 1)), &by.other);
    *output = (int8_t)nw_saturated(scaled(2 * added, &by.output));
    half += half_step;
    other += other_step;
    output += output_step;
  }
}

static NW_FAST_APART void run_exactly(const nw_add_levels* levels, const int8_t* first,
                                      int32_t first_step, const int8_t* second, int32_t second_step,
                                      int8_t* output, int32_t output_step, int32_t count) {
  for (; count > 0; --count) {
    const int32_t added = nw_add_term(*first, levels->first_zero, levels->first) +
                          nw_add_term(*second, levels->second_zero, levels->second);
    const int32_t level = nw_scale(added, levels->output.multiplier, levels->output.shift);
    *output = (int8_t)nw_level(level, levels->output_zero, levels->limits.low, levels->limits.high);
    first += first_step;
    second += second_step;
    output += output_step;
  }
}

void nw_fast_add(const nw_input* first, const nw_input* second, const nw_output* output,
                 const nw_add_levels* levels, nw_rows rows) {
  const int swapped = !is_half(levels->first);
  const nw_input* const half = swapped ? second : first;
  sum how = {swapped ? levels->second_zero : levels->first_zero,
             swapped ? levels->first_zero : levels->second_zero,
             {0},
             {0}};
  // Narrower limits take the long form.
  const int fast = is_half(swapped ? levels->second : levels->first) &&
                   short_form(swapped ? levels->first : levels->second, 0, &how.other) &&
                   short_form(levels->output, levels->output_zero, &how.output) &&
                   levels->limits.low == INT8_MIN && levels->limits.high == INT8_MAX;
  const nw_steps a = nw_broadcast(first, output->shape);
  const nw_steps b = nw_broadcast(second, output->shape);
  const nw_steps o = output->steps;
  const int32_t channels = output->shape.channels;
  const int dense = a.channel == 1 && b.channel == 1 && o.channel == 1 && a.column == channels &&
                    b.column == channels && o.column == channels;
  // A pixel's channels, or a row's where all lie side by side.
  const int32_t count = dense ? output->shape.width * channels : channels;
  const int32_t runs = dense ? 1 : output->shape.width;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const int8_t* in_a = first->data + nw_offset(a, nw_line(first->ring_rows, y), 0, 0);
    const int8_t* in_b = second->data + nw_offset(b, nw_line(second->ring_rows, y), 0, 0);
    int8_t* out = output->data + nw_offset(o, nw_line(output->ring_rows, y), 0, 0);
    for (int32_t x = 0; x < runs; ++x) {
      if (!fast) {
        run_exactly(levels, in_a, a.channel, in_b, b.channel, out, o.channel, count);
      } else if (half == first) {
        run(&how, in_a, a.channel, in_b, b.channel, out, o.channel, count);
      } else {
        run(&how, in_b, b.channel, in_a, a.channel, out, o.channel, count);
      }
      in_a += a.column;
      in_b += b.column;
      out += o.column;
    }
  }
}
