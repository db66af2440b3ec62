#include "libs/kernels/fast/multiply.h"

#include "libs/kernels/fast/simd.h"
#include "libs/kernels/requantise.h"

// Levels of products, in five instructions for shifts of 1 to 22: scale.h says how. A doubled
// product of two levels less their zero points has 18 bits.
typedef struct {
  int32_t first_zero;
  int32_t second_zero;
  int32_t multiplier;
  int32_t shift;
  int32_t rounding;
} product;

static inline int32_t level_of(int32_t doubled, const product* by) {
  int32_t high = nw_high_product(doubled, by->multiplier);
  high += high >> 31;
  return nw_saturated((high + by->rounding) >> by->shift);
}

static inline uint32_t four_bytes(int32_t a, int32_t b, int32_t c, int32_t d) {
  return (uint32_t)(uint8_t)a | (uint32_t)(uint8_t)b << 8 | (uint32_t)(uint8_t)c << 16 |
         (uint32_t)d << 24;
}

// `count` elements, each tensor's by its step; a step of 0 holds one element for all.
typedef struct {
  const int8_t* first;
  const int8_t* second;
  int8_t* output;
  int32_t first_step;
  int32_t second_step;
  int32_t output_step;
} run;

static NW_FAST_APART void multiply(const product* how, run at, int32_t count) {
  const product by = *how;
  for (; count > 0; --count) {
    const int32_t first = (*at.first - by.first_zero) * 2;
    *at.output = (int8_t)level_of(first * (*at.second - by.second_zero), &by);
    at.first += at.first_step;
    at.second += at.second_step;
    at.output += at.output_step;
  }
}

// All three side by side, or the second one element: four at a time.
static NW_FAST_APART void multiply_neighbours(const product* how, run at, int32_t count) {
  const product by = *how;
  const uint32_t first_base = nw_pair(-by.first_zero, -by.first_zero);
  const uint32_t second_base = nw_pair(-by.second_zero, -by.second_zero);
  const int32_t gate = *at.second - by.second_zero;
  uint32_t even_gate = nw_pair(gate, gate);
  uint32_t odd_gate = even_gate;
  const int8_t* second = at.second;
  for (; count >= 4; count -= 4) {
    const uint32_t first = nw_load4(at.first);
    if (at.second_step != 0) {
      const uint32_t word = nw_load4(second);
      even_gate = nw_widen_even(second_base, word);
      odd_gate = nw_widen_odd(second_base, word);
      second += 4;
    }
    const uint32_t even = nw_doubled(nw_widen_even(first_base, first));
    const uint32_t odd = nw_doubled(nw_widen_odd(first_base, first));
    const int32_t a = level_of(nw_low(even) * nw_low(even_gate), &by);
    const int32_t b = level_of(nw_low(odd) * nw_low(odd_gate), &by);
    const int32_t c = level_of(nw_high(even) * nw_high(even_gate), &by);
    const int32_t d = level_of(nw_high(odd) * nw_high(odd_gate), &by);
    nw_store4(at.output, four_bytes(a, b, c, d));
    at.first += 4;
    at.output += 4;
  }
  at.second = second;
  multiply(how, at, count);
}

static NW_FAST_APART void multiply_exactly(const nw_multiply_levels* levels, run at,
                                           int32_t count) {
  for (; count > 0; --count) {
    const int32_t value = (*at.first - levels->first_zero) * (*at.second - levels->second_zero);
    const int32_t scaled = nw_scale(value, levels->output.multiplier, levels->output.shift);
    *at.output =
        (int8_t)nw_level(scaled, levels->output_zero, levels->limits.low, levels->limits.high);
    at.first += at.first_step;
    at.second += at.second_step;
    at.output += at.output_step;
  }
}

static int is_plane(nw_steps steps, int32_t width) { return steps.row == width * steps.column; }

void nw_fast_multiply(const nw_input* first, const nw_input* second, const nw_output* output,
                      const nw_multiply_levels* levels, nw_rows rows) {
  const nw_factor factor = levels->output;
  const int32_t shift = -factor.shift;
  // Narrower limits take the long form.
  const int fast = shift >= 1 && shift <= 22 && factor.multiplier >= 0 &&
                   levels->limits.low == INT8_MIN && levels->limits.high == INT8_MAX;
  product how = {levels->first_zero, levels->second_zero, factor.multiplier, shift, 0};
  if (fast) how.rounding = (1 << (shift - 1)) + levels->output_zero * (1 << shift);
  const nw_steps a = nw_broadcast(first, output->shape);
  const nw_steps b = nw_broadcast(second, output->shape);
  const nw_steps o = output->steps;
  // Along channels where they lie side by side, else along columns.
  const int by_channels = o.channel == 1;
  int32_t count = by_channels ? output->shape.channels : output->shape.width;
  const int32_t runs = by_channels ? output->shape.width : output->shape.channels;
  run steps = {0,
               0,
               0,
               by_channels ? a.channel : a.column,
               by_channels ? b.channel : b.column,
               by_channels ? o.channel : o.column};
  const int neighbours = steps.first_step == 1 && steps.output_step == 1 &&
                         (steps.second_step == 1 || steps.second_step == 0);
  // Rows of a plane that lie one behind the other are one.
  const int planes = !by_channels && is_plane(a, count) && is_plane(b, count) &&
                     is_plane(o, count) && first->ring_rows == 0 && second->ring_rows == 0 &&
                     output->ring_rows == 0;
  if (planes) {
    count *= rows.end - rows.begin;
    rows.end = rows.begin < rows.end ? rows.begin + 1 : rows.begin;
  }
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    run at = steps;
    at.first = first->data + nw_offset(a, nw_input_line(first, y), 0, 0);
    at.second = second->data + nw_offset(b, nw_input_line(second, y), 0, 0);
    at.output = output->data + nw_offset(o, nw_output_line(output, y), 0, 0);
    for (int32_t i = 0; i < runs; ++i) {
      if (!fast) {
        multiply_exactly(levels, at, count);
      } else if (neighbours) {
        multiply_neighbours(&how, at, count);
      } else {
        multiply(&how, at, count);
      }
      at.first += by_channels ? a.column : a.channel;
      at.second += by_channels ? b.column : b.channel;
      at.output += by_channels ? o.column : o.channel;
    }
  }
}
