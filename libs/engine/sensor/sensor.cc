#include "libs/engine/sensor/sensor.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/json_number.h"

namespace niwaki::engine {
namespace {

// A window and a picture of features are memory of a microcontroller.
constexpr int kMaxSamples = 1 << 20;
constexpr int kMaxFft = 65536;
constexpr int kMaxBins = 256;
constexpr int kMaxClasses = 65536;

absl::Status CheckNormalisation(double mean, double stddev) {
  if (std::isfinite(mean) && std::isfinite(stddev) && stddev > 0) return absl::OkStatus();
  return InvalidValue("stddev", absl::StrCat(stddev), "finite numbers above 0");
}

absl::Status ValidateAudio(const AudioSensor& audio) {
  if (audio.version != NW_FRONT_END_VERSION) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
        .Field("front_end.version")
        .Value(audio.version)
        .Limit(NW_FRONT_END_VERSION)
        .Message(absl::StrCat("the network was trained on a front end of version ", audio.version,
                              ", devices have version ", NW_FRONT_END_VERSION,
                              ": make the data anew and train on it"));
  }
  const nw_log_mel_shape& shape = audio.shape;
  NIWAKI_RETURN_IF_ERROR(
      CheckRange("front_end.sample_rate_hz", shape.sample_rate_hz, 1000, 192000));
  NIWAKI_RETURN_IF_ERROR(CheckRange("front_end.clip_samples", audio.clip_samples, 1, kMaxSamples));
  NIWAKI_RETURN_IF_ERROR(
      CheckRange("front_end.window_samples", shape.window_samples, 1, audio.clip_samples));
  NIWAKI_RETURN_IF_ERROR(
      CheckRange("front_end.stride_samples", audio.stride_samples, 1, audio.clip_samples));
  NIWAKI_RETURN_IF_ERROR(CheckRange("front_end.fft_size", shape.fft_size,
                                    std::max(16, shape.window_samples), kMaxFft));
  if ((shape.fft_size & (shape.fft_size - 1)) != 0) {
    return InvalidValue("front_end.fft_size", absl::StrCat(shape.fft_size), "a power of 2");
  }
  NIWAKI_RETURN_IF_ERROR(CheckRange("front_end.mel_bins", shape.mel_bins, 1, kMaxBins));
  NIWAKI_RETURN_IF_ERROR(
      CheckRange("front_end.high_hz", shape.high_hz, 1, shape.sample_rate_hz / 2.0));
  NIWAKI_RETURN_IF_ERROR(CheckRange("front_end.low_hz", shape.low_hz, 0, shape.high_hz - 1));
  NIWAKI_RETURN_IF_ERROR(CheckRange("front_end.floor_db", shape.floor_db, -200, 0));
  NIWAKI_RETURN_IF_ERROR(CheckRange("scale", shape.scale_db, 1e-3, 1e3));
  NIWAKI_RETURN_IF_ERROR(CheckRange("offset", shape.offset_db, -1e3, 1e3));
  NIWAKI_RETURN_IF_ERROR(audio.stream.Validate());
  return CheckNormalisation(audio.mean, audio.stddev);
}

absl::Status ValidatePicture(const PictureSensor& picture) {
  NIWAKI_RETURN_IF_ERROR(
      CheckRange("stddev.size", picture.stddev.size(), picture.mean.size(), picture.mean.size()));
  if (picture.mean.size() != 1 && picture.mean.size() != 3) {
    return InvalidValue("channels", absl::StrCat(picture.mean.size()), "{1, 3}");
  }
  for (size_t c = 0; c < picture.mean.size(); ++c) {
    NIWAKI_RETURN_IF_ERROR(CheckNormalisation(picture.mean[c], picture.stddev[c]));
  }
  return absl::OkStatus();
}

AudioSensor AudioFromJson(const Json& json) {
  AudioSensor audio;
  audio.version = Integer<int>(json.at("version"));
  nw_log_mel_shape& shape = audio.shape;
  shape.sample_rate_hz = Integer<int>(json.at("sample_rate_hz"));
  shape.window_samples = Integer<int>(json.at("window_samples"));
  shape.fft_size = Integer<int>(json.at("fft_size"));
  shape.mel_bins = Integer<int>(json.at("mel_bins"));
  shape.low_hz = json.at("low_hz").get<double>();
  shape.high_hz = json.at("high_hz").get<double>();
  shape.floor_db = json.at("floor_db").get<double>();
  shape.scale_db = json.at("scale").get<double>();
  shape.offset_db = json.at("offset").get<double>();
  audio.stride_samples = Integer<int>(json.at("stride_samples"));
  audio.clip_samples = Integer<int>(json.at("clip_samples"));
  audio.mean = json.at("mean").get<double>();
  audio.stddev = json.at("stddev").get<double>();
  const Json& stream = json.at("stream");
  audio.stream.columns_per_run = Integer<int>(stream.at("columns_per_run"));
  audio.stream.averaged_runs = Integer<int>(stream.at("averaged_runs"));
  audio.stream.threshold = Integer<int>(stream.at("threshold"));
  audio.stream.quiet_runs = Integer<int>(stream.at("quiet_runs"));
  return audio;
}

}  // namespace

