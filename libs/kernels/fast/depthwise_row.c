#include "libs/kernels/fast/depthwise_row.h"

#include "libs/kernels/convolution.h"

#if NW_FAST_DSP

// r0 columns, r4 to r7 sums. On the stack the job: 0 biases, 16 multiplier, 20 rounding, 24 shift,
// 28 output, 32 outputs left of the row, 36 where the levels are made, 40 weights, 44 columns, 48
// rows left, 52 the line where sums begin; then 56 outputs of a row. STEP is the size of a line's
// code.
#define NW_BEGIN(STEP)      \
  ".syntax unified\n"       \
  "  push {r4-r11, lr}\n"   \
  "  sub sp, #60\n"         \
  "  ldm r0!, {r1-r9}\n"    \
  "  stm sp, {r1-r9}\n"     \
  "  ldm r0, {r4-r8}\n"     \
  "  adr r3, 8f\n"          \
  "  cmp r4, #0\n"          \
  "  it ne\n"               \
  "  adrne r3, 7f\n"        \
  "  orr r3, #1\n"          \
  "  adr r12, 2f\n"         \
  "  movs r1, #" #STEP      \
  "\n"                      \
  "  mla r8, r8, r1, r12\n" \
  "  orr r8, #1\n"          \
  "  add r1, sp, #36\n"     \
  "  stm r1, {r3, r5-r9}\n" \
  "  mov r0, r6\n"

// Four outputs, or the last few of a row; AGAIN goes on.
#define NW_STORE(AGAIN)        \
  "  ldrd r3, r1, [sp, #28]\n" \
  "  subs r1, #4\n"            \
  "  blt 9f\n"                 \
  "  strb r4, [r3], #4\n"      \
  "  strb r5, [r3, #-3]\n"     \
  "  strb r6, [r3, #-2]\n"     \
  "  strb r7, [r3, #-1]\n"     \
  "  strd r3, r1, [sp, #28]\n" AGAIN

#define NW_QUICK_LEVEL(sum) \
  "  smmla " #sum ", " #sum \
  ", r1, r2\n"              \
  "  ssat " #sum ", #8, " #sum ", asr #9\n"

#define NW_SIGNED_LEVEL(sum)        \
  "  smmulr " #sum ", " #sum        \
  ", r1\n"                          \
  "  add " #sum ", " #sum ", " #sum \
  ", asr #31\n"                     \
  "  add " #sum ", " #sum           \
  ", r2\n"                          \
  "  asr " #sum ", " #sum           \
  ", r3\n"                          \
  "  ssat " #sum ", #8, " #sum "\n"

#define NW_NEXT "  bne 1b\n"
// One or two outputs that are left are made at 4.
#define NW_NEXT_OR_TWO \
  "  cmp r1, #2\n"     \
  "  bgt 1b\n"         \
  "  cmp r1, #0\n"     \
  "  bne 4f\n"

// Behind a row the next one, DOWN bytes below.
#define NW_END(DOWN, AGAIN) \
  "  ldr pc, [sp, #36]\n"                                                                 \
  ".align 2\n"                                                                            \
  "7:\n"                                                                                  \
  "  ldrd r1, r2, [sp, #16]\n" NW_QUICK_LEVEL(r4) NW_QUICK_LEVEL(r5) NW_QUICK_LEVEL(r6)   \
      NW_QUICK_LEVEL(r7) NW_STORE(AGAIN)                                                         \
      "  b 6f\n"                                                                          \
      ".align 2\n"                                                                        \
      "8:\n"                                                                              \
      "  ldrd r1, r2, [sp, #16]\n"                                                        \
      "  ldr r3, [sp, #24]\n" NW_SIGNED_LEVEL(r4) NW_SIGNED_LEVEL(r5) NW_SIGNED_LEVEL(r6) \
          NW_SIGNED_LEVEL(r7) NW_STORE(AGAIN)                                                    \
      "  b 6f\n"                                                                          \
      "9:\n"                                                                              \
      "  strb r4, [r3], #1\n"                                                             \
      "  adds r1, #2\n"                                                                   \
      "  itt ge\n"                                                                        \
      "  strbge r5, [r3], #1\n"                                                           \
      "  cmpge r1, #1\n"                                                                  \
      "  it ge\n"                                                                         \
      "  strbge r6, [r3], #1\n"                                                           \
      "6:\n"                                                                              \
      "  ldrd r0, r1, [sp, #44]\n"                                                        \
      "  subs r1, #1\n"                                                                   \
      "  beq 5f\n"                                                                        \
      "  add r0, #" #DOWN                                                                 \
      "\n"                                                                                \
      "  strd r0, r1, [sp, #44]\n"                                                        \
      "  ldr r1, [sp, #56]\n"                                                             \
      "  strd r3, r1, [sp, #28]\n"                                                        \
      "  b 1b\n"                                                                          \
      "5:\n"                                                                              \
      "  add sp, #60\n"                                                                   \
      "  pop {r4-r11, pc}\n"

