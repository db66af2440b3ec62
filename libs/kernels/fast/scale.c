#include "libs/kernels/fast/scale.h"

#include "libs/kernels/requantise.h"

int8_t nw_fast_exact(int32_t sum, const nw_filters* filters, const nw_levels* levels,
                     int32_t channel) {
  const int32_t scaled = nw_scale(sum, filters->multipliers[channel], filters->shifts[channel]);
  return (int8_t)nw_level(scaled, levels->output_zero, levels->limits.low, levels->limits.high);
}

int nw_fast_find_dead(const nw_filters* filters, const nw_levels* levels, int32_t channel,
                      int32_t terms, int8_t* level) {
  if (filters->multipliers[channel] == 0) {
    *level = nw_fast_exact(0, filters, levels, channel);
    return 1;
  }
  const int32_t bias = filters->biases[channel];
  const int32_t spread = terms * NW_FAST_LARGEST_PRODUCT;
  if (bias > INT32_MAX - spread || bias < INT32_MIN + spread) return 0;
  *level = nw_fast_exact(bias - spread, filters, levels, channel);
  return *level == nw_fast_exact(bias + spread, filters, levels, channel);
}

int nw_fast_scale_of(const nw_filters* filters, const nw_levels* levels, int32_t channel,
                     nw_fast_scale* scale) {
  const int32_t shift = -filters->shifts[channel];
  scale->multiplier = filters->multipliers[channel];
  scale->shift = shift;
  if (nw_fast_size(filters->biases[channel]) >= 1u << 29 || shift < 0 || shift > 22) return 0;
  if (shift == 0) {
    scale->rounding = levels->output_zero;
    return nw_fast_is_clamped(levels);
  }
  scale->rounding = (1 << (shift - 1)) + levels->output_zero * (1 << shift);
  return 1;
}

void nw_fast_clamp(const nw_output* output, nw_limits limits, nw_rows rows) {
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const int32_t line = nw_output_line(output, y);
    for (int32_t x = 0; x < output->shape.width; ++x) {
      for (int32_t c = 0; c < output->shape.channels; ++c) {
        int8_t* const level = output->data + nw_offset(output->steps, line, x, c);
        *level = (int8_t)nw_clamp(*level, limits.low, limits.high);
      }
    }
  }
}
