// The inner loop of depthwise convolutions: some rows of one channel, four outputs at a time, from
// the rows that their windows cover, widened to int16.
//
// The rows lie together, four columns at a time: by group of four columns, by line, two pairs.
// There are NW_DEPTHWISE_LINES lines; a row of outputs begins `stride` lines below the one before
// it.
//   weights  stride 1, by row: for j < K / 2 the pairs (2j, 2j + 1) and (2j + 1, 2j + 2); stride 2,
//            by row: for j < K / 2 the pair (2j, 2j + 1), and (K - 1, nothing)

#ifndef NIWAKI_LIBS_KERNELS_FAST_DEPTHWISE_ROW_H_
#define NIWAKI_LIBS_KERNELS_FAST_DEPTHWISE_ROW_H_

#include <stdint.h>

#include "libs/kernels/fast/simd.h"

#ifdef __cplusplus
extern "C" {
#endif

// Of the quick form: level = saturated((sum * multiplier / 2^32 + rounding) >>
// NW_FAST_QUICK_SHIFT).
#define NW_FAST_QUICK_SHIFT 9

// The assembly knows the order and sizes of the fields. Weights and bias are multiples: by two for
// the form of scale.h with the sign, by what depthwise.c says for the quick form.
typedef struct {
  // Four times the same.
  int32_t biases[4];
  int32_t multiplier;
  int32_t rounding;
  int32_t shift;
  // Where the outputs go, row behind row.
  int8_t* output;
  // Of a row, at least one.
  int32_t outputs;
  int32_t quick;
  // By line, but for the first `left_out` lines: those are left out, as are the weights' rows that
  // meet them. Windows of 3 x 3 leave out none.
  const uint32_t* weights;
  // Line 0 of the first four columns of the first window.
  const uint32_t* columns;
  // Of outputs, at least one.
  int32_t rows;
  int32_t left_out;
} nw_fast_row_job;

// Windows of K x K, stride S; saturated levels.
void nw_fast_row_3x3_s1(const nw_fast_row_job* job);
void nw_fast_row_3x3_s2(const nw_fast_row_job* job);
void nw_fast_row_5x5_s1(const nw_fast_row_job* job);
void nw_fast_row_5x5_s2(const nw_fast_row_job* job);
void nw_fast_row_7x7_s1(const nw_fast_row_job* job);
void nw_fast_row_7x7_s2(const nw_fast_row_job* job);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FAST_DEPTHWISE_ROW_H_
