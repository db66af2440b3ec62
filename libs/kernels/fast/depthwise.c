#include "libs/kernels/fast/depthwise.h"

#include "libs/kernels/fast/depthwise_row.h"
#include "libs/kernels/fast/depthwise_weights.h"
#include "libs/kernels/fast/scale.h"

// Sums of the quick form are multiplied by 2^k, which the weights bring along, so that one product
// with the multiplier ends at the same binary point for every channel: with `s` the shift of the
// channel and T that of the form, k = T + 1 - s. Both roundings of requantise.h are additions
// before one shift, where the output is clamped at its zero point (scale.h); 2 <= k <= 8, for the
// constants are whole and weights stay int16.
#define LEAST_EXPONENT 2
#define LARGEST_EXPONENT 8

#define MAX_KERNEL 7
// From one group of four columns to the next.
#define GROUP_WORDS (2 * NW_DEPTHWISE_LINES)
#define MAX_WEIGHT_WORDS (MAX_KERNEL * (MAX_KERNEL - 1))
// Outputs that are made side by side where they do not lie so; fours.
#define SCATTERED 48

enum form { QUICK, SIGNED, EXACT };

typedef void (*row_function)(const nw_fast_row_job* job);

static row_function function_of(const nw_window* window) {
  const int first = window->stride_height == 1;
  switch (window->kernel_height) {
    case 3:
      return first ? nw_fast_row_3x3_s1 : nw_fast_row_3x3_s2;
    case 5:
      return first ? nw_fast_row_5x5_s1 : nw_fast_row_5x5_s2;
    default:
      return first ? nw_fast_row_7x7_s1 : nw_fast_row_7x7_s2;
  }
}

// How levels of channel `channel` are made; sets what `job` needs for it and `exponent`.
static NW_FAST_APART enum form form_of(const nw_filters* filters, const nw_levels* levels,
                                       int32_t channel, nw_fast_row_job* job, int* exponent) {
  const int32_t bias = filters->biases[channel];
  const uint32_t size = nw_fast_size(bias);
  const int32_t quick = NW_FAST_QUICK_SHIFT + 1 + filters->shifts[channel];
  enum form form = EXACT;
  nw_fast_scale scale;
  *exponent = 0;
  if (quick >= LEAST_EXPONENT && quick <= LARGEST_EXPONENT && nw_fast_is_clamped(levels) &&
      size < 1u << 22) {
    form = QUICK;
    *exponent = quick;
    job->multiplier = filters->multipliers[channel];
    job->rounding = (1 << (quick - 2)) + (1 << (NW_FAST_QUICK_SHIFT - 1)) +
                    levels->output_zero * (1 << NW_FAST_QUICK_SHIFT);
  } else if (nw_fast_scale_of(filters, levels, channel, &scale) && scale.shift > 0) {
    form = SIGNED;
    *exponent = 1;
    job->multiplier = scale.multiplier;
    job->rounding = scale.rounding;
    job->shift = scale.shift;
  }
  job->quick = form == QUICK;
  for (int i = 0; i < 4; ++i) job->biases[i] = (int32_t)((uint32_t)bias << *exponent);
  return form;
}

// What is the same for all channels.
typedef struct {
  const nw_input* input;
  const nw_output* output;
  const nw_window* window;
  const nw_filters* filters;
  const nw_levels* levels;
  nw_rows rows;
  row_function function;
  int32_t kernel;
  int32_t stride;
  // Of pairs of weights.
  int32_t row_words;
  // Of four columns, that windows cover.
  int32_t groups;
  // Rows of outputs that the lines are enough for.
  int32_t most;
  uint32_t* columns;
  // How rows of the input become columns: bytes of a row that are there come as words. Bits of the
  // first word that are padding, 0 for none; words of which all bytes are there; bytes in the one
  // behind; words of padding behind that.
  int32_t left_bits;
  int32_t whole;
  int32_t right_bytes;
  int32_t behind;
  // Rows of the input that lie one behind the other from the first one on: all, or none of a ring.
  int32_t plain_rows;
  // Whether a row's bytes are words, side by side: at least four, or `narrow`, fewer in planes
  // whose rows lie one behind the other.
  int words;
  int narrow;
  // Whether a channel is one call: its lines are enough for all rows, and those of padding, zeros,
  // are never overwritten; then lines [first_line, end_line) are rows of the input.
  int one_call;
  int32_t first_line;
  int32_t end_line;
  // Whether a channel's rows of outputs that lie together are one behind the other: all, or those
  // of a ring up to its end.
  int rows_in_one;
  // Whether lines of padding are filled in: always, or where sums take every line.
  int fills_padding;
} layer;

