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

// One channel, `which` of the two whose weights are widened, where the short scaling does not hold.
static void run_exactly(const nw_fast_chunk* chunk, int32_t channel, int which) {
  const int32_t group_words = NW_FAST_GROUP_WORDS(chunk->terms);
  int8_t* const output = chunk->output + channel * chunk->steps.channel;
  for (int32_t group = 0; group < nw_fast_groups(chunk->pixels); ++group) {
    const int32_t first = nw_fast_first_of_group(group, chunk->pixels);
    for (int32_t pixel = 0; pixel < 4 && first + pixel < chunk->pixels; ++pixel) {
      const uint32_t* inputs = chunk->inputs + group * group_words + pixel;
      const uint32_t* weights = chunk->weights + which;
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

static void run_job(nw_fast_dot_job* job, const uint32_t* inputs, const uint32_t* inputs_end,
                    int8_t* output, int clamped) {
  job->inputs = inputs;
  job->inputs_end = inputs_end;
  job->output = output;
  if (clamped) {
    nw_fast_dot_clamped(job);
  } else {
    nw_fast_dot_signed(job);
  }
}

// Fewer than four pixels, by way of four.
static void run_few(const nw_fast_chunk* chunk, nw_fast_dot_job* job, int8_t* output, int clamped) {
  int8_t levels[8];
  const int32_t column = job->column;
  const int32_t channel = job->channel;
  job->column = 1;
  job->channel = 4;
  run_job(job, chunk->inputs, chunk->inputs + NW_FAST_GROUP_WORDS(chunk->terms), levels, clamped);
  job->column = column;
  job->channel = channel;
  for (int32_t pixel = 0; pixel < chunk->pixels; ++pixel) {
    output[pixel * column] = levels[pixel];
    output[pixel * column + channel] = levels[4 + pixel];
  }
}

void nw_fast_run_chunk(const nw_fast_chunk* chunk) {
  const int clamped = nw_fast_is_clamped(chunk->levels);
  const int32_t terms = chunk->terms;
  const int32_t whole = chunk->pixels / 4;
  const uint32_t* const whole_end = chunk->inputs + whole * NW_FAST_GROUP_WORDS(terms);
  const int8_t* weights = chunk->filters->weights;
  nw_fast_dot_job job;
  job.weights = chunk->weights;
  job.weights_end = chunk->weights + NW_FAST_WEIGHT_WORDS(terms);
  job.column = chunk->steps.column;
  for (int32_t c = 0; c < chunk->channels; c += 2) {
    // A last channel without a second one is computed twice.
    const int32_t other = c + 1 < chunk->channels ? 1 : 0;
    widen_weights(weights, weights + other * terms, terms, chunk->weights);
    weights += 2 * terms;
    if (!nw_fast_scale_of(chunk->filters, chunk->levels, c, terms, &job.scales[0]) ||
        !nw_fast_scale_of(chunk->filters, chunk->levels, c + other, terms, &job.scales[1])) {
      run_exactly(chunk, c, 0);
      if (other) run_exactly(chunk, c + 1, 1);
      continue;
    }
    for (int i = 0; i < 8; i += 2) {
      job.biases[i] = 2 * chunk->filters->biases[c];
      job.biases[i + 1] = 2 * chunk->filters->biases[c + other];
    }
    job.channel = other * chunk->steps.channel;
    int8_t* const output = chunk->output + c * chunk->steps.channel;
    if (whole == 0) {
      run_few(chunk, &job, output, clamped);
      continue;
    }
    run_job(&job, chunk->inputs, whole_end, output, clamped);
    if (chunk->pixels % 4 != 0) {
      run_job(&job, whole_end, whole_end + NW_FAST_GROUP_WORDS(terms),
              output + (chunk->pixels - 4) * job.column, clamped);
    }
  }
}
