// Texts of the files that sensor_files.h describes. @N@ is the prefix, @U@ the same in upper case;
// the other names are numbers of the sensor.

#ifndef NIWAKI_LIBS_ENGINE_EMIT_SENSOR_TEXT_H_
#define NIWAKI_LIBS_ENGINE_EMIT_SENSOR_TEXT_H_

#include "absl/strings/string_view.h"

namespace niwaki::engine {

inline constexpr absl::string_view kAudioHeader =
    R"(// From the microphone to the class: the front end of @N@ and a loop over a stream of samples.
// Written by niwaki export. Features are those of the training data, bit for bit (front end
// version @VERSION@, libs/kernels/frontend/log_mel.h), on cores with a floating-point unit and without.
//
//   static int8_t arena[@U@_SENSOR_ARENA_BYTES] NW_ARENA_SECTION __attribute__((aligned(4)));
//   static @N@_stream stream;
//   @N@_stream_init(&stream);
//   for (;;) {
//     count = microphone(samples);                       any number of them
//     for (int32_t at = 0; at < count;) {
//       at += @N@_stream_feed(&stream, arena, samples + at, count - at);
//       if (!@N@_stream_posteriors(&stream, posteriors)) continue;
//       const int32_t heard = @N@_stream_keyword(&stream);
//       if (heard >= 0) puts(@N@_class_names[heard]);
//     }
//   }

#ifndef @U@_SENSOR_H_
#define @U@_SENSOR_H_

#include <stdint.h>

#include "@N@.h"
#include "libs/kernels/frontend/keyword_stream.h"

#ifdef __cplusplus
extern "C" {
#endif

#define @U@_FRONT_END_VERSION @VERSION@
#define @U@_SAMPLE_RATE_HZ @RATE@
// What the network hears at once.
#define @U@_CLIP_SAMPLES @CLIP@
#define @U@_WINDOW_SAMPLES @WINDOW@
#define @U@_STRIDE_SAMPLES @STRIDE@
#define @U@_FRAMES @FRAMES@
#define @U@_MEL_BINS @BINS@
#define @U@_CLASSES @CLASSES@

// How a stream is listened to; the compiler may be told otherwise. Columns between runs of the
// network (a column every @U@_STRIDE_SAMPLES); runs whose posteriors are averaged; the average, of
// 255, that makes a keyword; runs after a keyword in which there is no other.
#ifndef @U@_COLUMNS_PER_RUN
#define @U@_COLUMNS_PER_RUN @EVERY@
#endif
#ifndef @U@_AVERAGED_RUNS
#define @U@_AVERAGED_RUNS @AVERAGED@
#endif
#ifndef @U@_THRESHOLD
#define @U@_THRESHOLD @THRESHOLD@
#endif
#ifndef @U@_QUIET_RUNS
#define @U@_QUIET_RUNS @QUIET@
#endif

// Bytes that the front end needs while it works, and that nothing is kept in: the network's arena
// will do where it is as large.
#define @U@_SCRATCH_BYTES @SCRATCH@
#define @U@_SENSOR_ARENA_BYTES \
  (@U@_ARENA_BYTES > @U@_SCRATCH_BYTES ? @U@_ARENA_BYTES : @U@_SCRATCH_BYTES)
// For @N@_features: the clip's features as well.
#define @U@_FEATURES_SCRATCH_BYTES (@U@_SCRATCH_BYTES + @U@_FRAMES * @U@_MEL_BINS)

extern const char* const @N@_class_names[@U@_CLASSES];

// One clip of @U@_CLIP_SAMPLES to the network's input of @U@_INPUT_BYTES. `scratch`:
// @U@_FEATURES_SCRATCH_BYTES, aligned to 4.
void @N@_features(const int16_t* samples, void* scratch, int8_t* input);

// The caller's: all that a stream keeps. Its fields are not.
typedef struct {
  nw_keyword_state state;
  int32_t keyword;
  int32_t is_new;
  int16_t samples[@U@_WINDOW_SAMPLES];
  uint8_t columns[@U@_FRAMES * @U@_MEL_BINS];
  uint8_t posteriors[@U@_AVERAGED_RUNS * @U@_CLASSES];
  int8_t input[@U@_INPUT_BYTES];
} @N@_stream;

// A stream that has heard silence so far. It may not be moved afterwards.
void @N@_stream_init(@N@_stream* stream);

// Hears samples up to the next run of the network, which it makes, or to the end of them. How many
// it has heard. `arena`: @U@_SENSOR_ARENA_BYTES, aligned to @U@_ARENA_ALIGNMENT; nothing is kept in
// it between calls.
int32_t @N@_stream_feed(@N@_stream* stream, void* arena, const int16_t* samples, int32_t count);

// Whether the network ran in the last call of @N@_stream_feed; the averages [@U@_CLASSES] of its
// last posteriors, 255 for certainty.
int @N@_stream_posteriors(const @N@_stream* stream, uint8_t* posteriors);

// The class of the keyword that the last call of @N@_stream_feed heard, or -1.
int32_t @N@_stream_keyword(const @N@_stream* stream);

#ifdef __cplusplus
}
#endif

#endif  // @U@_SENSOR_H_
)";