absl::Status StreamOptions::Validate() const {
  NIWAKI_RETURN_IF_ERROR(CheckRange("columns_per_run", columns_per_run, 1, 1000));
  NIWAKI_RETURN_IF_ERROR(CheckRange("averaged_runs", averaged_runs, 1, 100));
  NIWAKI_RETURN_IF_ERROR(CheckRange("threshold", threshold, 1, 255));
  return CheckRange("quiet_runs", quiet_runs, 0, 1000);
}

bool IsKeyword(const std::string& name) {
  return name != "silence" && name != "unknown" && name != "_silence_" && name != "_unknown_";
}

absl::Status Validate(const Sensor& sensor) {
  NIWAKI_RETURN_IF_ERROR(CheckRange("classes", sensor.class_names.size(), 1, kMaxClasses));
  return sensor.audio() != nullptr ? ValidateAudio(*sensor.audio())
                                   : ValidatePicture(*sensor.picture());
}

Json SensorToJson(const Sensor& sensor) {
  Json json;
  json["classes"] = sensor.class_names;
  if (const PictureSensor* picture = sensor.picture(); picture != nullptr) {
    json["kind"] = "picture";
    json["scale"] = picture->scale;
    json["offset"] = picture->offset;
    json["mean"] = picture->mean;
    json["stddev"] = picture->stddev;
    return json;
  }
  const AudioSensor& audio = *sensor.audio();
  json["kind"] = "log_mel";
  json["version"] = audio.version;
  json["sample_rate_hz"] = audio.shape.sample_rate_hz;
  json["clip_samples"] = audio.clip_samples;
  json["window_samples"] = audio.shape.window_samples;
  json["stride_samples"] = audio.stride_samples;
  json["fft_size"] = audio.shape.fft_size;
  json["mel_bins"] = audio.shape.mel_bins;
  json["low_hz"] = audio.shape.low_hz;
  json["high_hz"] = audio.shape.high_hz;
  json["floor_db"] = audio.shape.floor_db;
  json["scale"] = audio.shape.scale_db;
  json["offset"] = audio.shape.offset_db;
  json["mean"] = audio.mean;
  json["stddev"] = audio.stddev;
  json["stream"] = Json{{"columns_per_run", audio.stream.columns_per_run},
                        {"averaged_runs", audio.stream.averaged_runs},
                        {"threshold", audio.stream.threshold},
                        {"quiet_runs", audio.stream.quiet_runs}};
  return json;
}

absl::StatusOr<Sensor> SensorFromJson(const Json& json) {
  Sensor sensor;
  try {
    sensor.class_names = json.at("classes").get<std::vector<std::string>>();
    const std::string kind = json.at("kind").get<std::string>();
    if (kind == "picture") {
      sensor.kind = PictureSensor{json.at("scale").get<double>(), json.at("offset").get<double>(),
                                  json.at("mean").get<std::vector<double>>(),
                                  json.at("stddev").get<std::vector<double>>()};
    } else if (kind == "log_mel") {
      sensor.kind = AudioFromJson(json);
    } else {
      return InvalidValue("sensor.kind", kind, "{log_mel, picture}", reason::kFileMalformed);
    }
  } catch (const Json::exception& error) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field("sensor")
        .Message(absl::StrCat("sensor: ", JsonErrorText(error)));
  }
  NIWAKI_RETURN_IF_ERROR(Validate(sensor));
  return sensor;
}

}  // namespace niwaki::engine
