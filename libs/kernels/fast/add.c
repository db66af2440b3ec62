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

// The numbers of `sum` as the loop takes them: zero points times what their levels are.
typedef struct {
  int32_t other_zero;
  factor other;
  int32_t half_zero;
  factor output;
} dense_sum;

#if NW_FAST_DSP

// r0 elements left, r1 half, r2 other, r3 output, r4 to r11 the numbers.
static __attribute__((naked, noinline)) void run_neighbours(const dense_sum* how,
                                                            const int8_t* half, const int8_t* other,
                                                            int8_t* output, int32_t count) {
  (void)how, (void)half, (void)other, (void)output, (void)count;
  __asm volatile(
      ".syntax unified\n"
      "  push {r4-r11, lr}\n"
      "  ldm r0, {r4-r11}\n"
      "  ldr r0, [sp, #36]\n"
      "1:\n"
      "  ldrsb r12, [r2], #1\n"
      "  ldrsb lr, [r1], #1\n"
      "  rsb r12, r4, r12, lsl #21\n"
      "  smmulr r12, r12, r5\n"
      "  add r12, r12, r12, asr #31\n"
      "  add r12, r7\n"
      "  asr r12, r6\n"
      "  rsb lr, r8, lr, lsl #20\n"
      "  add lr, lr, r12, lsl #1\n"
      "  smmulr lr, lr, r9\n"
      "  add lr, lr, lr, asr #31\n"
      "  add lr, r11\n"
      "  asr lr, r10\n"
      "  ssat lr, #8, lr\n"
      "  strb lr, [r3], #1\n"
      "  subs r0, #1\n"
      "  bne 1b\n"
      "  pop {r4-r11, pc}\n");
}

#else

static void run_neighbours(const dense_sum* how, const int8_t* half, const int8_t* other,
                           int8_t* output, int32_t count) {
  for (; count > 0; --count) {
    const int32_t doubled =
        *half * (1 << NW_ADD_SHIFT) - how->half_zero +
        2 * scaled(*other * (1 << (NW_ADD_SHIFT + 1)) - how->other_zero, &how->other);
    *output = (int8_t)nw_saturated(scaled(doubled, &how->output));
    ++half;
    ++other;
    ++output;
  }
}

#endif

// Elements that lie side by side in all three, at least one.
static void run_dense(const sum* how, const int8_t* half, const int8_t* other, int8_t* output,
                      int32_t count) {
  const dense_sum by = {how->other_zero * (1 << (NW_ADD_SHIFT + 1)), how->other,
                        how->half_zero * (1 << NW_ADD_SHIFT), how->output};
  run_neighbours(&by, half, other, output, count);
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
    const int8_t* in_a = first->data + nw_offset(a, nw_input_line(first, y), 0, 0);
    const int8_t* in_b = second->data + nw_offset(b, nw_input_line(second, y), 0, 0);
    int8_t* out = output->data + nw_offset(o, nw_output_line(output, y), 0, 0);
    for (int32_t x = 0; x < runs; ++x) {
      if (!fast) {
        run_exactly(levels, in_a, a.channel, in_b, b.channel, out, o.channel, count);
      } else if (dense) {
        run_dense(&how, half == first ? in_a : in_b, half == first ? in_b : in_a, out, count);
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