static inline void put_columns(uint32_t base, uint32_t bytes, uint32_t* to) {
  const uint32_t even = nw_widen_even(base, bytes);
  const uint32_t odd = nw_widen_odd(base, bytes);
  to[0] = nw_lows(even, odd);
  to[1] = nw_highs(even, odd);
}

static void plan_columns(layer* layer) {
  const int32_t left = layer->window->padding_left;
  const int32_t there = layer->input->shape.width - (4 - left) % 4;
  layer->groups = ((layer->output->shape.width - 1) * layer->stride + layer->kernel + 3) / 4;
  layer->left_bits = 8 * left;
  layer->behind = layer->groups - (left > 0);
  layer->right_bytes = 0;
  layer->whole = there / 4;
  if (layer->whole > layer->behind) layer->whole = layer->behind;
  layer->behind -= layer->whole;
  if (layer->behind > 0 && there % 4 > 0) {
    layer->right_bytes = there % 4;
    --layer->behind;
  }
  if (layer->narrow) layer->behind = layer->groups > 2 ? layer->groups - 2 : 0;
  // Nothing else is written there.
  uint32_t* const end = layer->columns + layer->groups * GROUP_WORDS;
  for (uint32_t* to = end - layer->behind * GROUP_WORDS; to != end; ++to) *to = 0;
}

// Of `count` rows, `step` apart, from `line` on: the first group of columns, which begins with
// padding; the last one, which ends with it; and those between.
static NW_FAST_APART void widen_left(const layer* layer, const int8_t* row, int32_t step,
                                     int32_t count, uint32_t* to) {
  const int32_t zero = layer->levels->input_zero;
  const uint32_t base = nw_pair(-zero, -zero);
  const int32_t bits = layer->left_bits;
  const uint32_t padding = (uint8_t)zero * 0x01010101u >> (32 - bits);
  for (; count > 0; --count) {
    put_columns(base, nw_load4(row) << bits | padding, to);
    row += step;
    to += 2;
  }
}

static NW_FAST_APART void widen_right(const layer* layer, const int8_t* row, int32_t step,
                                      int32_t count, uint32_t* to) {
  const int32_t zero = layer->levels->input_zero;
  const uint32_t base = nw_pair(-zero, -zero);
  const int32_t bits = 8 * layer->right_bytes;
  const uint32_t padding = (uint8_t)zero * 0x01010101u << bits;
  row += layer->right_bytes - 4;
  for (; count > 0; --count) {
    put_columns(base, nw_load4(row) >> (32 - bits) | padding, to);
    row += step;
    to += 2;
  }
}

// Both where nothing is between them.
static NW_FAST_APART void widen_ends(const layer* layer, const int8_t* row, int32_t step,
                                     int32_t count, uint32_t* to) {
  const int32_t zero = layer->levels->input_zero;
  const uint32_t base = nw_pair(-zero, -zero);
  const uint32_t zeros = (uint8_t)zero * 0x01010101u;
  const int32_t bits = layer->left_bits;
  const int32_t right_bits = 8 * layer->right_bytes;
  const uint32_t padding = zeros >> (32 - bits);
  const uint32_t right_padding = zeros << right_bits;
  const int32_t last = layer->input->shape.width - 4;
  for (; count > 0; --count) {
    put_columns(base, nw_load4(row) << bits | padding, to);
    put_columns(base, nw_load4(row + last) >> (32 - right_bits) | right_padding, to + GROUP_WORDS);
    row += step;
    to += 2;
  }
}

static NW_FAST_APART void widen_middle(const layer* layer, const int8_t* from, int32_t step,
                                       int32_t count, uint32_t* line) {
  const int32_t zero = layer->levels->input_zero;
  const uint32_t base = nw_pair(-zero, -zero);
  const int32_t words = layer->whole;
  for (; count > 0; --count) {
    const int8_t* row = from;
    uint32_t* to = line;
    for (int32_t left = words / 2; left > 0; --left) {
      put_columns(base, nw_load4(row), to);
      put_columns(base, nw_load4(row + 4), to + GROUP_WORDS);
      row += 8;
      to += 2 * GROUP_WORDS;
    }
    if (words % 2 > 0) put_columns(base, nw_load4(row), to);
    from += step;
    line += 2;
  }
}