inline constexpr absl::string_view kAudioSource =
    R"(// Written by niwaki export; what is here is described in @N@_sensor.h.

#include "@N@_sensor.h"

@SOFTMAX_INCLUDE@
)";

inline constexpr absl::string_view kAudioOptions =
    R"(static const nw_keyword_options options = {
    .front_end = {.window_samples = @U@_WINDOW_SAMPLES,
                  .stride_samples = @U@_STRIDE_SAMPLES,
                  .fft_size = @FFT@,
                  .mel_bins = @U@_MEL_BINS,
                  .window = window,
                  .sine = sine,
                  .edges = edges,
                  .rise = rise,
                  .levels_per_octave = @OCTAVE@,
                  .level_of_one = @ONE@,
                  .lowest_level = @LOWEST@},
    .input = {.rows = @ROWS@,
              .columns = @COLUMNS@,
              .levels = @LEVELS@,
              .values = @VALUES@,
              .scale = @SCALE@,
              .zero_point = @ZERO@},
    .frames = @U@_FRAMES,
    .classes = @U@_CLASSES,
    .is_keyword = is_keyword,
    .columns_per_run = @U@_COLUMNS_PER_RUN,
    .averaged_runs = @U@_AVERAGED_RUNS,
    .threshold = @U@_THRESHOLD,
    .quiet_runs = @U@_QUIET_RUNS,
};
)";

inline constexpr absl::string_view kAudioSoftmax =
    R"(  static const nw_softmax_levels softmax = @SOFTMAX_LEVELS@;
  const nw_shape shape = {1, 1, @U@_CLASSES};
  const nw_input from = {.data = output, .shape = shape, .steps = nw_channels_innermost(shape)};
  const nw_output to = {.data = output, .shape = shape, .steps = nw_channels_innermost(shape)};
  const nw_rows rows = {0, 1};
  nw_softmax(&from, &to, &softmax, rows);
)";

inline constexpr absl::string_view kAudioFunctions =
    R"(void @N@_features(const int16_t* samples, void* scratch, int8_t* input) {
  uint8_t* const features = (uint8_t*)scratch + @U@_SCRATCH_BYTES;
  for (int32_t column = 0; column < @U@_FRAMES; ++column) {
    nw_log_mel_column(&options.front_end, samples + column * @U@_STRIDE_SAMPLES, scratch,
                      features + column * @U@_MEL_BINS);
  }
  nw_features_input_of(&options.input, @U@_FRAMES, @U@_MEL_BINS, features, scratch, input);
}

void @N@_stream_init(@N@_stream* stream) {
  stream->state.samples = stream->samples;
  stream->state.columns = stream->columns;
  stream->state.posteriors = stream->posteriors;
  stream->keyword = -1;
  stream->is_new = 0;
  nw_keyword_begin(&options, &stream->state);
}

// The network's output as posteriors of 0 to 255.
static void posteriors_of(int8_t* output, uint8_t* posteriors) {
@SOFTMAX@  for (int32_t c = 0; c < @U@_CLASSES; ++c) posteriors[c] = (uint8_t)(output[c] + 128);
}

int32_t @N@_stream_feed(@N@_stream* stream, void* arena, const int16_t* samples, int32_t count) {
  const int32_t heard = nw_keyword_feed(&options, &stream->state, samples, count, arena);
  int8_t output[@U@_OUTPUT_BYTES];
  uint8_t posteriors[@U@_CLASSES];
  stream->keyword = -1;
  stream->is_new = nw_keyword_due(&stream->state);
  if (!stream->is_new) return heard;
  nw_keyword_input(&options, &stream->state, arena, stream->input);
  @N@_invoke(arena, stream->input, output);
  posteriors_of(output, posteriors);
  stream->keyword = nw_keyword_take(&options, &stream->state, posteriors);
  return heard;
}

int @N@_stream_posteriors(const @N@_stream* stream, uint8_t* posteriors) {
  if (!stream->is_new) return 0;
  for (int32_t c = 0; c < @U@_CLASSES; ++c) {
    posteriors[c] = (uint8_t)nw_keyword_average(&options, &stream->state, c);
  }
  return 1;
}

int32_t @N@_stream_keyword(const @N@_stream* stream) { return stream->keyword; }
)";

inline constexpr absl::string_view kAudioSense =
    R"(// Memory of a program that runs the test vector.
#define @U@_TEST_ARENA_BYTES                                                                    \
  (@U@_ARENA_BYTES > @U@_FEATURES_SCRATCH_BYTES ? @U@_ARENA_BYTES : @U@_FEATURES_SCRATCH_BYTES)

// From the samples to the network's input.
static inline void @N@_test_sense(void* arena, int8_t* input) {
  @N@_features(@N@_test_samples, arena, input);
}
)";

inline constexpr absl::string_view kPictureHeader =
    R"(// From the camera to the class: frames of any size to the input of @N@. Written by niwaki export.
