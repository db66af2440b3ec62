#include "libs/kernels/fast/depthwise_row.h"

#if NW_FAST_DSP

// r0 columns, r4 to r7 sums. On the stack the job: 0 biases, 16 multiplier, 20 rounding, 24 shift,
// 28 output, 32 outputs, 36 where the levels are made, 40 weights.
#define NW_BEGIN          \
  ".syntax unified\n"     \
  "  push {r4-r11, lr}\n" \
  "  sub sp, #44\n"       \
  "  ldm r0, {r1-r11}\n"  \
  "  adr r12, 8f\n"       \
  "  cmp r10, #0\n"       \
  "  it ne\n"             \
  "  adrne r12, 7f\n"     \
  "  orr r10, r12, #1\n"  \
  "  stm sp, {r1-r11}\n"  \
  "  ldr r0, [r0, #44]\n"

// Four outputs, or the last few.
#define NW_STORE               \
  "  ldrd r3, r1, [sp, #28]\n" \
  "  subs r1, #4\n"            \
  "  blt 9f\n"                 \
  "  strb r4, [r3], #4\n"      \
  "  strb r5, [r3, #-3]\n"     \
  "  strb r6, [r3, #-2]\n"     \
  "  strb r7, [r3, #-1]\n"     \
  "  strd r3, r1, [sp, #28]\n" \
  "  bne 1b\n"                 \
  "  add sp, #44\n"            \
  "  pop {r4-r11, pc}\n"

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

#define NW_END                                                                            \
  "  ldr pc, [sp, #36]\n"                                                                 \
  ".align 2\n"                                                                            \
  "7:\n"                                                                                  \
  "  ldrd r1, r2, [sp, #16]\n" NW_QUICK_LEVEL(r4) NW_QUICK_LEVEL(r5) NW_QUICK_LEVEL(r6)   \
      NW_QUICK_LEVEL(r7) NW_STORE                                                         \
      ".align 2\n"                                                                        \
      "8:\n"                                                                              \
      "  ldrd r1, r2, [sp, #16]\n"                                                        \
      "  ldr r3, [sp, #24]\n" NW_SIGNED_LEVEL(r4) NW_SIGNED_LEVEL(r5) NW_SIGNED_LEVEL(r6) \
          NW_SIGNED_LEVEL(r7) NW_STORE                                                    \
      "9:\n"                                                                              \
      "  strb r4, [r3]\n"                                                                 \
      "  adds r1, #2\n"                                                                   \
      "  itt ge\n"                                                                        \
      "  strbge r5, [r3, #1]\n"                                                           \
      "  cmpge r1, #1\n"                                                                  \
      "  it ge\n"                                                                         \
      "  strbge r6, [r3, #2]\n"                                                           \
      "  add sp, #44\n"                                                                   \
      "  pop {r4-r11, pc}\n"

#define NW_MAC(sum, columns, weights) "  smlad " #sum ", " #columns ", " #weights ", " #sum "\n"
// The second column with the first weight; the first column with the second weight.
#define NW_TOP(sum, columns, weights) "  smlatb " #sum ", " #columns ", " #weights ", " #sum "\n"
#define NW_BOTTOM(sum, columns, weights) "  smlabt " #sum ", " #columns ", " #weights ", " #sum "\n"

// The weights stay in r8 to r12 and lr. A row's first group of columns is loaded by FIRST, the next
// one lies at NEXT.
#define NW_ROW_3_1(FIRST, NEXT, even, odd)                                                    \
  "  ldr r3, [r0, #" #NEXT                                                                    \
  "]\n"                                                                                       \
  "  ldrd r1, r2, " FIRST "\n" NW_MAC(r4, r1, even) NW_TOP(r5, r1, even) NW_MAC(r6, r2, even) \
      NW_TOP(r7, r2, even) NW_BOTTOM(r4, r2, odd) NW_MAC(r5, r2, odd) NW_BOTTOM(r6, r3, odd)  \
          NW_MAC(r7, r3, odd)