// Rows of fewer than four bytes: two groups of columns at most.
static NW_FAST_APART void widen_narrow(const layer* layer, const int8_t* row, int32_t step,
                                       int32_t count, uint32_t* line) {
  const int32_t zero = layer->levels->input_zero;
  const int32_t width = layer->input->shape.width;
  const uint32_t base = nw_pair(-zero, -zero);
  const int32_t left_bits = layer->left_bits;
  const int32_t right_bits = left_bits + 8 * width;
  const uint64_t bytes_there =
      (((uint64_t)1 << right_bits) - 1) & ~(((uint64_t)1 << left_bits) - 1);
  const uint64_t padding = (uint8_t)zero * UINT64_C(0x0101010101010101) & ~bytes_there;
  const int has_second = layer->groups > 1;
  const int32_t behind = 4 - width;
  const int8_t* const first = layer->input->data;
  for (; count > 0; --count) {
    // By way of bytes before them, as far as there are any.
    const int32_t before = row - first < behind ? (int32_t)(row - first) : behind;
    const uint32_t bytes = nw_load4(row - before) >> (8 * before);
    const uint64_t columns = ((uint64_t)bytes << left_bits & bytes_there) | padding;
    put_columns(base, (uint32_t)columns, line);
    if (has_second) put_columns(base, (uint32_t)(columns >> 32), line + GROUP_WORDS);
    row += step;
    line += 2;
  }
}

// A few rows, one after the other.
static NW_FAST_APART void widen_few(const layer* layer, const int8_t* from, int32_t step,
                                    int32_t count, uint32_t* line) {
  const int32_t zero = layer->levels->input_zero;
  const uint32_t base = nw_pair(-zero, -zero);
  const uint32_t zeros = (uint8_t)zero * 0x01010101u;
  const int32_t left_bits = layer->left_bits;
  for (; count > 0; --count) {
    const int8_t* row = from;
    uint32_t* to = line;
    if (left_bits > 0) {
      put_columns(base, nw_load4(row) << left_bits | zeros >> (32 - left_bits), to);
      row += 4 - left_bits / 8;
      to += GROUP_WORDS;
    }
    for (int32_t left = layer->whole; left > 0; --left) {
      put_columns(base, nw_load4(row), to);
      row += 4;
      to += GROUP_WORDS;
    }
    if (layer->right_bytes > 0) {
      const int32_t bits = 8 * layer->right_bytes;
      const uint32_t bytes = nw_load4(row + layer->right_bytes - 4) >> (32 - bits);
      put_columns(base, bytes | zeros << bits, to);
    }
    from += step;
    line += 2;
  }
}

static void widen_rows(const layer* layer, const int8_t* row, int32_t step, int32_t count,
                       uint32_t* to) {
  if (layer->narrow) {
    widen_narrow(layer, row, step, count, to);
    return;
  }
  if (count < 4) {
    widen_few(layer, row, step, count, to);
    return;
  }
  if (layer->left_bits > 0 && layer->whole == 0 && layer->right_bytes > 0) {
    widen_ends(layer, row, step, count, to);
    return;
  }
  if (layer->left_bits > 0) {
    widen_left(layer, row, step, count, to);
    row += 4 - layer->left_bits / 8;
    to += GROUP_WORDS;
  }
  if (layer->whole > 0) {
    widen_middle(layer, row, step, count, to);
    row += 4 * layer->whole;
    to += layer->whole * GROUP_WORDS;
  }
  if (layer->right_bytes > 0) widen_right(layer, row, step, count, to);
}

