#include "libs/kernels/fast/linear.h"

#include "libs/kernels/fast/scale.h"
#include "libs/kernels/fast/simd.h"

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

// Pairs of channels, all of scales of the short form with shifts of 1 and more (scale.h). The
// assembly knows the order and sizes of the fields.
typedef struct {
  // Of the first channel; rows of whole eights, on words.
  const int8_t* weights;
  int32_t terms;
  const uint32_t* inputs;
  const int32_t* biases;
  const int32_t* multipliers;
  const int8_t* shifts;
  int8_t* output;
  int32_t output_step;
  int32_t pairs;
  // Eights by twos, rounded up, and whether their number is odd.
  int32_t turns;
  int32_t odd;
  // 2 * zero point + 1, of the output.
  int32_t rounding;
  int32_t clamped;
} pairs_job;

#if NW_FAST_DSP

// lr job, r0 and r1 weights, r2 inputs, r3 and r4 sums, r12 turns left.
#define NW_ROW(weights, sum)         \
  "  ldrd r9, r10, [" #weights       \
  "], #8\n"                          \
  "  sxtb16 r11, r9\n"               \
  "  sxtb16 r9, r9, ror #8\n"        \
  "  smlad " #sum ", r11, r5, " #sum \
  "\n"                               \
  "  sxtb16 r11, r10\n"              \
  "  smlad " #sum ", r9, r6, " #sum  \
  "\n"                               \
  "  sxtb16 r10, r10, ror #8\n"      \
  "  smlad " #sum ", r11, r7, " #sum \
  "\n"                               \
  "  smlad " #sum ", r10, r8, " #sum "\n"
#define NW_EIGHT "  ldm r2!, {r5-r8}\n" NW_ROW(r0, r3) NW_ROW(r1, r4)
// r6 and r7 multipliers, r5 and r8 rounding, r9 and r10 shifts.
#define NW_SIGNED(sum, multiplier, rounding)  \
  "  smmulr " #sum ", " #sum ", " #multiplier \
  "\n"                                        \
  "  add " #sum ", " #sum ", " #sum           \
  ", asr #31\n"                               \
  "  add " #sum ", " #rounding "\n"

// Levels of all pairs, at least one; changes the job.
static __attribute__((naked, noinline)) void run_pairs(pairs_job* job) {
  (void)job;
  __asm volatile(
      ".syntax unified\n"
      "  push {r4-r11, lr}\n"
      "  mov lr, r0\n"
      "1:\n"
      "  ldrd r0, r12, [lr]\n"
      "  ldrd r2, r5, [lr, #8]\n"
      "  add r1, r0, r12\n"
      "  add r12, r1\n"
      "  ldrd r3, r4, [r5], #8\n"
      "  str r12, [lr]\n"
      "  str r5, [lr, #12]\n"
      "  lsls r3, r3, #1\n"
      "  lsls r4, r4, #1\n"
      "  ldrd r12, r5, [lr, #36]\n"
      "  cmp r5, #0\n"
      "  bne 3f\n"
      "2:\n" NW_EIGHT "3:\n" NW_EIGHT
      "  subs r12, #1\n"
      "  bne 2b\n"
      "  ldrd r0, r1, [lr, #16]\n"
      "  ldrd r6, r7, [r0], #8\n"
      "  ldrsb r10, [r1, #1]\n"
      "  ldrsb r9, [r1], #2\n"
      "  strd r0, r1, [lr, #16]\n"
      "  ldrd r0, r1, [lr, #44]\n"
      "  mvn r5, r9\n"
      "  mvn r8, r10\n"
      "  lsl r5, r0, r5\n"
      "  lsl r8, r0, r8\n"
      "  rsb r9, #0\n"
      "  rsb r10, #0\n"
      "  cmp r1, #0\n"
      "  beq 4f\n"
      "  smmlar r3, r3, r6, r5\n"
      "  smmlar r4, r4, r7, r8\n"
      "  b 5f\n"
      "4:\n" NW_SIGNED(r3, r6, r5) NW_SIGNED(r4, r7, r8)
      "5:\n"
      "  asr r3, r9\n"
      "  asr r4, r10\n"
      "  ssat r3, #8, r3\n"
      "  ssat r4, #8, r4\n"
      "  ldrd r0, r1, [lr, #24]\n"
      "  ldr r2, [lr, #32]\n"
      "  strb r3, [r0]\n"
      "  strb r4, [r0, r1]\n"
      "  add r0, r0, r1, lsl #1\n"
      "  str r0, [lr, #24]\n"
      "  subs r2, #1\n"
      "  str r2, [lr, #32]\n"
      "  bne 1b\n"
      "  pop {r4-r11, pc}\n");
}

