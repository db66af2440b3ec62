// The audio front end: one clip of samples becomes a picture of frames × mel bins.
//
// Each frame is windowed (periodic Hann), transformed (FFT), its power summed under triangular
// filters that are evenly spaced on the HTK mel scale (Young et al., The HTK Book, section 5.4),
// and expressed in decibel. A full-scale sine in the middle of a filter gives about 0 dB. The
// parameters travel with the data, so a device can do the same.

#ifndef NIWAKI_LIBS_DATA_AUDIO_LOG_MEL_H_
#define NIWAKI_LIBS_DATA_AUDIO_LOG_MEL_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace niwaki::data {

// 1 s at 16 kHz gives 49 frames × 40 bins with the defaults (window 30 ms, stride 20 ms).
struct LogMelOptions {
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
    return a.sample_rate_hz == b.sample_rate_hz && a.clip_samples == b.clip_samples &&
           a.window_samples == b.window_samples && a.stride_samples == b.stride_samples &&
           a.fft_size == b.fft_size && a.mel_bins == b.mel_bins && a.low_hz == b.low_hz &&
           a.high_hz == b.high_hz && a.floor_db == b.floor_db;
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

  // `clip` [clip_samples] float32 in [-1, 1] → `out` [frames, mel_bins] float32 in dB, both exactly
  // of that size.
  void Compute(absl::Span<const float> clip, absl::Span<float> out);

 private:
  struct Plan;
  struct Filter {
    int first_bin;
    std::vector<float> weights;
  };

  explicit LogMel(const LogMelOptions& options);
  void PowerOfFrame(const float* samples);

  const LogMelOptions options_;
  std::vector<float> window_;
  std::vector<Filter> filters_;
  std::vector<float> frame_;
  std::vector<float> power_;
  std::unique_ptr<Plan> plan_;
};

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_LOG_MEL_H_
