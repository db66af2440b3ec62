// Tensors as kernels see them: a pointer, a shape and the steps between neighbours. One image;
// height x width x channels.
//
// Steps make a layout a matter of the plan: channels innermost (NHWC), planes of channels, or a
// slice of a larger tensor. A tensor may also lie as a ring of the rows that are still needed. No
// kernel allocates, keeps state, or reads beyond what the shapes say.

#ifndef NIWAKI_LIBS_KERNELS_TENSOR_H_
#define NIWAKI_LIBS_KERNELS_TENSOR_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  int32_t height;
  int32_t width;
  int32_t channels;
} nw_shape;

// In elements.
typedef struct {
  int32_t row;
  int32_t column;
  int32_t channel;
} nw_steps;

// ring_rows 0: all rows lie at `data`. Else as many as this do, row y at index (y + ring_turn) mod
// ring_rows; the planes of channels are as high. A kernel reads and writes the rows that it must
// and no others, so those are all in the ring.
typedef struct {
  const int8_t* data;
  nw_shape shape;
  nw_steps steps;
  int32_t ring_rows;
  // At least 0; 0 where there is no ring.
  int32_t ring_turn;
} nw_input;

typedef struct {
  int8_t* data;
  nw_shape shape;
  nw_steps steps;
  int32_t ring_rows;
  // At least 0; 0 where there is no ring.
  int32_t ring_turn;
} nw_output;

// Rows [begin, end) of the output that a call computes: kernels run whole tensors or a few rows at
// a time.
typedef struct {
  int32_t begin;
  int32_t end;
} nw_rows;

// Limits of the output: of int8, and of an activation that is a clamp.
typedef struct {
  int32_t low;
  int32_t high;
} nw_limits;

// real = value * multiplier / 2^31 * 2^shift (requantise.h).
typedef struct {
  int32_t multiplier;
  int32_t shift;
} nw_factor;

static inline nw_steps nw_channels_innermost(nw_shape shape) {
  const nw_steps steps = {shape.width * shape.channels, shape.channels, 1};
  return steps;
}

// Where among the rows that lie in memory row `row` is, at least 0.
static inline int32_t nw_line(int32_t ring_rows, int32_t row) {
  return ring_rows > 0 ? row % ring_rows : row;
}

static inline int32_t nw_input_line(const nw_input* input, int32_t row) {
  return nw_line(input->ring_rows, row + input->ring_turn);
}

static inline int32_t nw_output_line(const nw_output* output, int32_t row) {
  return nw_line(output->ring_rows, row + output->ring_turn);
}

// `line` is a row's.
static inline int32_t nw_offset(nw_steps steps, int32_t line, int32_t column, int32_t channel) {
  return line * steps.row + column * steps.column + channel * steps.channel;
}

// Steps of an operand of an output of `shape`: 0 along axes where one element holds for all.
static inline nw_steps nw_broadcast(const nw_input* operand, nw_shape shape) {
  nw_steps steps = operand->steps;
  if (operand->shape.height != shape.height) steps.row = 0;
  if (operand->shape.width != shape.width) steps.column = 0;
  if (operand->shape.channels != shape.channels) steps.channel = 0;
  return steps;
}

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_TENSOR_H_
