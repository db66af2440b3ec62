#include "services/program/sensor_of_data.h"

#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/audio/log_mel.h"
#include "libs/data/prepared/metadata.h"
#include "libs/engine/sensor/sensor.h"

namespace niwaki::program {
namespace {

data::Metadata Words() {
  data::Metadata data;
  data.class_names = {"yes", "silence"};
  data.channels = 1;
  data.height = 49;
  data.width = 40;
  data.scale = 0.4;
  data.offset = -96;
  data.mean = {-60};
  data.stddev = {17};
  data.front_end = data::LogMelOptions();
  return data;
}

TEST(SensorOfDataTest, RecordingsHaveAMicrophoneOfTheirPreparation) {
  const auto sensor = SensorOfData(Words());
  NIWAKI_ASSERT_OK(sensor);
  ASSERT_NE(sensor->audio(), nullptr);
  EXPECT_EQ(sensor->audio()->frames(), 49);
  EXPECT_EQ(sensor->audio()->shape.fft_size, 512);
  EXPECT_EQ(sensor->audio()->shape.scale_db, 0.4);
  EXPECT_EQ(sensor->audio()->mean, -60);
  EXPECT_EQ(sensor->class_names, Words().class_names);
}

TEST(SensorOfDataTest, FrontEndOfOldIsNoneThatDevicesHave) {
  data::Metadata data = Words();
  data.front_end->version = 1;
  const auto sensor = SensorOfData(data);
  EXPECT_THAT(sensor.status(),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
  const auto detail = GetErrorDetail(sensor.status());
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(detail->field, "front_end.version");
  EXPECT_EQ(detail->value, "1");
  EXPECT_EQ(detail->limit, "2");
}

TEST(SensorOfDataTest, PicturesHaveACameraWhereTheyAreBytesOfOneOrThreeChannels) {
  data::Metadata data = Words();
  data.front_end.reset();
  NIWAKI_ASSERT_OK(SensorOfData(data));
  EXPECT_NE(SensorOfData(data)->picture(), nullptr);
  data.channels = 2;
  EXPECT_FALSE(SensorOfData(data).ok());
  data.channels = 1;
  data.element_type = data::ElementType::kFloat32;
  EXPECT_FALSE(SensorOfData(data).ok());
}

}  // namespace
}  // namespace niwaki::program
