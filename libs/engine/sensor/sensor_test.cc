#include "libs/engine/sensor/sensor.h"

#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/sensor/test_sensor.h"

namespace niwaki::engine {
namespace {

TEST(SensorTest, JsonComesBackAsItWas) {
  for (const Sensor& sensor : {Microphone(), Camera()}) {
    const Json json = SensorToJson(sensor);
    const auto again = SensorFromJson(json);
    NIWAKI_ASSERT_OK(again);
    EXPECT_EQ(SensorToJson(*again), json);
    EXPECT_EQ(again->class_names, sensor.class_names);
  }
}

TEST(SensorTest, OtherVersionOfTheFrontEndIsRefusedByItsField) {
  Sensor sensor = Microphone();
  std::get<AudioSensor>(sensor.kind).version = 1;
  const absl::Status status = Validate(sensor);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  const auto detail = GetErrorDetail(status);
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(detail->field, "front_end.version");
  EXPECT_EQ(detail->value, "1");
  EXPECT_EQ(detail->limit, "2");
}

TEST(SensorTest, DocumentsThatAreNoSensorAreRefused) {
  EXPECT_THAT(SensorFromJson(Json::object()),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  for (const char* field : {"fft_size", "window_samples", "stride_samples", "mel_bins",
                            "clip_samples", "sample_rate_hz", "stddev"}) {
    Json json = SensorToJson(Microphone());
    json[field] = 0;
    EXPECT_FALSE(SensorFromJson(json).ok()) << field;
    json.erase(field);
    EXPECT_FALSE(SensorFromJson(json).ok()) << field;
  }
  Json json = SensorToJson(Microphone());
  json["stream"]["averaged_runs"] = 1000000;
  EXPECT_FALSE(SensorFromJson(json).ok());
  json = SensorToJson(Camera());
  json["mean"] = {1, 2};
  EXPECT_FALSE(SensorFromJson(json).ok());
}

TEST(SensorTest, SilenceAndUnknownAreNoKeywords) {
  EXPECT_TRUE(IsKeyword("yes"));
  EXPECT_FALSE(IsKeyword("silence"));
  EXPECT_FALSE(IsKeyword("_unknown_"));
}

}  // namespace
}  // namespace niwaki::engine
