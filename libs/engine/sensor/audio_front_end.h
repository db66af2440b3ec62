// The log-mel front end of one network: tables, and the levels of its input.

#ifndef NIWAKI_LIBS_ENGINE_SENSOR_AUDIO_FRONT_END_H_
#define NIWAKI_LIBS_ENGINE_SENSOR_AUDIO_FRONT_END_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/arch/graph.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/engine/sensor/sensor.h"
#include "libs/kernels/frontend/keyword_stream.h"

namespace niwaki::engine {

// Owns what `options()` points to. Immutable and thread-safe.
class AudioFrontEnd {
 public:
  // `sensor` hears; the network's input has `shape` and is quantised as `input`. The errors of
  // Validate; FailedPrecondition with SUPERNET_MISMATCH for an input of several channels.
  static absl::StatusOr<std::unique_ptr<AudioFrontEnd>> Create(const Sensor& sensor,
                                                               const arch::TensorShape& shape,
                                                               const Quantisation& input);
  AudioFrontEnd(const AudioFrontEnd&) = delete;
  AudioFrontEnd& operator=(const AudioFrontEnd&) = delete;

  const nw_keyword_options& options() const { return options_; }
  // [256] of the input: the level of each feature, and its normalised value.
  absl::Span<const int8_t> levels() const { return levels_; }
  absl::Span<const float> values() const { return values_; }
  // [classes]
  absl::Span<const uint8_t> is_keyword() const { return is_keyword_; }
  // Whether the input is a picture of features as it is, not resized.
  bool whole() const;
  int clip_samples() const { return clip_samples_; }

  // What scratch a picture's features and its input take, in bytes.
  int ScratchBytes() const;

  // `samples` [clip_samples] -> the network's input.
  std::vector<int8_t> InputOf(absl::Span<const int16_t> samples) const;

 private:
  AudioFrontEnd(const Sensor& sensor, const arch::TensorShape& shape, const Quantisation& input);

  int clip_samples_;
  std::vector<float> window_;
  std::vector<float> sine_;
  std::vector<uint16_t> edges_;
  std::vector<float> rise_;
  std::array<int8_t, 256> levels_;
  std::array<float, 256> values_;
  std::vector<uint8_t> is_keyword_;
  nw_keyword_options options_;
};

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_SENSOR_AUDIO_FRONT_END_H_
