// Runs operators by a few rows: each computes rows when a later one asks for them, so that between
// two of them only the rows lie in memory that windows need.

#ifndef NIWAKI_LIBS_KERNELS_STREAM_H_
#define NIWAKI_LIBS_KERNELS_STREAM_H_

#include <stdint.h>

#include "libs/kernels/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

// An operator of a stream. Row y of its output needs the rows of its operands before
// y * stride + reach, as far as there are any.
typedef struct {
  // Calls its kernel; null for the image, whose rows the caller hands over.
  void (*run)(int8_t* arena, nw_rows rows);
  // Rows of its output, and how many of them a call computes at most.
  int32_t height;
  int16_t most;
  int16_t stride;
  int16_t reach;
  // The stages before it in the stream that make its operands, in the order of its operands; -1 for
  // none: what lies in memory as a whole.
  int16_t before[2];
  // Its number among the network's operators, for the hook.
  int16_t index;
  // Not 0: all its rows are computed, asked for or not. So are those of the last stage.
  int16_t finish;
} nw_stage;

// Of a stage, while the stream runs.
typedef struct {
  int32_t done;
  // Of the rows of the next call.
  int32_t end;
  int32_t asker;
} nw_progress;

// Writes row `row` of the image, channels innermost, to `pixels`.
typedef void (*nw_read_row)(void* context, int32_t row, int8_t* pixels);

// Where rows of the image come from, and the ring in the arena that they go to.
typedef struct {
  nw_read_row read;
  void* context;
  int32_t offset;
  int32_t row_bytes;
  int32_t ring_rows;
} nw_image_rows;

typedef void (*nw_step_hook)(void* context, int index);

// Called behind each call of an operator; null for none.
typedef struct {
  nw_step_hook call;
  void* context;
} nw_hook;

// Computes the last stage from top to bottom, then what is to be finished besides. A stage computes
// as many rows a call as it may and as are asked for: first its operands, one after the other, as
// far as these rows need them. `progress` has room for `count` stages, `image` is null where no
// stage is the image.
void nw_stream(const nw_stage* stages, int32_t count, nw_progress* progress, int8_t* arena,
               const nw_image_rows* image, nw_hook hook);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_STREAM_H_
