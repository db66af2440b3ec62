#include "services/cli/commands/exports/sensor_source.h"

#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/json_number.h"
#include "libs/data/audio/stream/recording.h"
#include "libs/data/prepared/metadata.h"
#include "libs/engine/emit/model_header.h"
#include "services/program/sensor_of_data.h"

namespace niwaki::cli {

absl::StatusOr<std::vector<int16_t>> ReadClip(const engine::Sensor& sensor,
                                              const std::string& wav) {
  const engine::AudioSensor* audio = sensor.audio();
  if (audio == nullptr) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("--wav")
        .Value(wav)
        .Message("the network sees pictures and hears no recording");
  }
  NIWAKI_ASSIGN_OR_RETURN(const data::Recording recording,
                          data::ReadRecording(wav, audio->shape.sample_rate_hz));
  return data::ClipOf(recording.samples, audio->clip_samples);
}

absl::StatusOr<engine::SensorOptions> SensorOfExport(const Json& made_from,
                                                     const std::string& wav) {
  if (!made_from.contains("trained_on") || !made_from["trained_on"].contains("data")) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
        .Field("network")
        .Limit("a subnet with --supernet and --data, or a candidate")
        .Message("a file of a network does not say how its training data was prepared");
  }
  NIWAKI_ASSIGN_OR_RETURN(const data::Metadata data,
                          data::Metadata::FromJson(made_from["trained_on"]["data"].dump()));
  engine::SensorOptions options;
  NIWAKI_ASSIGN_OR_RETURN(options.sensor, program::SensorOfData(data));
  if (!wav.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(options.clip, ReadClip(options.sensor, wav));
  }
  return options;
}

void AddNetworkInput(const engine::QuantisedNetwork& network, Json& sensor) {
  const arch::TensorId id = engine::BordersOf(network.graph).input;
  const arch::TensorShape& shape = network.graph.shape(id);
  sensor["input"] = Json{{"height", shape.height},
                         {"width", shape.width},
                         {"channels", shape.channels},
                         {"scale", network.tensors[id].scale},
                         {"zero_point", network.tensors[id].zero_point}};
}

absl::StatusOr<NetworkInput> ReadNetworkInput(const Json& sensor) {
  try {
    const Json& json = sensor.at("input");
    NetworkInput input;
    input.shape.height = Integer<int>(json.at("height"));
    input.shape.width = Integer<int>(json.at("width"));
    input.shape.channels = Integer<int>(json.at("channels"));
    input.levels.scale = json.at("scale").get<float>();
    input.levels.zero_point = Integer<int>(json.at("zero_point"));
    if (input.shape.height > 0 && input.shape.width > 0 && input.levels.scale > 0) return input;
  } catch (const Json::exception&) {
    // Said below.
  }
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("sensor.input")
      .Message("the bill of materials does not say what the sensor fills");
}

}  // namespace niwaki::cli
