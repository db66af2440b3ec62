#include "libs/kernels/frontend/frame.h"

#include "libs/kernels/frontend/exact_float.h"

static int32_t bytes_of(nw_pixels pixels) {
  switch (pixels) {
    case NW_RGB888:
      return 3;
    case NW_RGB565:
    case NW_RGB565_HIGH_FIRST:
      return 2;
    case NW_GREY:
      return 1;
  }
  return 0;
}

static int is_side(int32_t side) { return side >= 1 && side <= NW_FRAME_MAX_SIDE; }

// a / b, halves up, at least 1; positive.
static int32_t rounded_ratio(int64_t a, int64_t b) {
  const int64_t ratio = (2 * a + b) / (2 * b);
  return ratio < 1 ? 1 : (int32_t)ratio;
}

nw_crop nw_centre_crop(int32_t frame_height, int32_t frame_width, int32_t height, int32_t width) {
  nw_crop crop = {0, 0, frame_height, frame_width};
  if ((int64_t)frame_width * height > (int64_t)width * frame_height) {
    crop.columns = rounded_ratio((int64_t)width * frame_height, height);
  } else {
    crop.rows = rounded_ratio((int64_t)frame_width * height, width);
  }
  crop.top = (frame_height - crop.rows) / 2;
  crop.left = (frame_width - crop.columns) / 2;
  return crop;
}

// Red, green and blue of one pixel.
typedef struct {
  uint8_t red;
  uint8_t green;
  uint8_t blue;
} colour;

static colour colour_of(nw_pixels pixels, const uint8_t* at) {
  if (pixels == NW_GREY) {
    const colour grey = {at[0], at[0], at[0]};
    return grey;
  }
  if (pixels == NW_RGB888) {
    const colour plain = {at[0], at[1], at[2]};
    return plain;
  }
  const int swapped = pixels == NW_RGB565_HIGH_FIRST;
  const uint32_t word = (uint32_t)at[swapped] | (uint32_t)at[!swapped] << 8;
  const uint32_t red = word >> 11, green = word >> 5 & 63, blue = word & 31;
  const colour wide = {(uint8_t)(red << 3 | red >> 2), (uint8_t)(green << 2 | green >> 4),
                       (uint8_t)(blue << 3 | blue >> 2)};
  return wide;
}

static void read_row(const nw_frame* frame, const nw_crop* crop, int32_t y, int32_t channels,
                     float* row) {
  const int32_t bytes = bytes_of(frame->pixels);
  const uint8_t* at = frame->data + (int64_t)(crop->top + y) * frame->row_bytes;
  at += (int64_t)crop->left * bytes;
  for (int32_t x = 0; x < crop->columns; ++x, at += bytes) {
    const colour c = colour_of(frame->pixels, at);
    if (channels == 3) {
      *row++ = (float)c.red;
      *row++ = (float)c.green;
      *row++ = (float)c.blue;
    } else if (frame->pixels == NW_GREY) {
      *row++ = (float)c.red;
    } else {
      *row++ = 0.299f * (float)c.red + 0.587f * (float)c.green + 0.114f * (float)c.blue;
    }
  }
}

static void write_row(const nw_frame_target* target, const float* row, int8_t* input) {
  for (int32_t x = 0; x < target->width; ++x) {
    for (int32_t c = 0; c < target->channels; ++c) {
      const float value = *row++;
      const int32_t byte = value <= 0.0f ? 0 : value >= 255.0f ? 255 : nw_round_half_even(value);
      *input++ = target->levels == 0 ? (int8_t)(uint8_t)byte : target->levels[256 * c + byte];
    }
  }
}

static int is_possible(const nw_frame* frame, const nw_frame_target* target) {
  const int32_t bytes = bytes_of(frame->pixels);
  return bytes > 0 && frame->data != 0 && is_side(frame->height) && is_side(frame->width) &&
         frame->row_bytes >= bytes * frame->width && is_side(target->height) &&
         is_side(target->width) && (target->channels == 1 || target->channels == 3);
}

int nw_frame_input(const nw_frame* frame, const nw_frame_target* target, void* scratch,
                   int8_t* input) {
  if (scratch == 0 || input == 0 || !is_possible(frame, target)) return -1;
  const nw_crop crop = nw_centre_crop(frame->height, frame->width, target->height, target->width);
  const nw_resize_shape shape = {crop.rows, crop.columns, target->height, target->width,
                                 target->channels};
  float* const row = scratch;
  const int32_t elements = target->width * target->channels;
  if (crop.rows == target->height && crop.columns == target->width) {
    for (int32_t y = 0; y < target->height; ++y, input += elements) {
      read_row(frame, &crop, y, target->channels, row);
      write_row(target, row, input);
    }
    return 0;
  }
  nw_resizer resizer = nw_resize_begin(&shape, row + crop.columns * target->channels);
  for (int32_t y = 0; y < crop.rows; ++y) {
    read_row(frame, &crop, y, target->channels, row);
    for (int32_t whole = nw_resize_row(&resizer, row); whole > 0; --whole, input += elements) {
      write_row(target, nw_resized_row(&resizer), input);
    }
  }
  return 0;
}
