#include "libs/kernels/fast/dot_one.h"

#include "libs/kernels/fast/scale.h"

#if NW_FAST_DSP

// r0 inputs, r1 weights, r11 and r12 two pixels' pairs, lr the weights' pair; sums: r2 to r9, and
// r10 of the ninth pixel. On the stack the job: 0 inputs, 4 weights, 8 terms, 12 last_inputs, 16
// biases, 20 multipliers, 24 shifts, 28 channel, 32 end, 36 output, 40 column_step, 44
// channel_step, 48 rounding, 52 clamped; then 56 where the loop is entered. A turn of the loop is
// four times the odd pair of four terms and the even one of the next four, of STEP bytes of code;
// where their number is no multiple of four, the first turn begins in the middle.

#define NW_MAC(sum, columns, from) "  smlad " #sum ", lr, " #columns ", " #from "\n"
#define NW_TWO(first, second, from, to) \
  "  ldrd r11, r12, [r0], #8\n" NW_MAC(first, r11, from) NW_MAC(second, r12, to)

// Sums begin in the last register, which is the last one that is overwritten.
#define NW_FIRST_8                                                                          \
  "  ldr r10, [r1], #4\n"                                                                   \
  "  sxtb16 lr, r10\n" NW_TWO(r2, r3, r9, r9) NW_TWO(r4, r5, r9, r9) NW_TWO(r6, r7, r9, r9) \
      NW_TWO(r8, r9, r9, r9)
#define NW_PAIR_8 \
  NW_TWO(r2, r3, r2, r3) NW_TWO(r4, r5, r4, r5) NW_TWO(r6, r7, r6, r7) NW_TWO(r8, r9, r8, r9)
#define NW_EVEN_8         \
  "  ldr r10, [r1], #4\n" \
  "  sxtb16 lr, r10\n" NW_PAIR_8
#define NW_ODD_8 "  sxtb16 lr, r10, ror #8\n" NW_PAIR_8

#define NW_NINTH(from) "  ldr r11, [r0], #4\n" NW_MAC(r10, r11, from)
#define NW_FIRST_9                                                                               \
  "  ldr lr, [r1]\n"                                                                             \
  "  sxtb16 lr, lr\n" NW_TWO(r2, r3, r10, r10) NW_TWO(r4, r5, r10, r10) NW_TWO(r6, r7, r10, r10) \
      NW_TWO(r8, r9, r10, r10) NW_NINTH(r10)
#define NW_EVEN_9               \
  "  ldr lr, [r1]\n"            \
  "  sxtb16 lr, lr\n" NW_PAIR_8 \
  NW_NINTH(r10)
#define NW_ODD_9                        \
  "  ldr lr, [r1], #4\n"                \
  "  sxtb16 lr, lr, ror #8\n" NW_PAIR_8 \
  NW_NINTH(r10)

#define NW_CLAMPED(sum)      \
  "  smmlar " #sum ", " #sum \
  ", r11, lr\n"              \
  "  asr " #sum ", " #sum    \
  ", r12\n"                  \
  "  ssat " #sum ", #8, " #sum "\n"
#define NW_SIGNED(sum)              \
  "  smmulr " #sum ", " #sum        \
  ", r11\n"                         \
  "  add " #sum ", " #sum ", " #sum \
  ", asr #31\n"                     \
  "  add " #sum                     \
  ", lr\n"                          \
  "  asr " #sum ", " #sum           \
  ", r12\n"                         \
  "  ssat " #sum ", #8, " #sum "\n"
#define NW_LEVELS_8(LEVEL) \
  LEVEL(r2) LEVEL(r3) LEVEL(r4) LEVEL(r5) LEVEL(r6) LEVEL(r7) LEVEL(r8) LEVEL(r9)
#define NW_LEVELS_9(LEVEL) NW_LEVELS_8(LEVEL) LEVEL(r10)
#define NW_STORE_8             \
  "  add lr, r0, r1, lsl #1\n" \
  "  strb r2, [r0]\n"          \
  "  strb r3, [r0, r1]\n"      \
  "  add r0, lr, r1, lsl #1\n" \
  "  strb r4, [lr]\n"          \
  "  strb r5, [lr, r1]\n"      \
  "  add lr, r0, r1, lsl #1\n" \
  "  strb r6, [r0]\n"          \
  "  strb r7, [r0, r1]\n"      \
  "  strb r8, [lr]\n"          \
  "  strb r9, [lr, r1]\n"
#define NW_STORE_9 NW_STORE_8 "  strb r10, [lr, r1, lsl #1]\n"

