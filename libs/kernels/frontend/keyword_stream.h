// From a stream of samples to keywords: a column of features every stride (log_mel.h), the network
// every few columns, its posteriors averaged over its last runs, and a keyword where the average is
// high enough. Without the network itself, which is the caller's:
//
//   for (int32_t at = 0; at < count;) {
//     at += nw_keyword_feed(&options, &state, samples + at, count - at, scratch);
//     if (!nw_keyword_due(&state)) continue;
//     nw_keyword_input(&options, &state, scratch, input);
//     ... run the network; posteriors [classes], 255 for certainty
//     int32_t keyword = nw_keyword_take(&options, &state, posteriors);
//   }

#ifndef NIWAKI_LIBS_KERNELS_FRONTEND_KEYWORD_STREAM_H_
#define NIWAKI_LIBS_KERNELS_FRONTEND_KEYWORD_STREAM_H_

#include <stdint.h>

#include "libs/kernels/frontend/log_mel.h"
#include "libs/kernels/frontend/resize.h"

#ifdef __cplusplus
extern "C" {
#endif

// How features become a network's input [rows, columns].
typedef struct {
  int32_t rows;
  int32_t columns;
  // Of the input: `levels` [256], the level of each feature, where rows and columns are those of
  // the picture; else `values` [256], the real value of each, resized and quantised by scale and
  // zero point.
  const int8_t* levels;
  const float* values;
  float scale;
  int32_t zero_point;
} nw_features_input;

// Of `scratch`, aligned as float: what turns a picture into an input of another size.
#define NW_FEATURES_SCRATCH_BYTES(frames, mel_bins, rows, columns) \
  (4 * (mel_bins) + NW_RESIZE_SCRATCH_BYTES(frames, mel_bins, rows, columns, 1))

// `features` [frames, mel_bins] -> `input` [rows, columns].
void nw_features_input_of(const nw_features_input* to, int32_t frames, int32_t mel_bins,
                          const uint8_t* features, void* scratch, int8_t* input);

typedef struct {
  nw_log_mel front_end;
  nw_features_input input;
  // Columns of the picture that the network sees.
  int32_t frames;
  int32_t classes;
  // [classes] 1 for a keyword, 0 for what nobody wants to hear of.
  const uint8_t* is_keyword;
  // Columns between runs of the network; runs that are averaged; the average that makes a keyword,
  // of 255; runs after a keyword in which there is no other.
  int32_t columns_per_run;
  int32_t averaged_runs;
  int32_t threshold;
  int32_t quiet_runs;
} nw_keyword_options;

// The caller's; memory of a stream that nw_keyword_begin sets up.
typedef struct {
  // [window_samples] The last samples, oldest first.
  int16_t* samples;
  // [frames, mel_bins] The last columns, in a ring that begins at `column`.
  uint8_t* columns;
  // [averaged_runs, classes] The last posteriors, in a ring that begins at `run`.
  uint8_t* posteriors;
  int32_t filled;
  int32_t column;
  int32_t run;
  int32_t until_run;
  int32_t quiet;
  int32_t runs;
} nw_keyword_state;

// A stream that has heard silence so far. The three pointers of `state` are set.
void nw_keyword_begin(const nw_keyword_options* options, nw_keyword_state* state);

// Hears samples until the network is to run, or to the end of them. How many it has heard.
// `scratch`: NW_LOG_MEL_SCRATCH_BYTES.
int32_t nw_keyword_feed(const nw_keyword_options* options, nw_keyword_state* state,
                        const int16_t* samples, int32_t count, void* scratch);

// Whether the network is to run now.
int nw_keyword_due(const nw_keyword_state* state);

// Its input. `scratch`: NW_FEATURES_SCRATCH_BYTES, where sizes differ.
void nw_keyword_input(const nw_keyword_options* options, const nw_keyword_state* state,
                      void* scratch, int8_t* input);

// Hands over what it said, [classes]. The keyword that is heard now, or -1.
int32_t nw_keyword_take(const nw_keyword_options* options, nw_keyword_state* state,
                        const uint8_t* posteriors);

// The posterior of one class, averaged, of 255.
int32_t nw_keyword_average(const nw_keyword_options* options, const nw_keyword_state* state,
                           int32_t class_index);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FRONTEND_KEYWORD_STREAM_H_