__attribute__((naked)) void nw_fast_row_3x3_s1(const nw_fast_row_job* job) {
  (void)job;
  __asm volatile(NW_BEGIN
                 "  ldm r11, {r8-r12, lr}\n"
                 "1:\n"
                 "  ldm sp, {r4-r7}\n" NW_ROW_3_1("[r0, #16]", 40, r12, lr) NW_ROW_3_1(
                     "[r0, #8]", 32, r10, r11) NW_ROW_3_1("[r0], #24", 24, r8, r9) NW_END);
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
  __asm volatile(NW_BEGIN
                 "  ldm r11, {r8-r12, lr}\n"
                 "1:\n"
                 "  ldm sp, {r4-r7}\n" NW_ROW_3_2(0, 24, 48, r8, r9) NW_ROW_3_2(8, 32, 56, r10, r11)
                     NW_ROW_3_2(16, 40, 64, r12, lr) "  add r0, #48\n" NW_END);
}

// From here on the weights pass through r8 to r11, from r12 on.
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
  __asm volatile(NW_BEGIN
                 "1:\n"
                 "  ldm sp, {r4-r7}\n"
                 "  ldr r12, [sp, #40]\n" NW_ROW_5_1(0, 40) NW_ROW_5_1(8, 48) NW_ROW_5_1(16, 56)
                     NW_ROW_5_1(24, 64) NW_ROW_5_1(32, 72) "  add r0, #40\n" NW_END);
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
  __asm volatile(NW_BEGIN
                 "1:\n"
                 "  ldm sp, {r4-r7}\n"
                 "  ldr r12, [sp, #40]\n" NW_ROW_5_2(0, 40, 80) NW_ROW_5_2(8, 48, 88)
                     NW_ROW_5_2(16, 56, 96) NW_ROW_5_2(24, 64, 104)
                         NW_ROW_5_2(32, 72, 112) "  add r0, #80\n" NW_END);
}

#define NW_ROW_7_1(FIRST, SECOND, THIRD)                                                          \
  "  ldrd r1, r2, [r0, #" #FIRST                                                                  \
  "]\n"                                                                                           \
  "  ldm r12!, {r8-r11}\n"                                                                        \
  "  ldrd r3, lr, [r0, #" #SECOND "]\n" NW_MAC(r4, r1, r8) NW_TOP(r5, r1, r8) NW_MAC(r6, r2, r8)  \
      NW_TOP(r7, r2, r8) NW_MAC(r5, r2, r9) NW_MAC(r7, r3, r9) NW_MAC(r4, r2, r10)                \
          NW_MAC(r5, r3, r11) NW_MAC(r6, r3, r10)                                                 \
              NW_MAC(r7, lr, r11) "  ldr r1, [r0, #" #THIRD                                       \
                                  "]\n"                                                           \
                                  "  ldm r12!, {r8, r9}\n" NW_MAC(r4, r3, r8) NW_MAC(r5, lr, r9)  \
                                      NW_MAC(r6, lr, r8) NW_MAC(r7, r1, r9) NW_BOTTOM(r4, lr, r9) \
                                          NW_BOTTOM(r6, r1, r9)

__attribute__((naked)) void nw_fast_row_7x7_s1(const nw_fast_row_job* job) {
  (void)job;
  __asm volatile(NW_BEGIN
                 "1:\n"
                 "  ldm sp, {r4-r7}\n"
                 "  ldr r12, [sp, #40]\n" NW_ROW_7_1(0, 56, 112) NW_ROW_7_1(8, 64, 120)
                     NW_ROW_7_1(16, 72, 128) NW_ROW_7_1(24, 80, 136) NW_ROW_7_1(32, 88, 144)
                         NW_ROW_7_1(40, 96, 152) NW_ROW_7_1(48, 104, 160) "  add r0, #56\n" NW_END);
}

