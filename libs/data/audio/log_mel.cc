#include "libs/data/audio/log_mel.h"

#include <kissfft/kiss_fftr.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"
#include "libs/base/range.h"
#include "libs/base/status_macros.h"
#include "libs/kernels/frontend/real_fft.h"

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
  NIWAKI_RETURN_IF_ERROR(CheckRange("front_end.version", version, 1, NW_FRONT_END_VERSION));
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

namespace {

// KISS FFT's.
struct Transform {
  explicit Transform(int fft_size)
      : config(kiss_fftr_alloc(fft_size, 0, nullptr, nullptr)), spectrum(fft_size / 2 + 1) {
    NIWAKI_CHECK(config != nullptr);
  }
  ~Transform() { kiss_fftr_free(config); }

  kiss_fftr_cfg config;
  std::vector<kiss_fft_cpx> spectrum;
};

struct Filter {
  int first_bin;
  std::vector<float> weights;
};

}  // namespace

struct LogMel::Version1 {
  explicit Version1(const LogMelOptions& options)
      : window(options.window_samples),
        frame(options.fft_size, 0.0f),
        power(options.fft_size / 2 + 1),
        transform(options.fft_size) {
    double window_sum = 0;
    for (int i = 0; i < options.window_samples; ++i) {
      const double value = 0.5 - 0.5 * std::cos(2 * kPi * i / options.window_samples);
      window[i] = static_cast<float>(value);
      window_sum += value;
    }
    // A sine of amplitude 1 on an FFT bin has magnitude window_sum / 2 there.
    for (float& value : window) value = static_cast<float>(value * 2 / window_sum);
    const std::vector<double> edges = FilterEdges(options);
    for (int i = 0; i < options.mel_bins; ++i) {
      const double left = edges[i], centre = edges[i + 1], right = edges[i + 2];
      Filter filter;
      filter.first_bin = static_cast<int>(std::floor(left)) + 1;
      for (int bin = filter.first_bin; bin < right; ++bin) {
        const double weight =
            bin <= centre ? (bin - left) / (centre - left) : (right - bin) / (right - centre);
        filter.weights.push_back(static_cast<float>(weight));
      }
      filters.push_back(std::move(filter));
    }
  }

  void PowerOfFrame(const float* samples) {
    for (size_t i = 0; i < window.size(); ++i) frame[i] = samples[i] * window[i];
    kiss_fftr(transform.config, frame.data(), transform.spectrum.data());
    for (size_t i = 0; i < power.size(); ++i) {
      const kiss_fft_cpx& c = transform.spectrum[i];
      power[i] = c.r * c.r + c.i * c.i;
    }
  }

  // In decibel.
  void Compute(const LogMelOptions& options, const float* clip, float* out) {
    const float floor = std::pow(10.0, options.floor_db / 10);
    for (int column = 0; column < options.Frames(); ++column) {
      PowerOfFrame(clip + int64_t{column} * options.stride_samples);
      for (const Filter& filter : filters) {
        float sum = 0;
        const float* from = power.data() + filter.first_bin;
        for (size_t k = 0; k < filter.weights.size(); ++k) sum += filter.weights[k] * from[k];
        *out++ = 10.0f * std::log10(std::max(sum, floor));
      }
    }
  }

  std::vector<float> window;
  std::vector<Filter> filters;
  std::vector<float> frame;
  std::vector<float> power;
  Transform transform;
};

struct LogMel::Version2 {
  explicit Version2(const LogMelOptions& options)
      : window(NW_LOG_MEL_WINDOW(options.window_samples)),
        sine(NW_FFT_SINES(options.fft_size)),
        edges(NW_LOG_MEL_EDGES(options.mel_bins)),
        rise(NW_LOG_MEL_RISE(options.fft_size)),
        scratch(NW_LOG_MEL_SCRATCH_BYTES(options.fft_size) / sizeof(float)) {
    const nw_log_mel_shape shape = ShapeOf(options);
    const nw_log_mel_memory memory = {window.data(), sine.data(), edges.data(), rise.data()};
    front_end = nw_log_mel_tables(&shape, options.stride_samples, &memory);
  }

  std::vector<float> window;
  std::vector<float> sine;
  std::vector<uint16_t> edges;
  std::vector<float> rise;
  std::vector<float> scratch;
  nw_log_mel front_end;
};

absl::StatusOr<std::unique_ptr<LogMel>> LogMel::Create(const LogMelOptions& options) {
  NIWAKI_RETURN_IF_ERROR(options.Validate());
  return std::unique_ptr<LogMel>(new LogMel(options));
}

LogMel::LogMel(const LogMelOptions& options) : options_(options) {
  if (options.version == 1) {
    version_1_ = std::make_unique<Version1>(options);
  } else {
    version_2_ = std::make_unique<Version2>(options);
  }
}

LogMel::~LogMel() = default;

void LogMel::Compute(absl::Span<const float> clip, absl::Span<uint8_t> out) {
  NIWAKI_CHECK(clip.size() == options_.clip_samples);
  NIWAKI_CHECK(out.size() == options_.Frames() * options_.mel_bins);
  if (version_1_ != nullptr) {
    std::vector<float> db(out.size());
    version_1_->Compute(options_, clip.data(), db.data());
    for (size_t i = 0; i < db.size(); ++i) {
      const double steps = std::nearbyint((db[i] - kLogMelOffset) / kLogMelScale);
      out[i] = static_cast<uint8_t>(std::clamp(steps, 0.0, 255.0));
    }
    return;
  }
  const std::vector<int16_t> samples = ToInt16(clip);
  for (int column = 0; column < options_.Frames(); ++column) {
    nw_log_mel_column(&version_2_->front_end,
                      samples.data() + int64_t{column} * options_.stride_samples,
                      version_2_->scratch.data(), out.data() + int64_t{column} * options_.mel_bins);
  }
}

std::vector<int16_t> ToInt16(absl::Span<const float> samples) {
  std::vector<int16_t> levels(samples.size());
  for (size_t i = 0; i < samples.size(); ++i) {
    levels[i] = static_cast<int16_t>(
        std::nearbyint(std::clamp(samples[i] * 32768.0f, -32768.0f, 32767.0f)));
  }
  return levels;
}

nw_log_mel_shape ShapeOf(const LogMelOptions& options) {
  return {options.sample_rate_hz, options.window_samples, options.fft_size,
          options.mel_bins,       options.low_hz,         options.high_hz,
          options.floor_db,       kLogMelScale,           kLogMelOffset};
}

}  // namespace niwaki::data
