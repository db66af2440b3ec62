#include "libs/kernels/fast/chunk.h"

#include "libs/kernels/fast/dot_one.h"

uint32_t* nw_fast_widen_columns(const int8_t* const pixels[4], int32_t terms, int32_t zero,
                                uint32_t* to, int32_t step) {
  const uint32_t base = nw_pair(-zero, -zero);
  const int8_t* a = pixels[0];
  const int8_t* b = pixels[1];
  const int8_t* c = pixels[2];
  const int8_t* d = pixels[3];
  int32_t fours = terms / 4;
  for (; fours > 0; --fours) {
    const uint32_t bytes[4] = {nw_load4(a), nw_load4(b), nw_load4(c), nw_load4(d)};
    nw_fast_widen_four(base, bytes, to, step);
    a += 4;
    b += 4;
    c += 4;
    d += 4;
    to += 2 * step;
  }
  const int32_t rest = terms % 4;
  if (rest == 0) return to;
  uint32_t bytes[4];
  if (terms >= 4) {
    // By way of the bytes before them.
    const int32_t missing = 4 - rest;
    bytes[0] = nw_load4(a - missing) >> (8 * missing);
    bytes[1] = nw_load4(b - missing) >> (8 * missing);
    bytes[2] = nw_load4(c - missing) >> (8 * missing);
    bytes[3] = nw_load4(d - missing) >> (8 * missing);
  } else {
    bytes[0] = nw_fast_last_bytes(a, 1, rest);
    bytes[1] = nw_fast_last_bytes(b, 1, rest);
    bytes[2] = nw_fast_last_bytes(c, 1, rest);
    bytes[3] = nw_fast_last_bytes(d, 1, rest);
  }
  nw_fast_widen_four(base, bytes, to, step);
  return to + 2 * step;
}

static inline void widen_weight_four(uint32_t a, uint32_t b, uint32_t* to) {
  to[0] = nw_even(a);
  to[1] = nw_even(b);
  to[2] = nw_odd(a);
  to[3] = nw_odd(b);
}

static inline uint32_t* widen_fours(const int8_t* a, const int8_t* b, int32_t fours, uint32_t* to) {
  for (; fours > 0; --fours) {
    widen_weight_four(nw_load4(a), nw_load4(b), to);
    a += 4;
    b += 4;
    to += 4;
  }
  return to;
}

static NW_FAST_APART void widen_weights(const nw_fast_layer* layer, const int8_t* a,
                                        const int8_t* b, uint32_t* to) {
  const int32_t rest = layer->row_terms % 4;
  if (rest == 0) {
    // Rows of whole fours are one.
    widen_fours(a, b, layer->terms / 4, to);
    return;
  }
  const int32_t fours = layer->row_terms / 4;
  for (int32_t row = 0; row < layer->rows; ++row) {
    to = widen_fours(a, b, fours, to);
    a += 4 * fours;
    b += 4 * fours;
    widen_weight_four(nw_fast_last_bytes(a, 1, rest), nw_fast_last_bytes(b, 1, rest), to);
    a += rest;
    b += rest;
    to += 4;
  }
}

// How the layer's pixels are cut, and where they are widened.
typedef struct {
  const nw_fast_layer* layer;
  nw_fast_widen widen;
  const void* context;
  uint32_t* weights;
  uint32_t* inputs;
} run;

static int8_t* output_of(const nw_fast_layer* layer, int32_t pixel, int32_t channel) {
  return layer->output + pixel * layer->steps.column + channel * layer->steps.channel;
}

static NW_FAST_APART void run_dead(const nw_fast_layer* layer, int32_t pixel, int32_t pixels,
                                   int32_t channel, int8_t level) {
  int8_t* output = output_of(layer, pixel, channel);
  for (; pixels > 0; --pixels) {
    *output = level;
    output += layer->steps.column;
  }
}

// Channel `channel` of some pixels where the short scaling does not hold, from groups of `group`
// pixels' inputs; uses the weights' place.
static NW_FAST_APART void run_exactly(const run* run, int32_t pixel, int32_t pixels,
                                      int32_t channel, int32_t group) {
  const nw_fast_layer* const layer = run->layer;
  const int32_t size = layer->rows * layer->row_terms;
  for (int32_t i = 0; i < pixels; ++i) {
    // A last group that is not whole are the last pixels.
    const int32_t group_begin = i / group * group;
    const int32_t first =
        pixels > group && group_begin + group > pixels ? pixels - group : group_begin;
    const uint32_t* inputs =
        run->inputs + i / group * NW_FAST_INPUT_WORDS(layer->terms, group) + i - first;
    const int8_t* weights = layer->filters->weights + channel * size;
    int32_t doubled = 0;
    for (int32_t row = 0; row < layer->rows; ++row) {
      for (int32_t left = layer->row_terms; left > 0; left -= 4) {
        const uint32_t bytes = left >= 4 ? nw_load4(weights) : nw_fast_last_bytes(weights, 1, left);
        weights += left >= 4 ? 4 : left;
        doubled = nw_dot2(nw_even(bytes), inputs[0], doubled);
        doubled = nw_dot2(nw_odd(bytes), inputs[group], doubled);
        inputs += 2 * group;
      }
    }
    *output_of(layer, pixel + i, channel) = nw_fast_exact(
        layer->filters->biases[channel] + doubled / 2, layer->filters, layer->levels, channel);
  }
}