// A row whose bytes do not lie side by side, or are fewer than four.
static NW_FAST_APART void widen_scattered(const layer* layer, const int8_t* row, uint32_t* to) {
  const int32_t zero = layer->levels->input_zero;
  const int32_t width = layer->input->shape.width;
  const int32_t step = layer->input->steps.column;
  const int32_t left = layer->window->padding_left;
  const uint32_t base = nw_pair(-zero, -zero);
  for (int32_t x = -left; x < 4 * layer->groups - left; x += 4) {
    if (x >= 0 && x + 3 < width) {
      const uint8_t* const from = (const uint8_t*)row + x * step;
      put_columns(base,
                  from[0] | (uint32_t)from[step] << 8 | (uint32_t)from[2 * step] << 16 |
                      (uint32_t)from[3 * step] << 24,
                  to);
      to += GROUP_WORDS;
      continue;
    }
    uint32_t bytes = 0;
    for (int32_t i = 0; i < 4; ++i) {
      const int inside = x + i >= 0 && x + i < width;
      bytes |= (uint32_t)(uint8_t)(inside ? row[(x + i) * step] : zero) << (8 * i);
    }
    put_columns(base, bytes, to);
    to += GROUP_WORDS;
  }
}

static NW_FAST_APART void clear_line(const layer* layer, uint32_t* to) {
  for (int32_t group = layer->groups; group > 0; --group) {
    to[0] = 0;
    to[1] = 0;
    to += GROUP_WORDS;
  }
}

// Rows [row, end) of a channel that begins at `in`, as lines from `to` on; rows of padding too.
static NW_FAST_APART void fill_any_lines(const layer* layer, const int8_t* in, int32_t row,
                                         int32_t end, uint32_t* to) {
  const nw_input* const input = layer->input;
  while (row < end) {
    if (row < 0 || row >= input->shape.height) {
      if (layer->fills_padding) clear_line(layer, to);
      ++row;
      to += 2;
      continue;
    }
    const int32_t line = nw_input_line(input, row);
    int32_t count = (end < input->shape.height ? end : input->shape.height) - row;
    if (input->ring_rows > 0 && count > input->ring_rows - line) count = input->ring_rows - line;
    const int8_t* const from = in + line * input->steps.row;
    if (layer->words) {
      widen_rows(layer, from, input->steps.row, count, to);
    } else {
      for (int32_t i = 0; i < count; ++i) {
        widen_scattered(layer, from + i * input->steps.row, to + 2 * i);
      }
    }
    row += count;
    to += 2 * count;
  }
}

static inline void fill_lines(const layer* layer, const int8_t* in, int32_t row, int32_t end,
                              uint32_t* to) {
  if (layer->words && row >= 0 && end <= layer->plain_rows) {
    const int32_t step = layer->input->steps.row;
    widen_rows(layer, in + row * step, step, end - row, to);
  } else {
    fill_any_lines(layer, in, row, end, to);
  }
}

// The last `count` lines that windows have read become the first ones.
static void move_lines(const layer* layer, int32_t from, int32_t count) {
  uint32_t* to = layer->columns;
  const int32_t group_end = GROUP_WORDS - 2 * count;
  for (int32_t group = layer->groups; group > 0; --group) {
    const uint32_t* line = to + 2 * from;
    for (int32_t i = count; i > 0; --i) {
      const uint32_t first = line[0];
      const uint32_t second = line[1];
      line += 2;
      to[0] = first;
      to[1] = second;
      to += 2;
    }
    to += group_end;
  }
}

static int8_t* output_row(const layer* layer, int32_t row, int32_t channel) {
  const nw_output* const output = layer->output;
  return output->data + nw_offset(output->steps, nw_output_line(output, row), 0, channel);
}

// Rows of outputs from `row` on, as far as they lie together.
static int32_t rows_together(const layer* layer, int32_t row) {
  const int32_t ring = layer->output->ring_rows;
  const int32_t left = layer->rows.end - row;
  const int32_t to_end = ring - nw_output_line(layer->output, row);
  return ring > 0 && to_end < left ? to_end : left;
}

// A row of outputs in the long form, from plain weights.
static NW_FAST_APART void run_exactly(const layer* layer, const uint32_t* columns, int32_t channel,
                                      int8_t* to) {
  const int32_t kernel = layer->kernel;
  for (int32_t x = 0; x < layer->output->shape.width; ++x) {
    int32_t sum = layer->filters->biases[channel];
    const int8_t* weights = layer->filters->weights + channel;
    for (int32_t ky = 0; ky < kernel; ++ky) {
      for (int32_t kx = 0; kx < kernel; ++kx) {
        const int32_t column = x * layer->stride + kx;
        const uint32_t pair = columns[column / 4 * GROUP_WORDS + 2 * ky + column % 4 / 2];
        sum += (column % 2 == 0 ? nw_low(pair) : nw_high(pair)) * *weights;
        weights += layer->output->shape.channels;
      }
    }
    to[x * layer->output->steps.column] =
        nw_fast_exact(sum, layer->filters, layer->levels, channel);
  }
}