#define NW_DOT_ONE(PIXELS, BIAS, HALF, STEP) \
  __asm volatile(                                                       \
      ".syntax unified\n"                                               \
      "  push {r4-r11, lr}\n"                                           \
      "  sub sp, #60\n"                                                 \
      "  ldm r0!, {r2-r9}\n"                                            \
      "  stm sp, {r2-r9}\n"                                             \
      "  sub r12, r5, r2\n"                                             \
      "  ldm r0, {r2-r7}\n"                                             \
      "  add lr, sp, #32\n"                                             \
      "  stm lr, {r2-r7}\n"                                             \
      /* Turns, all but the first even pair and the last odd one. */    \
      "  movs r11, #" HALF "\n"                                         \
      "  udiv r12, r12, r11\n"                                          \
      "  lsrs r12, r12, #1\n"                                           \
      "  ite eq\n"                                                      \
      "  adreq r11, 3f\n"                                               \
      "  adrne r11, 2f\n"                                               \
      "  rsb r12, #0\n"                                                 \
      "  and r12, #3\n"                                                 \
      "  movs r10, #" STEP "\n"                                         \
      "  mla r11, r12, r10, r11\n"                                      \
      "  orr r11, #1\n"                                                 \
      "  str r11, [sp, #56]\n"                                          \
      "  ldr r12, [sp, #28]\n"                                          \
      "1:\n"                                                            \
      "  ldr r11, [sp, #16]\n"                                          \
      "  ldrd r0, r1, [sp]\n"                                            \
      "  ldr " BIAS ", [r11, r12, lsl #2]\n"                            \
      "  lsl " BIAS ", #1\n" NW_FIRST_##PIXELS                          \
      "  ldr pc, [sp, #56]\n"                                           \
      ".align 2\n"                                                      \
      "2:\n" NW_ODD_##PIXELS NW_EVEN_##PIXELS NW_ODD_##PIXELS NW_EVEN_##PIXELS NW_ODD_##PIXELS \
      NW_EVEN_##PIXELS NW_ODD_##PIXELS NW_EVEN_##PIXELS                 \
      "  ldr r11, [sp, #12]\n" \
      "  cmp r0, r11\n"                                                 \
      "  bne 2b\n"                                                      \
      ".align 2\n"                                                      \
      "3:\n" NW_ODD_##PIXELS                                            \
      "  ldrd r11, r12, [sp, #20]\n"                                    \
      "  ldr r0, [sp, #28]\n"                                           \
      "  ldrsb r12, [r12, r0]\n"                                        \
      "  ldr r11, [r11, r0, lsl #2]\n"                                  \
      "  ldrd r1, r0, [sp, #48]\n"                                      \
      "  mvn lr, r12\n"                                                 \
      "  lsl lr, r1, lr\n"                                              \
      "  rsb r12, #0\n"                                                 \
      "  cmp r0, #0\n"                                                  \
      "  beq 5f\n" NW_LEVELS_##PIXELS(NW_CLAMPED)                       \
      "4:\n"  \
      "  ldrd r12, r11, [sp, #28]\n" \
      "  ldrd r0, r1, [sp, #36]\n" \
      "  ldr lr, [sp, #44]\n" \
      "  mla r0, r12, lr, r0\n" NW_STORE_##PIXELS \
      "  ldrd r1, r2, [sp, #4]\n" \
      "  add r12, #1\n" \
      "  add r1, r2\n" \
      "  str r12, [sp, #28]\n" \
      "  str r1, [sp, #4]\n" \
      "  cmp r12, r11\n" \
      "  bne 1b\n" \
      "  add sp, #60\n" \
      "  pop {r4-r11, pc}\n" \
      "5:\n" NW_LEVELS_##PIXELS(NW_SIGNED)                              \
      "  b 4b\n")

__attribute__((naked)) void nw_fast_dot_one_8(nw_fast_dot_one_job* job) {
  (void)job;
  NW_DOT_ONE(8, "r9", "32", "108");
}

__attribute__((naked)) void nw_fast_dot_one_9(nw_fast_dot_one_job* job) {
  (void)job;
  NW_DOT_ONE(9, "r10", "36", "128");
}

#else

static void dot_one(nw_fast_dot_one_job* job, int32_t pixels) {
  for (; job->channel < job->end; ++job->channel) {
    const nw_fast_scale scale = {job->multipliers[job->channel], -job->shifts[job->channel],
                                 job->rounding * (1 << (-job->shifts[job->channel] - 1))};
    for (int32_t pixel = 0; pixel < pixels; ++pixel) {
      const uint32_t* inputs = job->inputs + pixel;
      int32_t sum = 2 * job->biases[job->channel];
      for (int32_t term = 0; term < job->terms; term += 4) {
        const uint32_t bytes = nw_load4(job->weights + term);
        sum = nw_dot2(nw_even(bytes), inputs[0], sum);
        sum = nw_dot2(nw_odd(bytes), inputs[pixels], sum);
        inputs += 2 * pixels;
      }
      job->output[pixel * job->column_step + job->channel * job->channel_step] =
          (int8_t)nw_fast_scaled(sum, &scale, job->clamped);
    }
    job->weights += job->terms;
  }
}

void nw_fast_dot_one_8(nw_fast_dot_one_job* job) { dot_one(job, 8); }
void nw_fast_dot_one_9(nw_fast_dot_one_job* job) { dot_one(job, 9); }

#endif
