#include "libs/engine/sensor/audio_front_end.h"

#include <algorithm>
#include <vector>

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/multiplier.h"
#include "libs/engine/sensor/test_sensor.h"
#include "libs/kernels/frontend/log_mel.h"

namespace niwaki::engine {
namespace {

TEST(AudioFrontEndTest, InputIsTheLevelOfEachNormalisedFeature) {
  const Quantisation levels = {0.03f, 7};
  const auto front_end = AudioFrontEnd::Create(Microphone(), {49, 40, 1}, levels);
  NIWAKI_ASSERT_OK(front_end);
  const std::vector<int16_t> samples = Bursts(16000);
  const std::vector<int8_t> input = (*front_end)->InputOf(samples);
  ASSERT_EQ(input.size(), 49 * 40);
  std::vector<float> scratch(512);
  for (int column = 0; column < 49; column += 12) {
    uint8_t features[40];
    nw_log_mel_column(&(*front_end)->options().front_end, samples.data() + 320 * column,
                      scratch.data(), features);
    for (int bin = 0; bin < 40; ++bin) {
      const auto real = static_cast<float>((0.4 * features[bin] - 96 + 60) / 17);
      EXPECT_EQ(input[column * 40 + bin],
                std::clamp(LevelOf(real, levels.scale, levels.zero_point), -128, 127));
    }
  }
}

TEST(AudioFrontEndTest, NetworkOfHalfTheFramesGetsThemResized) {
  const auto half = AudioFrontEnd::Create(Microphone(), {25, 40, 1}, {0.03f, 7});
  NIWAKI_ASSERT_OK(half);
  EXPECT_FALSE((*half)->whole());
  const std::vector<int16_t> silence(16000, 0);
  const std::vector<int8_t> input = (*half)->InputOf(silence);
  EXPECT_EQ(input.size(), 25 * 40);
  EXPECT_EQ(std::count(input.begin(), input.end(), (*half)->levels()[0]), 25 * 40);
}

TEST(AudioFrontEndTest, InputOfColoursIsRefused) {
  EXPECT_THAT(AudioFrontEnd::Create(Microphone(), {49, 40, 3}, {0.03f, 7}).status(),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
}

}  // namespace
}  // namespace niwaki::engine