#define NW_MAC(sum, columns, weights) "  smlad " #sum ", " #columns ", " #weights ", " #sum "\n"
// The second column with the first weight; the first column with the second weight.
#define NW_TOP(sum, columns, weights) "  smlatb " #sum ", " #columns ", " #weights ", " #sum "\n"
#define NW_BOTTOM(sum, columns, weights) "  smlabt " #sum ", " #columns ", " #weights ", " #sum "\n"

// Groups of four columns are 96 bytes apart, lines 8.

// The weights stay in r8 to r12 and lr. A line's first group of columns is loaded by FIRST, the
// next one lies at NEXT.
#define NW_ROW_3_1(FIRST, NEXT, even, odd)                                                    \
  "  ldr r3, [r0, #" #NEXT                                                                    \
  "]\n"                                                                                       \
  "  ldrd r1, r2, " FIRST "\n" NW_MAC(r4, r1, even) NW_TOP(r5, r1, even) NW_MAC(r6, r2, even) \
      NW_TOP(r7, r2, even) NW_BOTTOM(r4, r2, odd) NW_MAC(r5, r2, odd) NW_BOTTOM(r6, r3, odd)  \
          NW_MAC(r7, r3, odd)

// Two outputs.
#define NW_HALF_ROW_3_1(FIRST, even, odd)                                        \
  "  ldrd r1, r2, [r0, #" #FIRST "]\n" NW_MAC(r4, r1, even) NW_TOP(r5, r1, even) \
      NW_BOTTOM(r4, r2, odd) NW_MAC(r5, r2, odd)

__attribute__((naked)) void nw_fast_row_3x3_s1(const nw_fast_row_job* job) {
  (void)job;
  __asm volatile(NW_BEGIN(0) "  str r4, [sp, #52]\n"
                             "  ldm r5, {r8-r12, lr}\n"
                             ".align 2\n"
                             "1:\n"
                             "2:\n"
                             "  ldm sp, {r4-r7}\n" NW_ROW_3_1("[r0, #16]", 112, r12, lr)
                                 NW_ROW_3_1("[r0, #8]", 104, r10, r11)
                                     NW_ROW_3_1("[r0], #96", 96, r8, r9)
                                         NW_END(8, NW_NEXT_OR_TWO)
                             "4:\n"
                             "  ldrd r4, r5, [sp]\n" NW_HALF_ROW_3_1(16, r12, lr)
                                 NW_HALF_ROW_3_1(8, r10, r11) NW_HALF_ROW_3_1(0, r8, r9)
                             "  ldr r1, [sp, #52]\n"
                             "  cmp r1, #0\n"
                             "  beq 8b\n"
                             "  ldrd r1, r2, [sp, #16]\n" NW_QUICK_LEVEL(r4) NW_QUICK_LEVEL(r5)
                             "  ldrd r3, r1, [sp, #28]\n"
                             "  strb r4, [r3], #1\n"
                             "  cmp r1, #2\n"
                             "  it eq\n"
                             "  strbeq r5, [r3], #1\n"
                             "  b 6b\n");
}

#define NW_ROW_3_2(FIRST, SECOND, THIRD, even, last)                                          \
  "  ldrd r1, r2, [r0, #" #FIRST "]\n" NW_MAC(r4, r1, even) NW_MAC(r4, r2, last)              \
      NW_MAC(r5, r2, even) "  ldrd r3, r1, [r0, #" #SECOND                                    \
                           "]\n"                                                              \
                           "  ldr r2, [r0, #" #THIRD "]\n" NW_MAC(r5, r3, last)               \
                               NW_MAC(r6, r3, even) NW_MAC(r6, r1, last) NW_MAC(r7, r1, even) \
                                   NW_MAC(r7, r2, last)

__attribute__((naked)) void nw_fast_row_3x3_s2(const nw_fast_row_job* job) {
  (void)job;
  __asm volatile(NW_BEGIN(
      0) "  ldm r5, {r8-r12, lr}\n"
         ".align 2\n"
         "1:\n"
         "2:\n"
         "  ldm sp, {r4-r7}\n" NW_ROW_3_2(0, 96, 192, r8, r9) NW_ROW_3_2(8, 104, 200, r10, r11)
                     NW_ROW_3_2(16, 112, 208, r12, lr) "  add r0, #192\n" NW_END(16, NW_NEXT));
}

// From here on the weights pass through r8 to r11, from r12 on, and sums begin with any line.
#define NW_LINES           \
  "1:\n"                   \
  "  ldm sp, {r4-r7}\n"    \
  "  ldr r12, [sp, #40]\n" \
  "  ldr pc, [sp, #52]\n"  \
  ".align 2\n"             \
  "2:\n"

