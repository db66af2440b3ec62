// What a network hears or sees, and how: the preparation of the data that it was trained on.

#ifndef NIWAKI_LIBS_ENGINE_SENSOR_SENSOR_H_
#define NIWAKI_LIBS_ENGINE_SENSOR_SENSOR_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/json.h"
#include "libs/kernels/frontend/log_mel.h"
#include "libs/kernels/frontend/log_mel_tables.h"

namespace niwaki::engine {

// How a stream is listened to.
struct StreamOptions {
  // Columns between runs of the network.
  int columns_per_run = 5;
  // Runs whose posteriors are averaged.
  int averaged_runs = 5;
  // The average that makes a keyword, of 255.
  int threshold = 140;
  // Runs after a keyword in which there is no other.
  int quiet_runs = 8;

  // InvalidArgument with field, value and limit.
  absl::Status Validate() const;
};

// A microphone and a log-mel front end.
struct AudioSensor {
  // Of the front end's arithmetic.
  int version = NW_FRONT_END_VERSION;
  nw_log_mel_shape shape = {};
  int stride_samples = 0;
  // What a network sees at once.
  int clip_samples = 0;
  // normalised = (dB - mean) / stddev
  double mean = 0;
  double stddev = 1;
  StreamOptions stream;

  int frames() const { return 1 + (clip_samples - shape.window_samples) / stride_samples; }
};

// A camera.
struct PictureSensor {
  // normalised = (scale * byte + offset - mean[c]) / stddev[c]; red, green, blue or grey.
  double scale = 1;
  double offset = 0;
  std::vector<double> mean;
  std::vector<double> stddev;
};

struct Sensor {
  std::variant<AudioSensor, PictureSensor> kind;
  // Index = output of the network.
  std::vector<std::string> class_names;

  const AudioSensor* audio() const { return std::get_if<AudioSensor>(&kind); }
  const PictureSensor* picture() const { return std::get_if<PictureSensor>(&kind); }
};

// Whether the class `name` is none that is listened for: silence and unknown, also as Speech
// Commands writes them.
bool IsKeyword(const std::string& name);

// FailedPrecondition with field front_end.version for a front end of another version than this
// program's: what a device would hear is not what the network was trained on. InvalidArgument for
// numbers that a device cannot have.
absl::Status Validate(const Sensor& sensor);

// For bills of materials; SensorFromJson reads what SensorToJson wrote.
Json SensorToJson(const Sensor& sensor);
// InvalidArgument with reason FILE_MALFORMED for another document, and the errors of Validate.
absl::StatusOr<Sensor> SensorFromJson(const Json& json);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_SENSOR_SENSOR_H_
