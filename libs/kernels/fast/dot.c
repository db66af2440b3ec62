#include "libs/kernels/fast/dot.h"

#if NW_FAST_DSP

// r0 weights, r1 inputs; sums: r2, r4, r6, r8 of the first channel, r3, r5, r7, lr of the second.
// On the stack: 0 job, 4 weights_end, 8 weights, 12 output, 16 column, 20 channel, 24 inputs_end,
// 28 scales, 32 where the loop is entered. A turn of the loop is eight pairs of 44 bytes of code;
// where their number is no multiple of eight, the first turn begins in the middle.
#define NW_DOT(CLAMPED)                      \
  __asm volatile(                            \
      ".syntax unified\n"                    \
      ".macro nw_pair_" #CLAMPED             \
      "\n"                                   \
      "  ldrd r9, r10, [r0], #8\n"           \
      "  ldrd r11, r12, [r1], #8\n"          \
      "  smlad r2, r9, r11, r2\n"            \
      "  smlad r3, r10, r11, r3\n"           \
      "  smlad r4, r9, r12, r4\n"            \
      "  smlad r5, r10, r12, r5\n"           \
      "  ldrd r11, r12, [r1], #8\n"          \
      "  smlad r6, r9, r11, r6\n"            \
      "  smlad r7, r10, r11, r7\n"           \
      "  smlad r8, r9, r12, r8\n"            \
      "  smlad lr, r10, r12, lr\n"           \
      ".endm\n"                              \
      ".macro nw_level_" #CLAMPED            \
      " sum\n"                               \
      ".if " #CLAMPED                        \
      "\n"                                   \
      "  smmlar \\sum, \\sum, r9, r11\n"     \
      ".else\n"                              \
      "  smmulr \\sum, \\sum, r9\n"          \
      "  add \\sum, \\sum, \\sum, asr #31\n" \
      "  add \\sum, \\sum, r11\n"            \
      ".endif\n"                             \
      "  asr \\sum, \\sum, r10\n"            \
      "  ssat \\sum, #8, \\sum\n"            \
      ".endm\n"                              \
      "  push {r4-r11, lr}\n"                \
      "  sub sp, #36\n"                      \
      "  add r4, r0, #56\n"                  \
      "  ldm r4, {r2-r7}\n"                  \
      "  ldr r1, [r0, #80]\n"                \
      "  add r8, r0, #32\n"                  \
      "  sub r9, r3, r2\n"                   \
      "  ubfx r9, r9, #3, #3\n"              \
      "  movs r10, #44\n"                    \
      "  adr r11, 2f\n"                      \
      "  mla r9, r9, r10, r11\n"             \
      "  orr r9, #1\n"                       \
      "  stm sp, {r0, r2-r9}\n"              \
      "1:\n"                                 \
      "  ldr r12, [sp]\n"                    \
      "  ldm r12, {r2-r8, lr}\n"             \
      "  ldr r0, [sp, #8]\n"                 \
      "  ldr pc, [sp, #32]\n"                \
      ".align 2\n"                           \
      "2:\n"                                 \
      ".rept 8\n"                            \
      "  nw_pair_" #CLAMPED                  \
      "\n"                                   \
      ".endr\n"                              \
      "  ldr r9, [sp, #4]\n"                 \
      "  cmp r0, r9\n"                       \
      "  bne 2b\n"                           \
      "  ldr r12, [sp, #28]\n"               \
      "  ldm r12!, {r9-r11}\n"               \
      "  nw_level_" #CLAMPED                 \
      " r2\n"                                \
      "  nw_level_" #CLAMPED                 \
      " r4\n"                                \
      "  nw_level_" #CLAMPED                 \
      " r6\n"                                \
      "  nw_level_" #CLAMPED                 \
      " r8\n"                                \
      "  ldm r12, {r9-r11}\n"                \
      "  nw_level_" #CLAMPED                 \
      " r3\n"                                \
      "  nw_level_" #CLAMPED                 \
      " r5\n"                                \
      "  nw_level_" #CLAMPED                 \
      " r7\n"                                \
      "  nw_level_" #CLAMPED                 \
      " lr\n"                                \
      "  ldrd r0, r9, [sp, #12]\n"           \
      "  ldrd r10, r11, [sp, #20]\n"         \
      "  strb r2, [r0]\n"                    \
      "  strb r3, [r0, r10]\n"               \
      "  add r0, r9\n"                       \
      "  strb r4, [r0]\n"                    \
      "  strb r5, [r0, r10]\n"               \
      "  add r0, r9\n"                       \
      "  strb r6, [r0]\n"                    \
      "  strb r7, [r0, r10]\n"               \
      "  add r0, r9\n"                       \
      "  strb r8, [r0]\n"                    \
      "  strb lr, [r0, r10]\n"               \
      "  add r0, r9\n"                       \
      "  str r0, [sp, #12]\n"                \
      "  cmp r1, r11\n"                      \
      "  bne 1b\n"                           \
      "  add sp, #36\n"                      \
      "  pop {r4-r11, pc}\n")

__attribute__((naked)) void nw_fast_dot_clamped(const nw_fast_dot_job* job) {
  (void)job;
  NW_DOT(1);
}

__attribute__((naked)) void nw_fast_dot_signed(const nw_fast_dot_job* job) {
  (void)job;
  NW_DOT(0);
}

#else

static void dot(const nw_fast_dot_job* job, int clamped) {
  int8_t* output = job->output;
  const uint32_t* inputs = job->inputs;
  while (inputs != job->inputs_end) {
    int32_t sums[8];
    memcpy(sums, job->biases, sizeof(sums));
    for (const uint32_t* weights = job->weights; weights != job->weights_end; weights += 2) {
      for (int pixel = 0; pixel < 4; ++pixel) {
        sums[2 * pixel] = nw_dot2(weights[0], inputs[pixel], sums[2 * pixel]);
        sums[2 * pixel + 1] = nw_dot2(weights[1], inputs[pixel], sums[2 * pixel + 1]);
      }
      inputs += 4;
    }
    for (int pixel = 0; pixel < 4; ++pixel) {
      output[0] = (int8_t)nw_fast_scaled(sums[2 * pixel], &job->scales[0], clamped);
      output[job->channel] = (int8_t)nw_fast_scaled(sums[2 * pixel + 1], &job->scales[1], clamped);
      output += job->column;
    }
  }
}

void nw_fast_dot_clamped(const nw_fast_dot_job* job) { dot(job, 1); }
void nw_fast_dot_signed(const nw_fast_dot_job* job) { dot(job, 0); }

#endif
