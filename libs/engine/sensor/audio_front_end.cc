#include "libs/engine/sensor/audio_front_end.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/quantise/multiplier.h"
#include "libs/kernels/frontend/log_mel_tables.h"
#include "libs/kernels/frontend/real_fft.h"

namespace niwaki::engine {

absl::StatusOr<std::unique_ptr<AudioFrontEnd>> AudioFrontEnd::Create(const Sensor& sensor,
                                                                     const arch::TensorShape& shape,
                                                                     const Quantisation& input) {
  NIWAKI_RETURN_IF_ERROR(Validate(sensor));
  NIWAKI_CHECK(sensor.audio() != nullptr);
  if (shape.channels == 1) {
    return std::unique_ptr<AudioFrontEnd>(new AudioFrontEnd(sensor, shape, input));
  }
  return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
      .Field("channels")
      .Value(shape.channels)
      .Limit(1)
      .Message(
          absl::StrCat("a log-mel picture has 1 channel, the network's input ", shape.channels));
}

AudioFrontEnd::AudioFrontEnd(const Sensor& sensor, const arch::TensorShape& shape,
                             const Quantisation& input)
    : clip_samples_(sensor.audio()->clip_samples),
      window_(NW_LOG_MEL_WINDOW(sensor.audio()->shape.window_samples)),
      sine_(NW_FFT_SINES(sensor.audio()->shape.fft_size)),
      edges_(NW_LOG_MEL_EDGES(sensor.audio()->shape.mel_bins)),
      rise_(NW_LOG_MEL_RISE(sensor.audio()->shape.fft_size)) {
  const AudioSensor& audio = *sensor.audio();
  const nw_log_mel_memory memory = {window_.data(), sine_.data(), edges_.data(), rise_.data()};
  options_.front_end = nw_log_mel_tables(&audio.shape, audio.stride_samples, &memory);
  rise_.resize(edges_.back() - edges_.front());
  for (int byte = 0; byte < 256; ++byte) {
    // As batches for training are normalised (libs/data/prepared/batch.cc).
    const double db = audio.shape.scale_db * byte + audio.shape.offset_db;
    values_[byte] = static_cast<float>((db - audio.mean) / audio.stddev);
    levels_[byte] = static_cast<int8_t>(
        std::clamp(LevelOf(values_[byte], input.scale, input.zero_point), -128, 127));
  }
  for (const std::string& name : sensor.class_names) is_keyword_.push_back(IsKeyword(name));
  options_.front_end.rise = rise_.data();
  options_.input = {shape.height,   shape.width, levels_.data(),
                    values_.data(), input.scale, input.zero_point};
  options_.frames = audio.frames();
  options_.classes = static_cast<int32_t>(sensor.class_names.size());
  options_.is_keyword = is_keyword_.data();
  options_.columns_per_run = audio.stream.columns_per_run;
  options_.averaged_runs = audio.stream.averaged_runs;
  options_.threshold = audio.stream.threshold;
  options_.quiet_runs = audio.stream.quiet_runs;
}

bool AudioFrontEnd::whole() const {
  return options_.input.rows == options_.frames &&
         options_.input.columns == options_.front_end.mel_bins;
}

int AudioFrontEnd::ScratchBytes() const {
  const int column = NW_LOG_MEL_SCRATCH_BYTES(options_.front_end.fft_size);
  if (whole()) return column;
  return std::max(column, NW_FEATURES_SCRATCH_BYTES(options_.frames, options_.front_end.mel_bins,
                                                    options_.input.rows, options_.input.columns));
}

std::vector<int8_t> AudioFrontEnd::InputOf(absl::Span<const int16_t> samples) const {
  NIWAKI_CHECK(samples.size() == clip_samples_);
  const int bins = options_.front_end.mel_bins;
  std::vector<float> scratch(ScratchBytes() / sizeof(float));
  std::vector<uint8_t> features(int64_t{options_.frames} * bins);
  for (int column = 0; column < options_.frames; ++column) {
    nw_log_mel_column(&options_.front_end,
                      samples.data() + int64_t{column} * options_.front_end.stride_samples,
                      scratch.data(), features.data() + int64_t{column} * bins);
  }
  std::vector<int8_t> input(int64_t{options_.input.rows} * options_.input.columns);
  nw_features_input_of(&options_.input, options_.frames, bins, features.data(), scratch.data(),
                       input.data());
  return input;
}

}  // namespace niwaki::engine
