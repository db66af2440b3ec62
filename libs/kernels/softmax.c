#include "libs/kernels/softmax.h"

#include "libs/kernels/requantise.h"

// Numbers below are fixed point: "q5" has 5 bits before the point and 26 behind it, "q0" none
// and 31.

// Bits before the point of the sum of exponentials: up to 4096 channels.
#define SUM_INTEGER_BITS 12

static int32_t saturating_left_shift(int32_t value, int bits) {
  const int64_t shifted = (int64_t)value * ((int64_t)1 << bits);
  return shifted > INT32_MAX ? INT32_MAX : shifted < INT32_MIN ? INT32_MIN : (int32_t)shifted;
}

// e^x in q0, for x in q0 in [-1/4, 0): around -1/8, to the fourth power.
static int32_t exp_of_small(int32_t x) {
  const int32_t exp_of_centre = 1895147668;
  const int32_t third = 715827883;
  const int32_t a = x + (1 << 28);
  const int32_t a2 = nw_high_multiply(a, a);
  const int32_t a3 = nw_high_multiply(a2, a);
  const int32_t a4 = nw_high_multiply(a2, a2);
  const int32_t quarter_a4 = nw_divide_by_power(a4, 2);
  const int32_t tail = nw_divide_by_power(nw_high_multiply(quarter_a4 + a3, third) + a2, 1);
  return exp_of_centre + nw_high_multiply(exp_of_centre, a + tail);
}

// e^x in q0, for x <= 0 in q5.
static int32_t exp_of_negative(int32_t x) {
  // e^-(1/4), e^-(1/2), e^-1 .. e^-16 in q0.
  static const int32_t powers[7] = {1672461947, 1302514674, 790015084, 290630308,
                                    39332535,   720401,     242};
  const int fraction_bits = 31 - NW_SOFTMAX_INTEGER_BITS;
  const int32_t quarter = 1 << (fraction_bits - 2);
  if (x == 0) return INT32_MAX;
  const int32_t within_quarter = (x & (quarter - 1)) - quarter;
  int32_t result = exp_of_small(saturating_left_shift(within_quarter, NW_SOFTMAX_INTEGER_BITS));
  const int32_t remainder = within_quarter - x;
  for (int i = 0; i < 7; ++i) {
    if (remainder & (1 << (fraction_bits - 2 + i))) result = nw_high_multiply(result, powers[i]);
  }
  return result;
}

// (a + b) / 2, rounded half away from zero.
static int32_t rounded_half_sum(int32_t a, int32_t b) {
  const int64_t sum = (int64_t)a + b;
  return (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
}

// 1 / (1 + x) in q0, for x in q0 in [0, 1].
static int32_t reciprocal_of_one_plus(int32_t x) {
  const int32_t q2_48_over_17 = 1515870810;
  const int32_t q2_minus_32_over_17 = -1010580540;
  const int32_t q2_one = 1 << 29;
  const int32_t half_denominator = rounded_half_sum(x, INT32_MAX);
  int32_t estimate = q2_48_over_17 + nw_high_multiply(half_denominator, q2_minus_32_over_17);
  for (int i = 0; i < 3; ++i) {
    const int32_t error = q2_one - nw_high_multiply(half_denominator, estimate);
    estimate += saturating_left_shift(nw_high_multiply(estimate, error), 2);
  }
  return saturating_left_shift(estimate, 1);
}

static int leading_zeros(uint32_t value) {
  int count = 0;
  for (uint32_t bit = UINT32_C(1) << 31; bit != 0 && (value & bit) == 0; bit >>= 1) ++count;
  return count;
}

static int32_t exponential(int32_t difference, const nw_softmax_levels* levels) {
  return exp_of_negative(nw_scale(difference, levels->input.multiplier, levels->input.shift));
}

static void softmax_of_pixel(const int8_t* in, int32_t in_step, int8_t* out, int32_t out_step,
                             int32_t channels, const nw_softmax_levels* levels) {
  int32_t largest = INT8_MIN;
  for (int32_t c = 0; c < channels; ++c) {
    if (in[c * in_step] > largest) largest = in[c * in_step];
  }
  int32_t sum = 0;
  for (int32_t c = 0; c < channels; ++c) {
    const int32_t difference = in[c * in_step] - largest;
    if (difference >= levels->smallest_difference) {
      sum += nw_divide_by_power(exponential(difference, levels), SUM_INTEGER_BITS);
    }
  }
  const int headroom = leading_zeros((uint32_t)sum);
  // Of a share in units of 1/256.
  const int bits_of_share = SUM_INTEGER_BITS - headroom + 31 - 8;
  const int32_t above_one = (int32_t)(((uint32_t)sum << headroom) - (UINT32_C(1) << 31));
  const int32_t reciprocal = reciprocal_of_one_plus(above_one);
  for (int32_t c = 0; c < channels; ++c) {
    const int32_t difference = in[c * in_step] - largest;
    int32_t result = INT8_MIN;
    if (difference >= levels->smallest_difference) {
      const int32_t share = nw_high_multiply(reciprocal, exponential(difference, levels));
      const int32_t of_256 = bits_of_share > 31 ? 0 : nw_divide_by_power(share, bits_of_share);
      result = nw_clamp(of_256 + INT8_MIN, INT8_MIN, INT8_MAX);
    }
    out[c * out_step] = (int8_t)result;
  }
}

void nw_softmax(const nw_input* input, const nw_output* output, const nw_softmax_levels* levels,
                nw_rows rows) {
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const int32_t line = nw_input_line(input, y);
    const int32_t out_line = nw_output_line(output, y);
    for (int32_t x = 0; x < output->shape.width; ++x) {
      softmax_of_pixel(input->data + nw_offset(input->steps, line, x, 0), input->steps.channel,
                       output->data + nw_offset(output->steps, out_line, x, 0),
                       output->steps.channel, output->shape.channels, levels);
    }
  }
}
