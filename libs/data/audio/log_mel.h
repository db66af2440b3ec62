// The audio front end: one clip of samples becomes a picture of frames × mel bins.
//
// Version 2 is libs/kernels/frontend/log_mel.h: the samples are rounded to 16 bits, and a device
// that hears them computes the same bytes. Version 1 computes what data sets of old hold, in
// floating point, by another library, whose last bits differ.
//
// Each frame is windowed (periodic Hann), transformed (FFT), its power summed under triangular
// filters that are evenly spaced on the HTK mel scale (Young et al., The HTK Book, section 5.4),
// and expressed in decibel, stored as bytes. A full-scale sine in the middle of a filter gives
// about 0 dB. The parameters and the version travel with the data, so a device can do the same.

#ifndef NIWAKI_LIBS_DATA_AUDIO_LOG_MEL_H_
#define NIWAKI_LIBS_DATA_AUDIO_LOG_MEL_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/kernels/frontend/log_mel.h"
#include "libs/kernels/frontend/log_mel_tables.h"

namespace niwaki::data {

// A log-mel value is stored as one byte of 0.4 dB: -96 dB is 0, +6 dB is 255.
inline constexpr double kLogMelScale = 0.4;
inline constexpr double kLogMelOffset = -96;

// 1 s at 16 kHz gives 49 frames × 40 bins with the defaults (window 30 ms, stride 20 ms).
struct LogMelOptions {
  // Of the arithmetic: 1 or NW_FRONT_END_VERSION.
  int version = NW_FRONT_END_VERSION;
  int sample_rate_hz = 16000;
  int clip_samples = 16000;
  int window_samples = 480;
  int stride_samples = 320;
  // A power of two, at least `window_samples`; the window is padded with zeros at its end.
  int fft_size = 512;
  int mel_bins = 40;
  double low_hz = 60;
  double high_hz = 7600;
  // Power below this is raised to it before the logarithm.
  double floor_db = -96;

  int Frames() const { return 1 + (clip_samples - window_samples) / stride_samples; }

  // InvalidArgument with the field that is out of range, or when a filter would hold no FFT bin.
  absl::Status Validate() const;

  friend bool operator==(const LogMelOptions& a, const LogMelOptions& b) {
    return a.version == b.version && a.sample_rate_hz == b.sample_rate_hz &&
           a.clip_samples == b.clip_samples && a.window_samples == b.window_samples &&
           a.stride_samples == b.stride_samples && a.fft_size == b.fft_size &&
           a.mel_bins == b.mel_bins && a.low_hz == b.low_hz && a.high_hz == b.high_hz &&
           a.floor_db == b.floor_db;
  }
};

// Holds tables and scratch: cheap to use again, not thread-safe; make one per thread.
class LogMel {
 public:
  static absl::StatusOr<std::unique_ptr<LogMel>> Create(const LogMelOptions& options);
  ~LogMel();
  LogMel(const LogMel&) = delete;
  LogMel& operator=(const LogMel&) = delete;

  const LogMelOptions& options() const { return options_; }

  // `clip` [clip_samples] float32 in [-1, 1] → `out` [frames, mel_bins] levels of kLogMelScale,
  // both exactly of that size.
  void Compute(absl::Span<const float> clip, absl::Span<uint8_t> out);

 private:
  struct Version1;
  struct Version2;

  explicit LogMel(const LogMelOptions& options);

  const LogMelOptions options_;
  // One of them.
  std::unique_ptr<Version1> version_1_;
  std::unique_ptr<Version2> version_2_;
};

// Samples of 16 bits: 32768 is 1; the nearest, what is beyond cut.
std::vector<int16_t> ToInt16(absl::Span<const float> samples);

// What libs/kernels/frontend/log_mel_tables.h makes the tables of.
nw_log_mel_shape ShapeOf(const LogMelOptions& options);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_LOG_MEL_H_