#define NW_ROW_7_2(FIRST, SECOND, THIRD, FOURTH)                                                  \
  "  ldrd r1, r2, [r0, #" #FIRST                                                                  \
  "]\n"                                                                                           \
  "  ldm r12!, {r8-r11}\n"                                                                        \
  "  ldrd r3, lr, [r0, #" #SECOND "]\n" NW_MAC(r4, r1, r8) NW_MAC(r4, r2, r9) NW_MAC(             \
      r5, r2, r8) "  ldrd r1, r2, [r0, #" #THIRD "]\n" NW_MAC(r4, r3, r10) NW_MAC(r5, r3, r9)     \
      NW_MAC(r6, r3, r8) "  ldr r3, [r0, #" #FOURTH "]\n" NW_MAC(r4, lr, r11) NW_MAC(r5, lr, r10) \
          NW_MAC(r6, lr, r9) NW_MAC(r7, lr, r8) NW_MAC(r5, r1, r11) NW_MAC(r6, r1, r10)           \
              NW_MAC(r7, r1, r9) NW_MAC(r6, r2, r11) NW_MAC(r7, r2, r10) NW_MAC(r7, r3, r11)

__attribute__((naked)) void nw_fast_row_7x7_s2(const nw_fast_row_job* job) {
  (void)job;
  __asm volatile(NW_BEGIN
                 "1:\n"
                 "  ldm sp, {r4-r7}\n"
                 "  ldr r12, [sp, #40]\n" NW_ROW_7_2(0, 56, 112, 168) NW_ROW_7_2(8, 64, 120, 176)
                     NW_ROW_7_2(16, 72, 128, 184) NW_ROW_7_2(24, 80, 136, 192)
                         NW_ROW_7_2(32, 88, 144, 200) NW_ROW_7_2(40, 96, 152, 208)
                             NW_ROW_7_2(48, 104, 160, 216) "  add r0, #112\n" NW_END);
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

// Column `position` of row `row`.
static int32_t column_of(const uint32_t* columns, int kernel, int row, int position) {
  const uint32_t pair = columns[(position / 4 * kernel + row) * 2 + position % 4 / 2];
  return position % 2 == 0 ? nw_low(pair) : nw_high(pair);
}

static int32_t weight_of(const uint32_t* weights, int kernel, int stride, int row, int position) {
  if (stride == 1) {
    const uint32_t* const pairs = weights + row * (kernel - 1);
    if (position == kernel - 1) return nw_high(pairs[kernel - 2]);
    const uint32_t pair = pairs[position / 2 * 2];
    return position % 2 == 0 ? nw_low(pair) : nw_high(pair);
  }
  const uint32_t pair = weights[row * (kernel / 2 + 1) + position / 2];
  return position % 2 == 0 ? nw_low(pair) : nw_high(pair);
}

static void run(const nw_fast_row_job* job, int kernel, int stride) {
  const uint32_t* at = job->columns;
  for (int32_t done = 0; done < job->outputs; done += 4) {
    for (int i = 0; i < 4 && done + i < job->outputs; ++i) {
      int32_t sum = job->biases[i];
      for (int row = 0; row < kernel; ++row) {
        for (int x = 0; x < kernel; ++x) {
          sum += column_of(at, kernel, row, i * stride + x) *
                 weight_of(job->weights, kernel, stride, row, x);
        }
      }
      job->output[done + i] = level_of(sum, job);
    }
    at += stride * kernel * 2;
  }
}

void nw_fast_row_3x3_s1(const nw_fast_row_job* job) { run(job, 3, 1); }
void nw_fast_row_3x3_s2(const nw_fast_row_job* job) { run(job, 3, 2); }
void nw_fast_row_5x5_s1(const nw_fast_row_job* job) { run(job, 5, 1); }
void nw_fast_row_5x5_s2(const nw_fast_row_job* job) { run(job, 5, 2); }
void nw_fast_row_7x7_s1(const nw_fast_row_job* job) { run(job, 7, 1); }
void nw_fast_row_7x7_s2(const nw_fast_row_job* job) { run(job, 7, 2); }

#endif
