// Listens to a stream of samples with the host runner: what an exported loop does on a device, byte
// for byte.

#ifndef NIWAKI_LIBS_ENGINE_SENSOR_KEYWORD_LISTENER_H_
#define NIWAKI_LIBS_ENGINE_SENSOR_KEYWORD_LISTENER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/engine/host/runner.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/engine/sensor/audio_front_end.h"
#include "libs/engine/sensor/sensor.h"
#include "libs/kernels/frontend/keyword_stream.h"

namespace niwaki::engine {

// What the network said at one place of the stream.
struct Heard {
  // Samples that have been heard by now.
  int64_t samples = 0;
  // Class of the keyword that is heard now, or -1.
  int keyword = -1;
  // [classes] Averaged, of 255.
  std::vector<int> posteriors;
};

// Not thread-safe.
class KeywordListener {
 public:
  // `network` is borrowed and outlives the listener. The errors of AudioFrontEnd and HostRunner;
  // FailedPrecondition with SUPERNET_MISMATCH where the network has not an output for each class.
  static absl::StatusOr<std::unique_ptr<KeywordListener>> Create(const QuantisedNetwork* network,
                                                                 const Sensor& sensor);
  KeywordListener(const KeywordListener&) = delete;
  KeywordListener& operator=(const KeywordListener&) = delete;

  // Any number of samples; `on_run` is called for each run of the network.
  absl::Status Feed(absl::Span<const int16_t> samples,
                    const std::function<void(const Heard&)>& on_run);

 private:
  KeywordListener(const QuantisedNetwork* network, std::unique_ptr<AudioFrontEnd> front_end,
                  HostRunner runner);

  const QuantisedNetwork* network_;
  std::unique_ptr<AudioFrontEnd> front_end_;
  HostRunner runner_;
  std::vector<int16_t> samples_;
  std::vector<uint8_t> columns_;
  std::vector<uint8_t> posteriors_;
  std::vector<float> scratch_;
  std::vector<int8_t> input_;
  nw_keyword_state state_ = {};
  int64_t heard_ = 0;
};

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_SENSOR_KEYWORD_LISTENER_H_
