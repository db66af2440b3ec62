// What an exported folder holds between a sensor and its network (libs/engine/sensor):
//
//   PREFIX_sensor.h, PREFIX_sensor.c   audio: PREFIX_features, and a loop over a stream of samples;
//                                      pictures: PREFIX_frame; tables in flash
//   PREFIX_test.h                      a test vector that starts at the sensor: samples or pixels,
//                                      the input that they give, and the output
//   libs/kernels/frontend/…            the sources, as they are
//
// The front end's code has single-precision floating point; the network's own still has none.

#ifndef NIWAKI_LIBS_ENGINE_EMIT_SENSOR_FILES_H_
#define NIWAKI_LIBS_ENGINE_EMIT_SENSOR_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "libs/engine/emit/emit_c.h"
#include "libs/engine/emit/emit_options.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/engine/sensor/sensor.h"

namespace niwaki::engine {

struct SensorOptions {
  Sensor sensor;
  // Of the test vector: a clip of a microphone, as long as the network hears at once; empty for a
  // tone in noise from the options' seed. Pictures are always made up.
  std::vector<int16_t> clip;
};

// Adds them to what EmitC made of `network` and `options`, and replaces what they change. The
// errors of AudioFrontEnd and PictureLevels; InvalidArgument for a clip of another length.
absl::Status AddSensor(const QuantisedNetwork& network, const EmitOptions& options,
                       const SensorOptions& sensor, FileTree& files);

// PREFIX_test.h of an audio network with another clip: its samples, and the input that they give;
// of the output nothing is known.
std::string ClipText(const std::string& prefix, absl::Span<const int16_t> samples,
                     absl::Span<const int8_t> input);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_EMIT_SENSOR_FILES_H_