// A row of outputs that do not lie side by side, by way of some bytes that do.
static NW_FAST_APART void run_scattered(const layer* layer, nw_fast_row_job* job, int8_t* to) {
  const int32_t step = layer->output->steps.column;
  int8_t levels[SCATTERED];
  job->output = levels;
  for (int32_t outputs = layer->output->shape.width; outputs > 0; outputs -= SCATTERED) {
    const int32_t count = outputs < SCATTERED ? outputs : SCATTERED;
    job->outputs = count;
    layer->function(job);
    job->columns += layer->stride * SCATTERED / 4 * GROUP_WORDS;
    for (int32_t i = 0; i < count; ++i) {
      *to = levels[i];
      to += step;
    }
  }
  job->output = to;
}

static NW_FAST_APART void run_dead(const layer* layer, int32_t channel, int8_t level) {
  for (int32_t y = layer->rows.begin; y < layer->rows.end; ++y) {
    int8_t* to = output_row(layer, y, channel);
    for (int32_t x = layer->output->shape.width; x > 0; --x) {
      *to = level;
      to += layer->output->steps.column;
    }
  }
}

// Rows of outputs from `y` on, as many as `count` at most, from lines that begin at `columns`:
// returns how many.
static NW_FAST_APART int32_t run_rows(const layer* layer, nw_fast_row_job* job,
                                      const uint32_t* weights, int32_t y, int32_t count,
                                      uint32_t* columns, int32_t channel) {
  const nw_output* const output = layer->output;
  const int32_t top = y * layer->stride - layer->window->padding_top;
  int32_t above = 0;
  job->left_out = 0;
  if (!layer->fills_padding) {
    const int32_t below = top + layer->kernel - layer->input->shape.height;
    above = top < 0 ? -top : 0;
    job->left_out = above + (below > 0 ? below : 0);
    if (job->left_out > 0) {
      count = 1;
    } else {
      // Rows whose windows have no padding.
      const int32_t most = -below / layer->stride + 1;
      if (count > most) count = most;
    }
  }
  if (!layer->rows_in_one) count = 1;
  job->rows = count;
  job->weights = weights + above * layer->row_words;
  job->columns = columns + 2 * (above - job->left_out);
  if (output->steps.column == 1) {
    job->outputs = output->shape.width;
    job->output = output_row(layer, y, channel);
    layer->function(job);
    return count;
  }
  job->rows = 1;
  run_scattered(layer, job, output_row(layer, y, channel));
  return 1;
}

// All rows of a channel, of a layer of one call.
static void run_at_once(const layer* layer, nw_fast_row_job* job, const uint32_t* weights,
                        const int8_t* in, int32_t channel) {
  widen_rows(layer, in, layer->input->steps.row, layer->end_line - layer->first_line,
             layer->columns + 2 * layer->first_line);
  job->rows = layer->rows.end;
  job->left_out = 0;
  job->weights = weights;
  job->columns = layer->columns;
  job->outputs = layer->output->shape.width;
  job->output = layer->output->data + channel * layer->output->steps.channel;
  layer->function(job);
}

// A channel whose sums make levels in form `form`, from weights in pairs where that has them.
static NW_FAST_APART void run_channel(const layer* layer, enum form form, nw_fast_row_job* job,
                                      const uint32_t* weights, const int8_t* in, int32_t channel) {
  const int32_t stride = layer->stride;
  const int32_t kernel = layer->kernel;
  // Rows of outputs of all lines.
  const int32_t most = layer->most;
  const int takes_all = form != EXACT && layer->fills_padding && layer->rows_in_one;
  int32_t filled = 0;
  job->weights = weights;
  job->outputs = layer->output->shape.width;
  job->left_out = 0;
  for (int32_t y = layer->rows.begin; y < layer->rows.end;) {
    const int32_t left = rows_together(layer, y);
    const int32_t count = left < most ? left : most;
    const int32_t top = y * stride - layer->window->padding_top;
    const int32_t lines = (count - 1) * stride + kernel;
    fill_lines(layer, in, top + filled, top + lines, layer->columns + 2 * filled);
    if (takes_all) {
      job->rows = count;
      job->columns = layer->columns;
      job->output = output_row(layer, y, channel);
      layer->function(job);
    }
    for (int32_t done = takes_all ? count : 0; done < count;) {
      uint32_t* const columns = layer->columns + 2 * stride * done;
      if (form == EXACT) {
        run_exactly(layer, columns, channel, output_row(layer, y + done, channel));
        ++done;
      } else {
        done += run_rows(layer, job, weights, y + done, count - done, columns, channel);
      }
    }
    y += count;
    filled = kernel - stride;
    if (y < layer->rows.end) move_lines(layer, count * stride, filled);
  }
}