#else

static void run_pairs(pairs_job* job) {
  for (int32_t c = 0; c < 2 * job->pairs; ++c) {
    const nw_fast_scale scale = {job->multipliers[c], -job->shifts[c],
                                 job->rounding * (1 << (-job->shifts[c] - 1))};
    const int8_t* const weights = job->weights + c * job->terms;
    int32_t sum = 2 * job->biases[c];
    for (int32_t term = 0; term < job->terms; term += 4) {
      const uint32_t* const inputs = job->inputs + term / 2;
      sum = four(nw_load4(weights + term), inputs[0], inputs[1], sum);
    }
    job->output[c * job->output_step] = (int8_t)nw_fast_scaled(sum, &scale, job->clamped);
  }
}

#endif

static int is_short(const nw_filters* filters, int32_t channel) {
  const int32_t shift = -filters->shifts[channel];
  return shift >= 1 && shift <= 22 && nw_fast_size(filters->biases[channel]) < 1u << 29;
}

// One channel, by any scale.
static int8_t level_of(const nw_filters* filters, const nw_levels* levels, int32_t channel,
                       const uint32_t* inputs, int32_t terms) {
  const int8_t* weights = filters->weights + channel * terms;
  int32_t sum = 0;
  for (int32_t fours = terms / 4; fours > 0; --fours) {
    sum = four(nw_load4(weights), inputs[0], inputs[1], sum);
    weights += 4;
    inputs += 2;
  }
  if (terms % 4 > 0) {
    uint32_t bytes = 0;
    memcpy(&bytes, weights, (size_t)(terms % 4));
    sum = four(bytes, inputs[0], inputs[1], sum);
  }
  nw_fast_scale scale;
  if (nw_fast_scale_of(filters, levels, channel, &scale)) {
    return (int8_t)nw_fast_scaled(sum + 2 * filters->biases[channel], &scale,
                                  nw_fast_is_clamped(levels));
  }
  return nw_fast_exact(sum / 2 + filters->biases[channel], filters, levels, channel);
}

void nw_fast_linear(const nw_input* input, const nw_output* output, const nw_filters* filters,
                    const nw_levels* levels, void* scratch) {
  const int32_t terms = input->shape.channels;
  const int32_t channels = output->shape.channels;
  const int by_pairs = terms % 8 == 0 && ((uintptr_t)filters->weights & 3) == 0;
  const int32_t step = output->steps.channel;
  widen(input->data, terms, levels->input_zero, scratch);
  for (int32_t c = 0; c < channels;) {
    int32_t pairs = 0;
    while (by_pairs && c + 2 * pairs + 1 < channels && is_short(filters, c + 2 * pairs) &&
           is_short(filters, c + 2 * pairs + 1)) {
      ++pairs;
    }
    if (pairs == 0) {
      output->data[c * step] = level_of(filters, levels, c, scratch, terms);
      ++c;
      continue;
    }
    pairs_job job = {filters->weights + c * terms,
                     terms,
                     scratch,
                     filters->biases + c,
                     filters->multipliers + c,
                     filters->shifts + c,
                     output->data + c * step,
                     step,
                     pairs,
                     (terms / 8 + 1) / 2,
                     terms / 8 % 2,
                     2 * levels->output_zero + 1,
                     nw_fast_is_clamped(levels)};
    run_pairs(&job);
    c += 2 * pairs;
  }
  if (nw_fast_has_limits(levels->limits)) {
    const nw_rows rows = {0, 1};
    nw_fast_clamp(output, levels->limits, rows);
  }
}
