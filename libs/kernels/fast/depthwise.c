#include "libs/kernels/fast/depthwise.h"

#include "libs/kernels/fast/depthwise_row.h"
#include "libs/kernels/fast/scale.h"

// Sums of the quick form are multiplied by 2^k, which the weights bring along, so that one product
// with the multiplier ends at the same binary point for every channel: with `s` the shift of the
// channel and T that of the form, k = T + 1 - s. Both roundings of requantise.h are additions
// before one shift, where the output is clamped at its zero point (scale.h); 2 <= k <= 8, for the
// constants are whole and weights stay int16.
#define LEAST_EXPONENT 2
#define LARGEST_EXPONENT 8

#define MAX_KERNEL 7
// Pairs of weights of all rows, twice: windows begin at any row.
#define MAX_WEIGHT_WORDS (2 * MAX_KERNEL * (MAX_KERNEL - 1))

enum form { QUICK, SIGNED, EXACT };

typedef struct {
  int32_t kernel;
  int32_t stride;
  // Words from one group of four columns to the next.
  int32_t group_words;
  // Groups that windows cover.
  int32_t groups;
  uint32_t* columns;
} plan;

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

// The pairs of weights (depthwise_row.h) of one channel, `step` apart, each times 2^exponent.
static NW_FAST_APART void pair_weights(const int8_t* weights, int32_t step, int32_t kernel,
                                       int32_t stride, int exponent, uint32_t* to) {
  uint32_t* const begin = to;
  const int32_t factor = 1 << exponent;
  for (int32_t row = 0; row < kernel; ++row) {
    int32_t previous = *weights * factor;
    for (int32_t j = 0; j < kernel / 2; ++j) {
      const int32_t odd = weights[step] * factor;
      weights += 2 * step;
      const int32_t even = *weights * factor;
      *to++ = nw_pair(previous, odd);
      if (stride == 1) *to++ = nw_pair(odd, even);
      previous = even;
    }
    if (stride == 2) *to++ = nw_pair(previous, 0);
    weights += step;
  }
  for (const uint32_t *from = begin, *end = to; from != end;) *to++ = *from++;
}

static inline uint32_t* put_columns(uint32_t base, uint32_t bytes, uint32_t* to, int32_t step) {
  const uint32_t even = nw_widen_even(base, bytes);
  const uint32_t odd = nw_widen_odd(base, bytes);
  to[0] = nw_lows(even, odd);
  to[1] = nw_highs(even, odd);
  return to + step;
}

// How rows of the input become columns: bytes of `row` that are there come as words.
typedef struct {
  uint32_t base;
  uint32_t zeros;
  // Words from one group to the next.
  int32_t step;
  // Bits of the first word that are padding; 0 for none.
  int32_t left_bits;
  // Words of which all bytes are there; bytes in the one behind; words of padding behind that.
  int32_t whole;
  int32_t right_bytes;
  int32_t behind;
} widening;

static widening widening_of(const plan* plan, int32_t width, int32_t left, int32_t zero) {
  widening result = {
      nw_pair(-zero, -zero),    (uint8_t)zero * 0x01010101u, plan->group_words, 8 * left, 0, 0,
      plan->groups - (left > 0)};
  const int32_t there = width - (4 - left) % 4;
  result.whole = there / 4;
  if (result.whole > result.behind) result.whole = result.behind;
  result.behind -= result.whole;
  if (result.behind > 0 && there % 4 > 0) {
    result.right_bytes = there % 4;
    --result.behind;
  }
  return result;
}

// At least four bytes that lie side by side.
static NW_FAST_APART void widen_row(const widening* how, const int8_t* row, uint32_t* to) {
  const uint32_t base = how->base;
  const int32_t step = how->step;
  if (how->left_bits > 0) {
    const uint32_t bytes = nw_load4(row) << how->left_bits | how->zeros >> (32 - how->left_bits);
    to = put_columns(base, bytes, to, step);
    row += 4 - how->left_bits / 8;
  }
  for (int32_t whole = how->whole; whole > 0; --whole) {
    to = put_columns(base, nw_load4(row), to, step);
    row += 4;
  }
  if (how->right_bytes > 0) {
    const int32_t bits = 8 * how->right_bytes;
    const uint32_t bytes = nw_load4(row + how->right_bytes - 4) >> (32 - bits);
    to = put_columns(base, bytes | how->zeros << bits, to, step);
  }
  for (int32_t behind = how->behind; behind > 0; --behind) {
    to[0] = 0;
    to[1] = 0;
    to += step;
  }
}