// Whether all rows are one call, and then the lines of padding.
static void plan_one_call(layer* layer) {
  const int32_t lines = (layer->rows.end - 1) * layer->stride + layer->kernel;
  layer->one_call = layer->kernel == 3 && layer->words && layer->plain_rows > 0 &&
                    layer->rows_in_one && layer->output->ring_rows == 0 && layer->rows.begin == 0 &&
                    lines <= NW_DEPTHWISE_LINES;
  if (!layer->one_call) return;
  layer->first_line = layer->window->padding_top;
  layer->end_line = layer->first_line + layer->plain_rows;
  if (layer->end_line > lines) layer->end_line = lines;
  for (int32_t line = 0; line < lines; ++line) clear_line(layer, layer->columns + 2 * line);
}

// Whether a window of `rows` has nothing but padding.
static int has_empty_window(const nw_input* input, const nw_window* window, nw_rows rows) {
  return (rows.end - 1) * window->stride_height - window->padding_top >= input->shape.height;
}

void nw_fast_depthwise(const nw_input* input, const nw_output* output, const nw_window* window,
                       const nw_filters* filters, const nw_levels* levels, void* scratch,
                       nw_rows rows) {
  const int32_t kernel = window->kernel_height;
  const int32_t stride = window->stride_height;
  layer layer;
  layer.input = input;
  layer.output = output;
  layer.window = window;
  layer.filters = filters;
  layer.levels = levels;
  layer.rows = rows;
  layer.function = function_of(window);
  layer.kernel = kernel;
  layer.stride = stride;
  layer.row_words = stride == 1 ? kernel - 1 : kernel / 2 + 1;
  layer.most = (NW_DEPTHWISE_LINES - kernel) / stride + 1;
  layer.columns = scratch;
  const int32_t width = input->shape.width;
  const int32_t lines = input->ring_rows > 0 ? input->ring_rows : input->shape.height;
  layer.narrow = input->steps.column == 1 && width < 4 && input->steps.row == width &&
                 input->steps.channel == lines * width &&
                 lines * width * input->shape.channels >= 4;
  layer.words = layer.narrow || (input->steps.column == 1 && width >= 4);
  layer.plain_rows = input->ring_rows == 0 ? input->shape.height : 0;
  layer.rows_in_one = output->steps.column == 1 && output->steps.row == output->shape.width;
  plan_columns(&layer);
  plan_one_call(&layer);
  const int fills_padding = kernel == 3 || has_empty_window(input, window, rows);
  const int32_t channels = output->shape.channels;
  const int32_t outputs_per_input = channels / input->shape.channels;
  uint32_t weights[MAX_WEIGHT_WORDS];
  nw_fast_row_job job;
  for (int32_t c = 0; c < channels; ++c) {
    int8_t level;
    if (nw_fast_is_dead(filters, levels, c, kernel * kernel, &level)) {
      run_dead(&layer, c, level);
      continue;
    }
    int exponent;
    const enum form form = form_of(filters, levels, c, &job, &exponent);
    layer.fills_padding = fills_padding || form == EXACT;
    if (form != EXACT) {
      nw_fast_pair_weights(filters->weights + c, channels, kernel, stride, exponent, weights);
    }
    const int8_t* const in = input->data + c / outputs_per_input * input->steps.channel;
    if (layer.one_call && form != EXACT) {
      run_at_once(&layer, &job, weights, in, c);
    } else {
      run_channel(&layer, form, &job, weights, in, c);
    }
  }
  if (nw_fast_has_limits(levels->limits)) nw_fast_clamp(output, levels->limits, rows);
}
