#include "services/program/sensor_of_data.h"

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/audio/log_mel.h"

namespace niwaki::program {
namespace {

absl::Status NoSensor(absl::string_view field, const absl::AlphaNum& value,
                      const absl::AlphaNum& limit) {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat("no sensor gives data like that of the network's training: ", field,
                            " ", value, " not in ", limit));
}

engine::AudioSensor AudioOf(const data::Metadata& data) {
  engine::AudioSensor audio;
  const data::LogMelOptions& options = *data.front_end;
  audio.version = options.version;
  audio.shape = data::ShapeOf(options);
  audio.shape.scale_db = data.scale;
  audio.shape.offset_db = data.offset;
  audio.stride_samples = options.stride_samples;
  audio.clip_samples = options.clip_samples;
  audio.mean = data.mean[0];
  audio.stddev = data.stddev[0];
  return audio;
}

}  // namespace

absl::StatusOr<engine::Sensor> SensorOfData(const data::Metadata& data) {
  if (data.element_type != data::ElementType::kUint8) {
    return NoSensor("element", data::ElementTypeName(data.element_type), "{uint8}");
  }
  engine::Sensor sensor;
  sensor.class_names = data.class_names;
  if (data.front_end.has_value()) {
    sensor.kind = AudioOf(data);
  } else {
    if (data.channels != 1 && data.channels != 3) {
      return NoSensor("channels", data.channels, "{1, 3}");
    }
    sensor.kind = engine::PictureSensor{data.scale, data.offset, data.mean, data.stddev};
  }
  NIWAKI_RETURN_IF_ERROR(engine::Validate(sensor));
  return sensor;
}

}  // namespace niwaki::program