// Whether channel `channel` has a scale of the short form with a shift of 1 and more, and is not
// dead for its multiplier.
static inline int is_short(const nw_fast_layer* layer, int32_t channel) {
  const nw_filters* const filters = layer->filters;
  return (uint32_t)(-filters->shifts[channel] - 1) < 22 && filters->multipliers[channel] != 0 &&
         nw_fast_size(filters->biases[channel]) < 1u << 29;
}

// The first channel from `channel` on that the dots compute, and its scale; those before it are
// done.
static NW_FAST_APART int32_t find_channel(const run* run, int32_t pixel, int32_t pixels,
                                          int32_t channel, nw_fast_scale* scale) {
  const nw_fast_layer* const layer = run->layer;
  for (; channel < layer->channels; ++channel) {
    int8_t level;
    if (nw_fast_is_dead(layer->filters, layer->levels, channel, layer->terms, &level)) {
      run_dead(layer, pixel, pixels, channel, level);
      continue;
    }
    if (nw_fast_scale_of(layer->filters, layer->levels, channel, scale)) return channel;
    run_exactly(run, pixel, pixels, channel, 4);
  }
  return channel;
}

// The same.
static inline int32_t next_channel(const run* run, int32_t pixel, int32_t pixels, int32_t channel,
                                   nw_fast_scale* scale) {
  const nw_fast_layer* const layer = run->layer;
  if (channel < layer->channels && layer->filters->shifts[channel] > -16 &&
      is_short(layer, channel)) {
    const int32_t shift = -layer->filters->shifts[channel];
    scale->multiplier = layer->filters->multipliers[channel];
    scale->shift = shift;
    scale->rounding = (2 * layer->levels->output_zero + 1) * (1 << (shift - 1));
    return channel;
  }
  return find_channel(run, pixel, pixels, channel, scale);
}

typedef void (*dot_function)(const nw_fast_dot_job* job);

// Fewer than four pixels, by way of four.
static NW_FAST_APART void run_few(int32_t pixels, dot_function dot, nw_fast_dot_job* job) {
  int8_t levels[8];
  int8_t* const output = job->output;
  const int32_t column = job->column;
  const int32_t channel = job->channel;
  job->output = levels;
  job->column = 1;
  job->channel = 4;
  dot(job);
  for (int32_t pixel = 0; pixel < pixels; ++pixel) {
    int8_t* const to = output + pixel * column;
    to[0] = levels[pixel];
    to[channel] = levels[4 + pixel];
  }
  job->column = column;
}

// Both channels of all pixels of a chunk.
static void run_pair(const run* run, int32_t pixels, dot_function dot, nw_fast_dot_job* job) {
  const int32_t group_words = NW_FAST_INPUT_WORDS(run->layer->terms, 4);
  const int32_t whole = pixels / 4;
  job->inputs = run->inputs;
  job->inputs_end = run->inputs + (whole > 0 ? whole : 1) * group_words;
  if (whole == 0) {
    run_few(pixels, dot, job);
    return;
  }
  dot(job);
  if (pixels % 4 == 0) return;
  job->inputs = job->inputs_end;
  job->inputs_end += group_words;
  job->output += (pixels - 4) * job->column;
  dot(job);
}

// `pixels` pixels from `pixel` on, two channels at a time.
static void run_chunk(const run* run, int32_t pixel, int32_t pixels) {
  const nw_fast_layer* const layer = run->layer;
  const int32_t* const biases = layer->filters->biases;
  const int8_t* const filters = layer->filters->weights;
  const int32_t size = layer->rows * layer->row_terms;
  const dot_function dot =
      nw_fast_is_clamped(layer->levels) ? nw_fast_dot_clamped : nw_fast_dot_signed;
  nw_fast_dot_job job;
  job.weights = run->weights;
  job.weights_end = run->weights + NW_FAST_WEIGHT_WORDS(layer->terms);
  job.column = layer->steps.column;
  for (int32_t next = 0;;) {
    const int32_t first = next_channel(run, pixel, pixels, next, &job.scales[0]);
    if (first == layer->channels) return;
    int32_t second = next_channel(run, pixel, pixels, first + 1, &job.scales[1]);
    next = second + 1;
    if (second == layer->channels) {
      // A last channel without a second one is computed twice.
      next = second;
      second = first;
      job.scales[1] = job.scales[0];
    }
    widen_weights(layer, filters + first * size, filters + second * size, run->weights);
    const int32_t a = 2 * biases[first];
    const int32_t b = 2 * biases[second];
    for (int i = 0; i < 8; i += 2) {
      job.biases[i] = a;
      job.biases[i + 1] = b;
    }
    job.output = output_of(layer, pixel, first);
    job.channel = (second - first) * layer->steps.channel;
    run_pair(run, pixels, dot, &job);
  }
}