#define NW_ROW_5_1(FIRST, SECOND)                                                                \
  "  ldrd r1, r2, [r0, #" #FIRST                                                                 \
  "]\n"                                                                                          \
  "  ldm r12!, {r8-r11}\n"                                                                       \
  "  ldrd r3, lr, [r0, #" #SECOND "]\n" NW_MAC(r4, r1, r8) NW_TOP(r5, r1, r8) NW_MAC(r6, r2, r8) \
      NW_TOP(r7, r2, r8) NW_MAC(r4, r2, r10) NW_MAC(r5, r2, r9) NW_MAC(r6, r3, r10)              \
          NW_MAC(r7, r3, r9) NW_BOTTOM(r4, r3, r11) NW_MAC(r5, r3, r11) NW_BOTTOM(r6, lr, r11)   \
              NW_MAC(r7, lr, r11)

__attribute__((naked)) void nw_fast_row_5x5_s1(const nw_fast_row_job* job) {
  (void)job;
  __asm volatile(NW_BEGIN(60) NW_LINES NW_ROW_5_1(0, 96) NW_ROW_5_1(8, 104) NW_ROW_5_1(16, 112)
                     NW_ROW_5_1(24, 120) NW_ROW_5_1(32, 128) "  add r0, #96\n" NW_END(8, NW_NEXT));
}

#define NW_ROW_5_2(FIRST, SECOND, THIRD)                                                 \
  "  ldrd r1, r2, [r0, #" #FIRST                                                         \
  "]\n"                                                                                  \
  "  ldm r12!, {r8-r10}\n"                                                               \
  "  ldrd r3, r11, [r0, #" #SECOND "]\n" NW_MAC(r4, r1, r8) NW_MAC(r5, r2, r8)           \
      NW_MAC(r4, r2, r9) "  ldrd r1, lr, [r0, #" #THIRD "]\n" NW_MAC(r4, r3, r10)        \
          NW_MAC(r5, r3, r9) NW_MAC(r6, r3, r8) NW_MAC(r5, r11, r10) NW_MAC(r6, r11, r9) \
              NW_MAC(r7, r11, r8) NW_MAC(r6, r1, r10) NW_MAC(r7, r1, r9) NW_MAC(r7, lr, r10)

__attribute__((naked)) void nw_fast_row_5x5_s2(const nw_fast_row_job* job) {
  (void)job;
  __asm volatile(NW_BEGIN(64) NW_LINES NW_ROW_5_2(0, 96, 192) NW_ROW_5_2(8, 104, 200)
                     NW_ROW_5_2(16, 112, 208) NW_ROW_5_2(24, 120, 216)
                         NW_ROW_5_2(32, 128, 224) "  add r0, #192\n" NW_END(16, NW_NEXT));
}

#define NW_ROW_7_1(FIRST, SECOND, THIRD)                                                          \
  "  ldrd r1, r2, [r0, #" #FIRST                                                                  \
  "]\n"                                                                                           \
  "  ldm r12!, {r8-r11}\n"                                                                        \
  "  ldrd r3, lr, [r0, #" #SECOND "]\n" NW_MAC(r4, r1, r8) NW_TOP(r5, r1, r8) NW_MAC(r6, r2, r8)  \
      NW_TOP(r7, r2, r8) NW_MAC(r5, r2, r9) NW_MAC(r7, r3, r9) NW_MAC(r4, r2, r10)                \
          NW_MAC(r5, r3, r11) NW_MAC(r6, r3, r10)                                                 \
              NW_MAC(r7, lr, r11) "  ldr.w r1, [r0, #" #THIRD                                     \
                                  "]\n"                                                           \
                                  "  ldm r12!, {r8, r9}\n" NW_MAC(r4, r3, r8) NW_MAC(r5, lr, r9)  \
                                      NW_MAC(r6, lr, r8) NW_MAC(r7, r1, r9) NW_BOTTOM(r4, lr, r9) \
                                          NW_BOTTOM(r6, r1, r9)

__attribute__((naked)) void nw_fast_row_7x7_s1(const nw_fast_row_job* job) {
  (void)job;
  __asm volatile(NW_BEGIN(84) NW_LINES NW_ROW_7_1(0, 96, 192) NW_ROW_7_1(8, 104, 200) NW_ROW_7_1(
      16, 112, 208) NW_ROW_7_1(24, 120, 216) NW_ROW_7_1(32, 128, 224) NW_ROW_7_1(40, 136, 232)
                     NW_ROW_7_1(48, 144, 240) "  add r0, #96\n" NW_END(8, NW_NEXT));
}

