#include "libs/data/image/decoders/raster.h"

#include <cmath>
#include <cstdint>

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

TEST(RasterTest, SizesAreBounded) {
  EXPECT_THAT(CheckImageSize(8000, 8000, "x"), IsOk());
  EXPECT_THAT(CheckImageSize(1, kMaxPixels, "x"), IsOk());
  EXPECT_THAT(CheckImageSize(0, 5, "x"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(CheckImageSize(-5, 5, "x"), StatusIs(absl::StatusCode::kInvalidArgument, "x: no"));
  for (const int64_t side : {int64_t{8001}, int64_t{65535}, int64_t{2147483647}}) {
    EXPECT_THAT(CheckImageSize(side, side, "x"),
                HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
  }
}

TEST(RasterTest, ElementsOfAnyDepthAreRoundedToBytes) {
  for (const uint32_t max : {1u, 3u, 15u, 31u, 63u, 127u, 255u, 1023u, 65535u, 4294967295u}) {
    const uint32_t step = max > 65535 ? 65537 : 1;
    for (uint64_t v = 0; v <= max; v += step) {
      ASSERT_EQ(ScaleToByte(static_cast<uint32_t>(v), max), std::lround(v * 255.0 / max))
          << v << " of " << max;
    }
  }
}

TEST(RasterTest, TransparencyDarkens) {
  EXPECT_EQ(OverBlack(200, 255, 255), 200);
  EXPECT_EQ(OverBlack(200, 0, 255), 0);
  EXPECT_EQ(OverBlack(200, 128, 255), 100);
  EXPECT_EQ(OverBlack(65535, 65535, 65535), 65535);
}

}  // namespace
}  // namespace niwaki::data
