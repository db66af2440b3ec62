#include "libs/kernels/frontend/resize.h"

#include "libs/kernels/frontend/exact_float.h"

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

// In units of half an output pixel's share of an input pixel, 1 / (2 out): the centre of output
// position o lies at (o + 1/2) in / out - 1/2, the filter's radius is max(1, in / out).
nw_resize_taps nw_resize_taps_at(int32_t in, int32_t out, int32_t position) {
  const int64_t unit = 2 * (int64_t)out;
  nw_resize_taps taps = {0, 0, 0, 0, 0};
  taps.centre = (2 * (int64_t)position + 1) * in - out;
  taps.radius = 2 * larger(in, out);
  // The centre lies above -1/2, so a negative number stays above -unit after one more.
  const int64_t low = taps.centre - taps.radius;
  const int64_t first = low <= 0 ? 0 : (low + unit - 1) / unit;
  int64_t last = (taps.centre + taps.radius) / unit;
  if (last > in - 1) last = in - 1;
  taps.first = (int32_t)first;
  taps.count = (int32_t)(last - first + 1);
  // Of positions up to the centre, and of those behind it: two arithmetic series.
  int64_t middle = taps.centre < 0 ? -1 : taps.centre / unit;
  if (middle < first - 1) middle = first - 1;
  if (middle > last) middle = last;
  const int64_t left = middle - first + 1;
  const int64_t right = last - middle;
  taps.sum = left * (taps.radius - taps.centre) + out * (first + middle) * left +
             right * (taps.radius + taps.centre) - out * (middle + 1 + last) * right;
  return taps;
}

float nw_resize_weight(const nw_resize_taps* taps, int32_t out, int32_t k) {
  const int64_t away = ((int64_t)taps->first + k) * 2 * out - taps->centre;
  return (float)(taps->radius - (away < 0 ? -away : away)) / (float)taps->sum;
}

nw_resizer nw_resize_begin(const nw_resize_shape* shape, void* scratch) {
  nw_resizer resizer = {*shape, 0, 0, scratch, 0, 0, 0, 0, 0, 0};
  const int32_t width = shape->out_width;
  resizer.taps = NW_RESIZE_TAPS(shape->in_width, width);
  resizer.sums = NW_RESIZE_SUMS(shape->in_height, shape->out_height);
  resizer.weights = (float*)scratch + width;
  resizer.narrow = resizer.weights + width * resizer.taps;
  resizer.totals = resizer.narrow + width * shape->channels;
  for (int32_t x = 0; x < width; ++x) {
    const nw_resize_taps taps = nw_resize_taps_at(shape->in_width, width, x);
    resizer.firsts[x] = taps.first;
    for (int32_t k = 0; k < resizer.taps; ++k) {
      resizer.weights[x * resizer.taps + k] =
          k < taps.count ? nw_resize_weight(&taps, width, k) : 0.0f;
    }
  }
  return resizer;
}

static void make_narrow(nw_resizer* resizer, const float* row) {
  const int32_t channels = resizer->shape.channels;
  const int32_t in_width = resizer->shape.in_width;
  float* to = resizer->narrow;
  for (int32_t x = 0; x < resizer->shape.out_width; ++x) {
    const float* weights = resizer->weights + x * resizer->taps;
    const int32_t first = resizer->firsts[x];
    const int32_t count = in_width - first < resizer->taps ? in_width - first : resizer->taps;
    for (int32_t c = 0; c < channels; ++c) {
      const float* from = row + first * channels + c;
      float sum = 0.0f;
      for (int32_t k = 0; k < count; ++k) sum += weights[k] * from[k * channels];
      *to++ = sum;
    }
  }
}

static float* total_of(const nw_resizer* resizer, int32_t row) {
  const int32_t elements = resizer->shape.out_width * resizer->shape.channels;
  return resizer->totals + (row % resizer->sums) * elements;
}

int32_t nw_resize_row(nw_resizer* resizer, const float* row) {
  const nw_resize_shape* shape = &resizer->shape;
  const int32_t elements = shape->out_width * shape->channels;
  const int32_t at = resizer->in_row++;
  const int same_width = shape->in_width == shape->out_width;
  const float* narrow = same_width ? row : resizer->narrow;
  if (!same_width) make_narrow(resizer, row);
  int32_t whole = 0;
  for (int32_t out = resizer->out_row; out < shape->out_height; ++out) {
    const nw_resize_taps taps = nw_resize_taps_at(shape->in_height, shape->out_height, out);
    if (taps.first > at) break;
    float* total = total_of(resizer, out);
    if (out >= resizer->begun) {
      for (int32_t i = 0; i < elements; ++i) total[i] = 0.0f;
      resizer->begun = out + 1;
    }
    const float weight = nw_resize_weight(&taps, shape->out_height, at - taps.first);
    for (int32_t i = 0; i < elements; ++i) total[i] += weight * narrow[i];
    if (taps.first + taps.count - 1 == at) ++whole;
  }
  return whole;
}

const float* nw_resized_row(nw_resizer* resizer) { return total_of(resizer, resizer->out_row++); }
