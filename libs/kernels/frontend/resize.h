// Resizing pictures of floats row by row, with antialiasing when they shrink: a separable triangle
// filter (bilinear; widened to the area that an output pixel covers when shrinking), pixel centres
// at half integers, weights summing to 1 also at the edges. The same bits on every machine: see
// exact_float.h.
//
// Rows come in one after another and are read once, so no picture need lie in memory:
//
//   nw_resizer resizer = nw_resize_begin(&shape, scratch);
//   for (int32_t y = 0; y < shape.in_height; ++y) {
//     int32_t rows = nw_resize_row(&resizer, row);
//     for (int32_t k = 0; k < rows; ++k) use(nw_resized_row(&resizer));
//   }

#ifndef NIWAKI_LIBS_KERNELS_FRONTEND_RESIZE_H_
#define NIWAKI_LIBS_KERNELS_FRONTEND_RESIZE_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Each from 1 to 2^26, and a row's elements below 2^31.
typedef struct {
  int32_t in_height;
  int32_t in_width;
  int32_t out_height;
  int32_t out_width;
  // Innermost in a row.
  int32_t channels;
} nw_resize_shape;

#define NW_RESIZE_CEIL_RATIO(a, b) (((a) + (b)-1) / (b))
// Input positions that one output position sees, at most.
#define NW_RESIZE_TAPS(in, out) (2 * ((in) > (out) ? NW_RESIZE_CEIL_RATIO(in, out) : 1) + 1)
// Output rows that one input row is part of, at most.
#define NW_RESIZE_SUMS(in, out) NW_RESIZE_TAPS(out, in)
// Of `scratch`, aligned as float.
#define NW_RESIZE_SCRATCH_BYTES(in_height, in_width, out_height, out_width, channels) \
  (4 * ((out_width)*NW_RESIZE_TAPS(in_width, out_width) + (out_width) +               \
        (out_width) * (channels) * (NW_RESIZE_SUMS(in_height, out_height) + 1)))

// The input positions that make one output position: `count` from `first` on, and what weights are
// made of.
typedef struct {
  int32_t first;
  int32_t count;
  int64_t centre;
  int64_t radius;
  int64_t sum;
} nw_resize_taps;

// Of output position `position` of `out`, of `in` input positions.
nw_resize_taps nw_resize_taps_at(int32_t in, int32_t out, int32_t position);
// Weight of input position `first + k`.
float nw_resize_weight(const nw_resize_taps* taps, int32_t out, int32_t k);

// State of one picture; the caller's, its fields are not.
typedef struct {
  nw_resize_shape shape;
  int32_t taps;
  int32_t sums;
  // [out_width] and [out_width, taps]
  int32_t* firsts;
  float* weights;
  // [out_width, channels]
  float* narrow;
  // [sums, out_width, channels]
  float* totals;
  // The next input row, the next output row, and the first that has no sum yet.
  int32_t in_row;
  int32_t out_row;
  int32_t begun;
} nw_resizer;

nw_resizer nw_resize_begin(const nw_resize_shape* shape, void* scratch);

// `row` [in_width, channels] is the next one. How many output rows are now whole: they are to be
// taken before the next call.
int32_t nw_resize_row(nw_resizer* resizer, const float* row);

// The next whole output row [out_width, channels], valid until the next call of nw_resize_row.
const float* nw_resized_row(nw_resizer* resizer);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FRONTEND_RESIZE_H_