// A row whose bytes do not lie side by side, or are fewer than four.
static NW_FAST_APART void widen_scattered(const int8_t* row, int32_t step, int32_t width,
                                          int32_t left, int32_t zero, const plan* plan,
                                          uint32_t* to) {
  const uint32_t base = nw_pair(-zero, -zero);
  for (int32_t x = -left; x < 4 * plan->groups - left; x += 4) {
    uint32_t bytes = 0;
    for (int32_t i = 0; i < 4; ++i) {
      const int inside = x + i >= 0 && x + i < width;
      bytes |= (uint32_t)(uint8_t)(inside ? row[(x + i) * step] : zero) << (8 * i);
    }
    to = put_columns(base, bytes, to, plan->group_words);
  }
}

static NW_FAST_APART void clear_row(const plan* plan, uint32_t* to) {
  for (int32_t group = plan->groups; group > 0; --group) {
    to[0] = 0;
    to[1] = 0;
    to += plan->group_words;
  }
}

// A row of outputs in the long form, from plain weights.
static NW_FAST_APART void run_exactly(const nw_output* output, int8_t* to, const plan* plan,
                                      const nw_filters* filters, const nw_levels* levels,
                                      int32_t channel, int32_t first_row) {
  const int32_t kernel = plan->kernel;
  for (int32_t x = 0; x < output->shape.width; ++x) {
    int32_t sum = filters->biases[channel];
    const int8_t* weights = filters->weights + channel;
    for (int32_t ky = 0; ky < kernel; ++ky) {
      const int32_t line = (first_row + ky) % kernel;
      for (int32_t kx = 0; kx < kernel; ++kx) {
        const int32_t column = x * plan->stride + kx;
        const uint32_t pair =
            plan->columns[column / 4 * plan->group_words + 2 * line + column % 4 / 2];
        sum += (column % 2 == 0 ? nw_low(pair) : nw_high(pair)) * *weights;
        weights += output->shape.channels;
      }
    }
    to[x * output->steps.column] = nw_fast_exact(sum, filters, levels, channel);
  }
}

// A row of outputs that do not lie side by side, by way of four bytes.
static NW_FAST_APART void run_scattered(row_function function, nw_fast_row_job* job,
                                        const plan* plan, int8_t* to, int32_t step,
                                        int32_t outputs) {
  for (; outputs > 0; outputs -= 4) {
    int8_t levels[4];
    job->output = levels;
    job->outputs = 4;
    function(job);
    job->columns += plan->stride * plan->group_words;
    for (int i = 0; i < 4 && i < outputs; ++i) {
      *to = levels[i];
      to += step;
    }
  }
}

static NW_FAST_APART void run_dead(const nw_output* output, int32_t channel, int8_t level,
                                   nw_rows rows) {
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    int8_t* to = output->data + nw_offset(output->steps, nw_line(output->ring_rows, y), 0, channel);
    for (int32_t x = output->shape.width; x > 0; --x) {
      *to = level;
      to += output->steps.column;
    }
  }
}

static plan plan_of(const nw_output* output, const nw_window* window, uint32_t* scratch) {
  plan result;
  result.kernel = window->kernel_height;
  result.stride = window->stride_height;
  result.group_words = 2 * result.kernel;
  result.groups = ((output->shape.width - 1) * result.stride + result.kernel + 3) / 4;
  result.columns = scratch;
  return result;
}

// What is the same for all channels.
typedef struct {
  plan plan;
  widening widening;
  row_function function;
  const nw_input* input;
  const nw_output* output;
  const nw_window* window;
  const nw_filters* filters;
  const nw_levels* levels;
  nw_rows rows;
  // Whether columns lie side by side in both tensors, at least four of the input, and all rows are
  // in memory.
  int in_planes;
} layer;

// Brings row `row` of a channel that begins at `in` to `to`: nothing where there is none.
static void prepare_row(const layer* layer, const int8_t* in, int32_t row, uint32_t* to) {
  const nw_input* const input = layer->input;
  if (row < 0 || row >= input->shape.height) {
    clear_row(&layer->plan, to);
    return;
  }
  const int8_t* const from = in + nw_line(input->ring_rows, row) * input->steps.row;
  if (input->steps.column == 1 && input->shape.width >= 4) {
    widen_row(&layer->widening, from, to);
  } else {
    widen_scattered(from, input->steps.column, input->shape.width, layer->window->padding_left,
                    layer->levels->input_zero, &layer->plan, to);
  }
}

