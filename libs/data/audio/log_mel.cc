#include "libs/data/audio/log_mel.h"

#include <kissfft/kiss_fftr.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"
#include "libs/base/range.h"
#include "libs/base/status_macros.h"

namespace niwaki::data {
namespace {

constexpr double kPi = 3.14159265358979323846;

double HzToMel(double hz) { return 1127.0 * std::log1p(hz / 700.0); }
double MelToHz(double mel) { return 700.0 * std::expm1(mel / 1127.0); }

// Edges of the triangular filters in FFT bins: filter i rises from edge i to i+1 and falls to i+2.
std::vector<double> FilterEdges(const LogMelOptions& options) {
  const double low = HzToMel(options.low_hz);
  const double high = HzToMel(options.high_hz);
  std::vector<double> edges(options.mel_bins + 2);
  for (int i = 0; i < options.mel_bins + 2; ++i) {
    const double hz = MelToHz(low + (high - low) * i / (options.mel_bins + 1));
    edges[i] = hz * options.fft_size / options.sample_rate_hz;
  }
  return edges;
}

}  // namespace

absl::Status LogMelOptions::Validate() const {
  NIWAKI_RETURN_IF_ERROR(CheckRange("front_end.sample_rate_hz", sample_rate_hz, 1000, 192000));
  NIWAKI_RETURN_IF_ERROR(CheckRange("front_end.clip_samples", clip_samples, 1, 1 << 24));
  NIWAKI_RETURN_IF_ERROR(CheckRange("front_end.window_samples", window_samples, 1, clip_samples));
  NIWAKI_RETURN_IF_ERROR(CheckRange("front_end.stride_samples", stride_samples, 1, clip_samples));
  NIWAKI_RETURN_IF_ERROR(
      CheckRange("front_end.fft_size", fft_size, std::max(16, window_samples), 65536));
  if ((fft_size & (fft_size - 1)) != 0)
    return InvalidValue("front_end.fft_size", fft_size, "a power of 2");
  NIWAKI_RETURN_IF_ERROR(CheckRange("front_end.mel_bins", mel_bins, 1, 256));
  NIWAKI_RETURN_IF_ERROR(CheckRange("front_end.high_hz", high_hz, 1, sample_rate_hz / 2.0));
  NIWAKI_RETURN_IF_ERROR(CheckRange("front_end.low_hz", low_hz, 0, high_hz - 1));
  NIWAKI_RETURN_IF_ERROR(CheckRange("front_end.floor_db", floor_db, -200, 0));
  const std::vector<double> edges = FilterEdges(*this);
  for (int i = 0; i < mel_bins; ++i) {
    if (std::floor(edges[i]) + 1 < edges[i + 2]) continue;
    return InvalidValue("front_end.mel_bins", mel_bins,
                        "few enough that every filter holds an FFT bin");
  }
  return absl::OkStatus();
}

struct LogMel::Plan {
  explicit Plan(int fft_size)
      : config(kiss_fftr_alloc(fft_size, 0, nullptr, nullptr)), spectrum(fft_size / 2 + 1) {
    NIWAKI_CHECK(config != nullptr);
  }
  ~Plan() { kiss_fftr_free(config); }

  kiss_fftr_cfg config;
  std::vector<kiss_fft_cpx> spectrum;
};

absl::StatusOr<std::unique_ptr<LogMel>> LogMel::Create(const LogMelOptions& options) {
  NIWAKI_RETURN_IF_ERROR(options.Validate());
  return std::unique_ptr<LogMel>(new LogMel(options));
}

LogMel::LogMel(const LogMelOptions& options)
    : options_(options),
      window_(options.window_samples),
      frame_(options.fft_size, 0.0f),
      power_(options.fft_size / 2 + 1),
      plan_(std::make_unique<Plan>(options.fft_size)) {
  double window_sum = 0;
  for (int i = 0; i < options_.window_samples; ++i) {
    const double value = 0.5 - 0.5 * std::cos(2 * kPi * i / options_.window_samples);
    window_[i] = static_cast<float>(value);
    window_sum += value;
  }
  // A sine of amplitude 1 on an FFT bin has magnitude window_sum / 2 there.
  for (float& value : window_) value = static_cast<float>(value * 2 / window_sum);
  const std::vector<double> edges = FilterEdges(options_);
  for (int i = 0; i < options_.mel_bins; ++i) {
    const double left = edges[i], centre = edges[i + 1], right = edges[i + 2];
    Filter filter;
    filter.first_bin = static_cast<int>(std::floor(left)) + 1;
    for (int bin = filter.first_bin; bin < right; ++bin) {
      const double weight =
          bin <= centre ? (bin - left) / (centre - left) : (right - bin) / (right - centre);
      filter.weights.push_back(static_cast<float>(weight));
    }
    filters_.push_back(std::move(filter));
  }
}

LogMel::~LogMel() = default;

void LogMel::PowerOfFrame(const float* samples) {
  for (int i = 0; i < options_.window_samples; ++i) frame_[i] = samples[i] * window_[i];
  kiss_fftr(plan_->config, frame_.data(), plan_->spectrum.data());
  for (int i = 0; i < power_.size(); ++i) {
    const kiss_fft_cpx& c = plan_->spectrum[i];
    power_[i] = c.r * c.r + c.i * c.i;
  }
}

void LogMel::Compute(absl::Span<const float> clip, absl::Span<float> out) {
  NIWAKI_CHECK(clip.size() == options_.clip_samples);
  NIWAKI_CHECK(out.size() == options_.Frames() * options_.mel_bins);
  const float floor = std::pow(10.0, options_.floor_db / 10);
  float* value = out.data();
  for (int frame = 0; frame < options_.Frames(); ++frame) {
    PowerOfFrame(clip.data() + int64_t{frame} * options_.stride_samples);
    for (const Filter& filter : filters_) {
      float sum = 0;
      const float* power = power_.data() + filter.first_bin;
      for (size_t k = 0; k < filter.weights.size(); ++k) sum += filter.weights[k] * power[k];
      *value++ = 10.0f * std::log10(std::max(sum, floor));
    }
  }
}

}  // namespace niwaki::data
