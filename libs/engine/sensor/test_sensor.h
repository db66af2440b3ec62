// Networks that hear and see, with their sensors, for tests.

#ifndef NIWAKI_LIBS_ENGINE_SENSOR_TEST_SENSOR_H_
#define NIWAKI_LIBS_ENGINE_SENSOR_TEST_SENSOR_H_

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "libs/arch/graph.h"
#include "libs/base/random.h"
#include "libs/engine/emit/test_networks.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/engine/sensor/sensor.h"

namespace niwaki::engine {

// Log-mel of 49 x 40 at 16 kHz; classes yes, no, unknown.
inline Sensor Microphone() {
  AudioSensor audio;
  audio.shape = {16000, 480, 512, 40, 60, 7600, -96, 0.4, -96};
  audio.stride_samples = 320;
  audio.clip_samples = 16000;
  audio.mean = -60;
  audio.stddev = 17;
  return {audio, {"yes", "no", "unknown"}};
}

inline Sensor Camera() {
  return {PictureSensor{1, 0, {120, 110, 100}, {60, 61, 62}}, {"cat", "dog"}};
}

// From rows x columns of features to a number for each of Microphone's classes; with random
// weights, so that it hears something now and then.
inline QuantisedNetwork HearingNetwork(int rows, int columns) {
  NetworkBuilder b({rows, columns, 1}, /*seed=*/4);
  const arch::TensorId stem = b.Convolution(b.input(), 8, 3, 2, arch::OpActivation::kRelu6);
  const arch::TensorId down = b.Depthwise(stem, 8, 3, 2);
  const arch::TensorId shape = b.Convolution(down, 12, 3, 2, arch::OpActivation::kRelu);
  const arch::TensorId mean = b.Plain(arch::OpKind::kGlobalAvgPool, shape, {1, 1, 12});
  return b.Build(b.Linear(mean, 3));
}

inline QuantisedNetwork SeeingNetwork() {
  NetworkBuilder b({24, 32, 3}, /*seed=*/5);
  const arch::TensorId stem = b.Convolution(b.input(), 8, 3, 2, arch::OpActivation::kRelu6);
  const arch::TensorId mean = b.Plain(arch::OpKind::kGlobalAvgPool, stem, {1, 1, 8});
  return b.Build(b.Linear(mean, 2));
}

// Bursts of tones in noise.
inline std::vector<int16_t> Bursts(int size) {
  Random random(/*seed=*/6);
  std::vector<int16_t> samples;
  for (int i = 0; i < size; ++i) {
    const double hz = 200 + 700 * (i / 4000 % 5);
    const double loud = i / 3000 % 3 == 0 ? 9000 : 30;
    const double tone = loud * std::sin(6.283185307179586 * hz * i / 16000);
    samples.push_back(static_cast<int16_t>(tone + 200 * random.UniformDouble() - 100));
  }
  return samples;
}

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_SENSOR_TEST_SENSOR_H_