// The rows of a channel whose tensors lie in planes, all rows in memory: rows of outputs from `to`
// on.
static NW_FAST_APART void run_plane(const layer* layer, nw_fast_row_job* job,
                                    const uint32_t* weights, const int8_t* in, int8_t* to) {
  const int32_t kernel = layer->plan.kernel;
  const int32_t row_words = layer->plan.stride == 1 ? kernel - 1 : kernel / 2 + 1;
  const int32_t row_step = layer->input->steps.row;
  const row_function function = layer->function;
  uint32_t* const columns = layer->plan.columns;
  uint32_t* const columns_end = columns + 2 * kernel;
  const uint32_t* const weights_begin = weights;
  const uint32_t* const weights_end = weights + kernel * row_words;
  int32_t row = layer->rows.begin * layer->plan.stride - layer->window->padding_top;
  const int8_t* from = in + row * row_step;
  uint32_t* line = columns;
  int32_t missing = kernel;
  job->columns = columns;
  job->output = to;
  for (int32_t left = layer->rows.end - layer->rows.begin; left > 0; --left) {
    for (; missing > 0; --missing) {
      if ((uint32_t)row < (uint32_t)layer->input->shape.height) {
        widen_row(&layer->widening, from, line);
      } else {
        clear_row(&layer->plan, line);
      }
      ++row;
      from += row_step;
      line += 2;
      if (line == columns_end) line = columns;
      weights = weights == weights_begin ? weights_end - row_words : weights - row_words;
    }
    job->weights = weights;
    function(job);
    job->output += layer->output->steps.row;
    missing = layer->plan.stride;
  }
}

// The rows of channel `channel`, from weights in pairs where `form` has them.
static NW_FAST_APART void run_channel(const layer* layer, enum form form, nw_fast_row_job* job,
                                      const uint32_t* weights, const int8_t* in, int32_t channel) {
  const nw_output* const output = layer->output;
  const int32_t kernel = layer->plan.kernel;
  const int32_t stride = layer->plan.stride;
  const int32_t row_words = stride == 1 ? kernel - 1 : kernel / 2 + 1;
  uint32_t* const columns = layer->plan.columns;
  if (form != EXACT && layer->in_planes) {
    job->outputs = output->shape.width;
    run_plane(layer, job, weights, in,
              output->data + nw_offset(output->steps, layer->rows.begin, 0, channel));
    return;
  }
  // Rows are counted from the first one of padding; row r lies at line r mod K.
  int32_t first = layer->rows.begin * stride;
  int32_t ready = first;
  int32_t line = ready % kernel;
  for (int32_t y = layer->rows.begin; y < layer->rows.end; ++y, first += stride) {
    for (; ready < first + kernel; ++ready) {
      prepare_row(layer, in, ready - layer->window->padding_top, columns + 2 * line);
      line = line + 1 == kernel ? 0 : line + 1;
    }
    int8_t* const to =
        output->data + nw_offset(output->steps, nw_line(output->ring_rows, y), 0, channel);
    if (form == EXACT) {
      run_exactly(output, to, &layer->plan, layer->filters, layer->levels, channel, first);
      continue;
    }
    // All rows are there: the next one to come takes the place of the first of this window.
    job->weights = weights + (line == 0 ? 0 : kernel - line) * row_words;
    job->columns = columns;
    if (output->steps.column == 1) {
      job->output = to;
      job->outputs = output->shape.width;
      layer->function(job);
    } else {
      run_scattered(layer->function, job, &layer->plan, to, output->steps.column,
                    output->shape.width);
    }
  }
}

void nw_fast_depthwise(const nw_input* input, const nw_output* output, const nw_window* window,
                       const nw_filters* filters, const nw_levels* levels, void* scratch,
                       nw_rows rows) {
  layer layer = {plan_of(output, window, scratch),
                 {0},
                 function_of(window),
                 input,
                 output,
                 window,
                 filters,
                 levels,
                 rows,
                 input->steps.column == 1 && output->steps.column == 1 && input->ring_rows == 0 &&
                     output->ring_rows == 0 && input->shape.width >= 4};
  const int32_t kernel = layer.plan.kernel;
  const int32_t channels = output->shape.channels;
  const int32_t outputs_per_input = channels / input->shape.channels;
  layer.widening =
      widening_of(&layer.plan, input->shape.width, window->padding_left, levels->input_zero);
  uint32_t weights[MAX_WEIGHT_WORDS];
  nw_fast_row_job job;
  for (int32_t c = 0; c < channels; ++c) {
    int8_t level;
    if (nw_fast_is_dead(filters, levels, c, kernel * kernel, &level)) {
      run_dead(output, c, level, rows);
      continue;
    }
    int exponent;
    const enum form form = form_of(filters, levels, c, &job, &exponent);
    if (form != EXACT) {
      pair_weights(filters->weights + c, channels, kernel, layer.plan.stride, exponent, weights);
    }
    const int8_t* const in = input->data + c / outputs_per_input * input->steps.channel;
    run_channel(&layer, form, &job, weights, in, c);
  }
  if (nw_fast_has_limits(levels->limits)) nw_fast_clamp(output, levels->limits, rows);
}
