// From a camera's frame to a network's input: cut around its centre to the input's shape, resized
// (resize.h), turned into the input's levels. The same bytes as the pictures that a network was
// trained on.
//
//   static float scratch[NW_FRAME_SCRATCH_BYTES(120, 160, 96, 96, 3) / sizeof(float)];
//   nw_frame_input(&frame, &input, scratch, arena_input);

#ifndef NIWAKI_LIBS_KERNELS_FRONTEND_FRAME_H_
#define NIWAKI_LIBS_KERNELS_FRONTEND_FRAME_H_

#include <stdint.h>

#include "libs/kernels/frontend/resize.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  // Three bytes a pixel: red, green, blue.
  NW_RGB888 = 0,
  // Two bytes a pixel: red in the highest 5 bits, green, blue; the low byte first.
  NW_RGB565 = 1,
  // The same, the high byte first, as many cameras send it.
  NW_RGB565_HIGH_FIRST = 2,
  // One byte a pixel.
  NW_GREY = 3,
} nw_pixels;

typedef struct {
  nw_pixels pixels;
  int32_t height;
  int32_t width;
  // Bytes from one row to the next.
  int32_t row_bytes;
  const uint8_t* data;
} nw_frame;

// Longest side of a frame and of an input.
#define NW_FRAME_MAX_SIDE (1 << 26)

// What a network reads: height x width x channels, channels innermost.
typedef struct {
  int32_t height;
  int32_t width;
  // 3: red, green, blue; 1: ITU-R BT.601 luma.
  int32_t channels;
  // [channels, 256] Level of each byte. Null: the bytes themselves.
  const int8_t* levels;
} nw_frame_target;

// Rows of the frame that nw_centre_crop leaves, at least.
#define NW_FRAME_LEAST_ROWS(frame_height, frame_width, height, width)                         \
  ((frame_width) * (height) / (width) < 1                ? 1                                  \
   : (frame_width) * (height) / (width) < (frame_height) ? (frame_width) * (height) / (width) \
                                                         : (frame_height))
// Of `scratch`, aligned as float: rows of the frame and of the input, and what resizing needs. The
// fewer rows are left, the more rows of the input each is part of.
#define NW_FRAME_SCRATCH_BYTES(frame_height, frame_width, height, width, channels)        \
  (4 * (channels) * (frame_width) +                                                       \
   NW_RESIZE_SCRATCH_BYTES(NW_FRAME_LEAST_ROWS(frame_height, frame_width, height, width), \
                           frame_width, height, width, channels))

// The largest part around the frame's centre that has the target's shape.
typedef struct {
  int32_t top;
  int32_t left;
  int32_t rows;
  int32_t columns;
} nw_crop;
nw_crop nw_centre_crop(int32_t frame_height, int32_t frame_width, int32_t height, int32_t width);

// Fills `input` [height, width, channels]. 0, or -1 for a frame or a target that cannot be: a side
// that is not from 1 to NW_FRAME_MAX_SIDE, rows that overlap, unknown pixels, other channels than 1
// and 3, a null pointer.
int nw_frame_input(const nw_frame* frame, const nw_frame_target* target, void* scratch,
                   int8_t* input);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FRONTEND_FRAME_H_