// The same bytes as the pictures of the training data (libs/kernels/frontend/frame.h).
//
//   static float scratch[@U@_FRAME_SCRATCH_BYTES(240, 320) / sizeof(float)];
//   const nw_frame frame = {NW_RGB565, 240, 320, 640, camera};
//   if (@N@_frame(&frame, scratch, input) == 0) @N@_invoke(arena, input, output);

#ifndef @U@_SENSOR_H_
#define @U@_SENSOR_H_

#include <stdint.h>

#include "@N@.h"
#include "libs/kernels/frontend/frame.h"

#ifdef __cplusplus
extern "C" {
#endif

#define @U@_CLASSES @CLASSES@
extern const char* const @N@_class_names[@U@_CLASSES];

// Of frames of that size.
#define @U@_FRAME_SCRATCH_BYTES(height, width) \
  NW_FRAME_SCRATCH_BYTES(height, width, @U@_INPUT_HEIGHT, @U@_INPUT_WIDTH, @U@_INPUT_CHANNELS)

// Cuts `frame` around its centre to the input's shape, resizes it and writes @U@_INPUT_BYTES. 0, or -1
// for a frame that cannot be: see nw_frame_input.
int @N@_frame(const nw_frame* frame, void* scratch, int8_t* input);

#ifdef __cplusplus
}
#endif

#endif  // @U@_SENSOR_H_
)";

inline constexpr absl::string_view kPictureSource =
    R"(// Written by niwaki export; what is here is described in @N@_sensor.h.

#include "@N@_sensor.h"

)";

inline constexpr absl::string_view kPictureFunctions =
    R"(int @N@_frame(const nw_frame* frame, void* scratch, int8_t* input) {
  const nw_frame_target target = {@U@_INPUT_HEIGHT, @U@_INPUT_WIDTH, @U@_INPUT_CHANNELS, levels};
  return nw_frame_input(frame, &target, scratch, input);
}
)";

inline constexpr absl::string_view kPictureSense =
    R"(// Memory of a program that runs the test vector.
#define @U@_TEST_ARENA_BYTES                                                       \
  (@U@_ARENA_BYTES > @U@_FRAME_SCRATCH_BYTES(@TEST_ROWS@, @TEST_COLUMNS@) ? @U@_ARENA_BYTES \
                                        : @U@_FRAME_SCRATCH_BYTES(@TEST_ROWS@, @TEST_COLUMNS@))

// From the pixels to the network's input.
static inline void @N@_test_sense(void* arena, int8_t* input) {
  const nw_frame frame = {NW_RGB888, @TEST_ROWS@, @TEST_COLUMNS@, 3 * @TEST_COLUMNS@, @N@_test_pixels};
  @N@_frame(&frame, arena, input);
}
)";

inline constexpr absl::string_view kSensorMain =
    R"(// Runs @N@ on its test vector, from the sensor to the class, on this machine. Written by niwaki
// export.

#include <stdio.h>

#include "@N@.h"
#include "@N@_sensor.h"
#include "@N@_test.h"

static int8_t arena[@U@_TEST_ARENA_BYTES] NW_ARENA_SECTION
    __attribute__((aligned(@U@_ARENA_ALIGNMENT)));
static int8_t input[@U@_INPUT_BYTES];
static int8_t output[@U@_OUTPUT_BYTES];

static int compare(const char* what, const int8_t* bytes, const int8_t* right, int size) {
  for (int i = 0; i < size; ++i) {
    if (bytes[i] == right[i]) continue;
    printf("@N@: %s %d is %d, not %d\n", what, i, bytes[i], right[i]);
    return 1;
  }
  return 0;
}

int main(void) {
  int best = 0;
  @N@_test_sense(arena, input);
  if (compare("input", input, @N@_test_input, @U@_INPUT_BYTES) != 0) return 1;
  if (@N@_invoke(arena, input, output) != 0) {
    puts("@N@: the arena is not aligned");
    return 1;
  }
  if (compare("output", output, @N@_test_output, @U@_OUTPUT_BYTES) != 0) return 1;
  for (int i = 1; i < @U@_CLASSES; ++i) {
    if (output[i] > output[best]) best = i;
  }
  printf("@N@: all %d bytes of the input and all %d of the output are right: %s\n", @U@_INPUT_BYTES,
         @U@_OUTPUT_BYTES, @N@_class_names[best]);
  return 0;
}
)";

inline constexpr absl::string_view kAudioReadme = R"(
`@N@_sensor.h` begins at the microphone: `@N@_features` makes the network's input of a clip, `@N@_stream_feed` hears any
number of 16-bit samples and says which keyword was spoken. The bytes are those of the training data on every core, with
a floating-point unit and without; compile with `-ffp-contract=off`, as the files here do.
)";

inline constexpr absl::string_view kPictureReadme = R"(
`@N@_sensor.h` begins at the camera: `@N@_frame` makes the network's input of an RGB888, RGB565 or grey frame of any size.
The bytes are those of the training data on every core, with a floating-point unit and without; compile with
`-ffp-contract=off`, as the files here do.
)";

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_EMIT_SENSOR_TEXT_H_
