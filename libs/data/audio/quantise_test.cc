#include "libs/data/audio/quantise.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;

TEST(SetNormalisationTest, IsPerChannelAndScaled) {
  Metadata m;
  m.channels = 2;
  m.height = 1;
  m.width = 2;
  m.scale = 0.5;
  m.offset = 10;

  SetNormalisation({0, 4, 7, 7, 4, 0, 7, 7}, m);

  EXPECT_THAT(m.mean, ElementsAre(11, 13.5));
  EXPECT_THAT(m.stddev, ElementsAre(1, 1));
}

TEST(SetNormalisationTest, NoExamplesGiveTheIdentity) {
  Metadata m;
  m.channels = 1;
  m.height = m.width = 3;

  SetNormalisation({}, m);

  EXPECT_THAT(m.mean, ElementsAre(0));
  EXPECT_THAT(m.stddev, ElementsAre(1));
}

}  // namespace
}  // namespace niwaki::data
