// What an exported network hears or sees, from what its network was made from.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_EXPORTS_SENSOR_SOURCE_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_EXPORTS_SENSOR_SOURCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/graph.h"
#include "libs/base/json.h"
#include "libs/engine/emit/sensor_files.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/engine/sensor/sensor.h"

namespace niwaki::cli {

// `made_from` as Int8Network has it; `wav` is a recording for the test vector, or empty.
// FailedPrecondition where nothing says how the training data was prepared, or no device can do the
// same (SensorOfData); InvalidArgument for a recording where the network sees; the errors of
// ReadRecording.
absl::StatusOr<engine::SensorOptions> SensorOfExport(const Json& made_from, const std::string& wav);

// The recording `wav` as a clip for `sensor`, which hears.
absl::StatusOr<std::vector<int16_t>> ReadClip(const engine::Sensor& sensor, const std::string& wav);

// The input that a sensor fills.
struct NetworkInput {
  arch::TensorShape shape;
  engine::Quantisation levels;
};

// Adds the input of `network` to a bill's sensor, as `input`; reads it again. InvalidArgument with
// reason FILE_MALFORMED where it is not there.
void AddNetworkInput(const engine::QuantisedNetwork& network, Json& sensor);
absl::StatusOr<NetworkInput> ReadNetworkInput(const Json& sensor);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_EXPORTS_SENSOR_SOURCE_H_
