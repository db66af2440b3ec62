// The levels that pixels become at a network's input.

#ifndef NIWAKI_LIBS_ENGINE_SENSOR_PICTURE_LEVELS_H_
#define NIWAKI_LIBS_ENGINE_SENSOR_PICTURE_LEVELS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/graph.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/engine/sensor/sensor.h"

namespace niwaki::engine {

// [channels, 256], for nw_frame_target (libs/kernels/frontend/frame.h): `sensor` sees; the
// network's input has `shape` and is quantised as `input`. The errors of Validate;
// FailedPrecondition with SUPERNET_MISMATCH where the channels differ.
absl::StatusOr<std::vector<int8_t>> PictureLevels(const Sensor& sensor,
                                                  const arch::TensorShape& shape,
                                                  const Quantisation& input);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_SENSOR_PICTURE_LEVELS_H_
