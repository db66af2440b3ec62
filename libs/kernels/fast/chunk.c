#include "libs/kernels/fast/chunk.h"

int32_t nw_fast_chunk_size(int32_t pixels, int32_t capacity) {
  const int32_t chunks = (pixels + capacity - 1) / capacity;
  return ((pixels + chunks - 1) / chunks + 3) / 4 * 4;
}

void nw_fast_widen_columns(const int8_t* const pixels[4], int32_t terms, int32_t zero,
                           uint32_t* to) {
  const uint32_t base = nw_pair(-zero, -zero);
  const int8_t* a = pixels[0];
  const int8_t* b = pixels[1];
  const int8_t* c = pixels[2];
  const int8_t* d = pixels[3];
  int32_t fours = terms / 4;
  for (; fours > 0; --fours) {
    const uint32_t bytes[4] = {nw_load4(a), nw_load4(b), nw_load4(c), nw_load4(d)};
    nw_fast_widen_four(base, bytes, to);
    a += 4;
    b += 4;
    c += 4;
    d += 4;
    to += 8;
  }
  const int32_t rest = terms % 4;
  if (rest == 0) return;
  const uint32_t bytes[4] = {nw_fast_last_bytes(a, 1, rest), nw_fast_last_bytes(b, 1, rest),
                             nw_fast_last_bytes(c, 1, rest), nw_fast_last_bytes(d, 1, rest)};
  nw_fast_widen_four(base, bytes, to);
}

static void widen_weights(const int8_t* first, const int8_t* second, int32_t terms, uint32_t* to) {
  for (int32_t fours = terms / 4; fours > 0; --fours) {
    const uint32_t a = nw_load4(first);
    const uint32_t b = nw_load4(second);
    to[0] = nw_even(a);
    to[1] = nw_even(b);
    to[2] = nw_odd(a);
    to[3] = nw_odd(b);
    first += 4;
    second += 4;
    to += 4;
  }
  const int32_t rest = terms % 4;
  if (rest == 0) return;
  const uint32_t a = nw_fast_last_bytes(first, 1, rest);
  const uint32_t b = nw_fast_last_bytes(second, 1, rest);
  to[0] = nw_even(a);
  to[1] = nw_even(b);
  to[2] = nw_odd(a);
  to[3] = nw_odd(b);
}

// One channel where the short scaling does not hold; its weights are the first ones of each pair.
static void run_exactly(const nw_fast_chunk* chunk, int32_t channel) {
  const int32_t group_words = NW_FAST_GROUP_WORDS(chunk->terms);
  int8_t* const output = chunk->output + channel * chunk->steps.channel;
  for (int32_t group = 0; group < nw_fast_groups(chunk->pixels); ++group) {
    const int32_t first = nw_fast_first_of_group(group, chunk->pixels);
    for (int32_t pixel = 0; pixel < 4 && first + pixel < chunk->pixels; ++pixel) {
      const uint32_t* inputs = chunk->inputs + group * group_words + pixel;
      const uint32_t* weights = chunk->weights;
      int32_t doubled = 0;
      for (int32_t pairs = NW_FOURS(chunk->terms) / 2; pairs > 0; --pairs) {
        doubled = nw_dot2(*weights, *inputs, doubled);
        weights += 2;
        inputs += 4;
      }
      output[(first + pixel) * chunk->steps.column] = nw_fast_exact(
          chunk->filters->biases[channel] + doubled / 2, chunk->filters, chunk->levels, channel);
    }
  }
}

static void run_dead(const nw_fast_chunk* chunk, int32_t channel, int8_t level) {
  int8_t* output = chunk->output + channel * chunk->steps.channel;
  for (int32_t pixel = 0; pixel < chunk->pixels; ++pixel) {
    *output = level;
    output += chunk->steps.column;
  }
}

// The first channel from `channel` on that the inner loop computes, or the number of channels. Does
// those before it.
static int32_t next_channel(const nw_fast_chunk* chunk, int32_t channel, nw_fast_scale* scale) {
  for (; channel < chunk->channels; ++channel) {
    int8_t level;
    if (nw_fast_is_dead(chunk->filters, chunk->levels, channel, chunk->terms, &level)) {
      run_dead(chunk, channel, level);
      continue;
    }
    if (nw_fast_scale_of(chunk->filters, chunk->levels, channel, scale)) return channel;
    const int8_t* const weights = chunk->filters->weights + channel * chunk->terms;
    widen_weights(weights, weights, chunk->terms, chunk->weights);
    run_exactly(chunk, channel);
  }
  return channel;
}

typedef void (*dot_function)(const nw_fast_dot_job* job);

// Fewer than four pixels, by way of four.
static void run_few(const nw_fast_chunk* chunk, dot_function dot, nw_fast_dot_job* job) {
  int8_t levels[8];
  int8_t* const output = job->output;
  const int32_t channel = job->channel;
  job->output = levels;
  job->column = 1;
  job->channel = 4;
  dot(job);
  for (int32_t pixel = 0; pixel < chunk->pixels; ++pixel) {
    int8_t* const to = output + pixel * chunk->steps.column;
    to[0] = levels[pixel];
    to[channel] = levels[4 + pixel];
  }
}

// Both channels of all pixels.
static void run_pair(const nw_fast_chunk* chunk, dot_function dot, nw_fast_dot_job* job) {
  const int32_t group_words = NW_FAST_GROUP_WORDS(chunk->terms);
  const int32_t whole = chunk->pixels / 4;
  job->inputs = chunk->inputs;
  job->inputs_end = chunk->inputs + (whole > 0 ? whole : 1) * group_words;
  if (whole == 0) {
    run_few(chunk, dot, job);
    return;
  }
  dot(job);
  if (chunk->pixels % 4 == 0) return;
  job->inputs = job->inputs_end;
  job->inputs_end += group_words;
  job->output += (chunk->pixels - 4) * job->column;
  dot(job);
}

void nw_fast_run_chunk(const nw_fast_chunk* chunk) {
  const dot_function dot =
      nw_fast_is_clamped(chunk->levels) ? nw_fast_dot_clamped : nw_fast_dot_signed;
  const int32_t terms = chunk->terms;
  const nw_filters* const filters = chunk->filters;
  nw_fast_dot_job job;
  job.weights = chunk->weights;
  job.weights_end = chunk->weights + NW_FAST_WEIGHT_WORDS(terms);
  for (int32_t next = 0;;) {
    const int32_t first = next_channel(chunk, next, &job.scales[0]);
    if (first == chunk->channels) return;
    int32_t second = next_channel(chunk, first + 1, &job.scales[1]);
    next = second + 1;
    if (second == chunk->channels) {
      // A last channel without a second one is computed twice.
      next = second;
      second = first;
      job.scales[1] = job.scales[0];
    }
    widen_weights(filters->weights + first * terms, filters->weights + second * terms, terms,
                  chunk->weights);
    for (int i = 0; i < 8; i += 2) {
      job.biases[i] = 2 * filters->biases[first];
      job.biases[i + 1] = 2 * filters->biases[second];
    }
    job.output = chunk->output + first * chunk->steps.channel;
    job.column = chunk->steps.column;
    job.channel = (second - first) * chunk->steps.channel;
    run_pair(chunk, dot, &job);
  }
}
