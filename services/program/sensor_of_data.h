// What a network that was trained on a data set hears or sees.

#ifndef NIWAKI_SERVICES_PROGRAM_SENSOR_OF_DATA_H_
#define NIWAKI_SERVICES_PROGRAM_SENSOR_OF_DATA_H_

#include "absl/status/statusor.h"
#include "libs/data/prepared/metadata.h"
#include "libs/engine/sensor/sensor.h"

namespace niwaki::program {

// FailedPrecondition with SUPERNET_MISMATCH for data that no sensor gives: elements other than
// bytes, pictures of other than 1 or 3 channels; and for a front end of another version than
// devices have (field front_end.version).
absl::StatusOr<engine::Sensor> SensorOfData(const data::Metadata& data);

}  // namespace niwaki::program

#endif  // NIWAKI_SERVICES_PROGRAM_SENSOR_OF_DATA_H_