#define NW_ROW_7_2(FIRST, SECOND, THIRD, FOURTH)                                                \
  "  ldrd r1, r2, [r0, #" #FIRST                                                                \
  "]\n"                                                                                         \
  "  ldm r12!, {r8-r11}\n"                                                                      \
  "  ldrd r3, lr, [r0, #" #SECOND "]\n" NW_MAC(r4, r1, r8) NW_MAC(r4, r2, r9)                   \
      NW_MAC(r5, r2, r8) "  ldrd r1, r2, [r0, #" #THIRD "]\n" NW_MAC(r4, r3, r10)               \
          NW_MAC(r5, r3, r9)                                                                    \
              NW_MAC(r6, r3, r8) "  ldr.w r3, [r0, #" #FOURTH "]\n" NW_MAC(r4, lr, r11)         \
                  NW_MAC(r5, lr, r10) NW_MAC(r6, lr, r9) NW_MAC(r7, lr, r8) NW_MAC(r5, r1, r11) \
                      NW_MAC(r6, r1, r10) NW_MAC(r7, r1, r9) NW_MAC(r6, r2, r11)                \
                          NW_MAC(r7, r2, r10) NW_MAC(r7, r3, r11)

__attribute__((naked)) void nw_fast_row_7x7_s2(const nw_fast_row_job* job) {
  (void)job;
  __asm volatile(NW_BEGIN(84) NW_LINES NW_ROW_7_2(0, 96, 192, 288) NW_ROW_7_2(8, 104, 200, 296)
                     NW_ROW_7_2(16, 112, 208, 304) NW_ROW_7_2(24, 120, 216, 312)
                         NW_ROW_7_2(32, 128, 224, 320) NW_ROW_7_2(40, 136, 232, 328)
                             NW_ROW_7_2(48, 144, 240, 336) "  add r0, #192\n" NW_END(16, NW_NEXT));
}

#else

static int8_t level_of(int32_t sum, const nw_fast_row_job* job) {
  if (job->quick) {
    const int64_t product = (int64_t)sum * job->multiplier;
    const int32_t high = (int32_t)(product >> 32) + job->rounding;
    return (int8_t)nw_saturated(high >> NW_FAST_QUICK_SHIFT);
  }
  int32_t high = nw_high_product(sum, job->multiplier);
  high += high >> 31;
  return (int8_t)nw_saturated((high + job->rounding) >> job->shift);
}

// Column `position` of line `line`.
static int32_t column_of(const uint32_t* columns, int line, int position) {
  const int group_words = 2 * NW_DEPTHWISE_LINES;
  const uint32_t pair = columns[position / 4 * group_words + 2 * line + position % 4 / 2];
  return position % 2 == 0 ? nw_low(pair) : nw_high(pair);
}

static int32_t weight_of(const uint32_t* weights, int kernel, int stride, int position) {
  if (stride == 1) {
    if (position == kernel - 1) return nw_high(weights[kernel - 2]);
    const uint32_t pair = weights[position / 2 * 2];
    return position % 2 == 0 ? nw_low(pair) : nw_high(pair);
  }
  const uint32_t pair = weights[position / 2];
  return position % 2 == 0 ? nw_low(pair) : nw_high(pair);
}

static int8_t output_of(const nw_fast_row_job* job, const uint32_t* columns, int kernel, int stride,
                        int32_t x) {
  const int row_words = stride == 1 ? kernel - 1 : kernel / 2 + 1;
  const uint32_t* weights = job->weights;
  int32_t sum = job->biases[x % 4];
  for (int line = job->left_out; line < kernel; ++line) {
    for (int i = 0; i < kernel; ++i) {
      sum += column_of(columns, line, x * stride + i) * weight_of(weights, kernel, stride, i);
    }
    weights += row_words;
  }
  return level_of(sum, job);
}

static void run(const nw_fast_row_job* job, int kernel, int stride) {
  const uint32_t* columns = job->columns;
  int8_t* output = job->output;
  for (int32_t row = 0; row < job->rows; ++row) {
    for (int32_t x = 0; x < job->outputs; ++x) {
      *output++ = output_of(job, columns, kernel, stride, x);
    }
    columns += 2 * stride;
  }
}

void nw_fast_row_3x3_s1(const nw_fast_row_job* job) { run(job, 3, 1); }
void nw_fast_row_3x3_s2(const nw_fast_row_job* job) { run(job, 3, 2); }
void nw_fast_row_5x5_s1(const nw_fast_row_job* job) { run(job, 5, 1); }
void nw_fast_row_5x5_s2(const nw_fast_row_job* job) { run(job, 5, 2); }
void nw_fast_row_7x7_s1(const nw_fast_row_job* job) { run(job, 7, 1); }
void nw_fast_row_7x7_s2(const nw_fast_row_job* job) { run(job, 7, 2); }

#endif
