#include "libs/engine/sensor/picture_levels.h"

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/sensor/test_sensor.h"

namespace niwaki::engine {
namespace {

TEST(PictureLevelsTest, EachChannelHasItsOwn) {
  const auto levels = PictureLevels(Camera(), {24, 32, 3}, {1.0f / 32, 3});
  NIWAKI_ASSERT_OK(levels);
  ASSERT_EQ(levels->size(), 3 * 256);
  // (180 - 120) / 60 is 32 levels above the zero point.
  EXPECT_EQ((*levels)[180], 35);
  EXPECT_EQ((*levels)[256 + 110], 3);
  EXPECT_EQ((*levels)[512 + 100 - 62], 3 - 32);
}

TEST(PictureLevelsTest, OtherChannelsAreRefused) {
  EXPECT_THAT(PictureLevels(Camera(), {24, 32, 1}, {1, 0}).status(),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
}

}  // namespace
}  // namespace niwaki::engine