// All pixels by chunks of at most `capacity`, of about equal size.
static void run_chunks(const run* run, int32_t pixels, int32_t capacity) {
  const int32_t chunks = (pixels + capacity - 1) / capacity;
  const int32_t size = ((pixels + chunks - 1) / chunks + 3) / 4 * 4;
  for (int32_t done = 0; done < pixels; done += size) {
    // A last few pixels take some of those before them once more.
    const int32_t first = pixels - done < 4 && pixels >= 4 ? pixels - 4 : done;
    const int32_t here = pixels - first < size ? pixels - first : size;
    uint32_t* to = run->inputs;
    for (int32_t begin = 0; begin < here; begin += 4) {
      const int32_t at = here < 4 || begin + 4 <= here ? begin : here - 4;
      run->widen(run->context, first + at, to, 4);
      to += NW_FAST_INPUT_WORDS(run->layer->terms, 4);
    }
    run_chunk(run, first, here);
  }
}

// A channel that the dots do not compute.
static NW_FAST_APART void run_other(const run* run, int32_t pixel, int32_t pixels,
                                    int32_t channel) {
  const nw_fast_layer* const layer = run->layer;
  int8_t level;
  if (nw_fast_is_dead(layer->filters, layer->levels, channel, layer->terms, &level)) {
    run_dead(layer, pixel, pixels, channel, level);
  } else {
    run_exactly(run, pixel, pixels, channel, pixels);
  }
}

// All channels of eight or nine pixels, one after the other; those before `first_end` are short.
static void run_group(const run* run, int32_t pixel, int32_t pixels, int32_t first_end) {
  const nw_fast_layer* const layer = run->layer;
  const nw_filters* const filters = layer->filters;
  const int32_t terms = layer->terms;
  for (int32_t channel = 0; channel < layer->channels;) {
    int32_t end = channel == 0 ? first_end : channel;
    while (end < layer->channels && is_short(layer, end)) ++end;
    if (end > channel) {
      nw_fast_dot_one_job job = {run->inputs,
                                 filters->weights + channel * terms,
                                 terms,
                                 run->inputs + NW_FAST_INPUT_WORDS(terms, pixels) - pixels,
                                 filters->biases,
                                 filters->multipliers,
                                 filters->shifts,
                                 channel,
                                 end,
                                 output_of(layer, pixel, 0),
                                 layer->steps.column,
                                 layer->steps.channel,
                                 2 * layer->levels->output_zero + 1,
                                 nw_fast_is_clamped(layer->levels)};
      if (pixels == 8) {
        nw_fast_dot_one_8(&job);
      } else {
        nw_fast_dot_one_9(&job);
      }
    }
    if (end < layer->channels) run_other(run, pixel, pixels, end);
    channel = end + 1;
  }
}

// All pixels, eight at least, by eights, and nines where they fit; a last few take some of those
// before them once more.
static void run_groups(const run* run, int32_t pixels, int nines_fit) {
  int32_t nines = nines_fit ? pixels % 8 : 0;
  int32_t first_end = 0;
  while (first_end < run->layer->channels && is_short(run->layer, first_end)) ++first_end;
  for (int32_t done = 0; done < pixels;) {
    const int32_t size = nines > 0 && pixels - done >= 9 ? 9 : 8;
    const int32_t first = pixels - done < size ? pixels - size : done;
    run->widen(run->context, first, run->inputs, size);
    run->widen(run->context, first + 4, run->inputs + 4, size);
    if (size == 9) run->widen(run->context, first + 5, run->inputs + 5, size);
    run_group(run, first, size, first_end);
    done = first + size;
    --nines;
  }
}

void nw_fast_run_layer(const nw_fast_layer* layer, int32_t pixels, nw_fast_widen widen,
                       const void* context, uint32_t* scratch, int32_t scratch_bytes) {
  const int32_t terms = layer->terms;
  const int32_t words = scratch_bytes / 4;
  const int32_t capacity =
      (words - NW_FAST_WEIGHT_WORDS(terms)) / NW_FAST_INPUT_WORDS(terms, 4) * 4;
  const run by_groups = {layer, widen, context, scratch, scratch};
  const run by_chunks = {layer, widen, context, scratch, scratch + NW_FAST_WEIGHT_WORDS(terms)};
  const int32_t chunks = (pixels + capacity - 1) / capacity;
  // In quarters of an instruction, of two channels.
  const int32_t chunk_cost = (pixels + 3) / 4 * (22 * terms + 200) + chunks * (13 * terms + 700);
  const int32_t group_cost = pixels * (7 * terms + 65);
  if (pixels >= 8 && layer->row_terms % 4 == 0 && words >= NW_FAST_INPUT_WORDS(terms, 8) &&
      group_cost < chunk_cost) {
    run_groups(&by_groups, pixels, words >= NW_FAST_INPUT_WORDS(terms, 9));
  } else {
    run_chunks(&by_chunks, pixels, capacity);
  }
}
