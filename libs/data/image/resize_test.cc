#include "libs/data/image/resize.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"

namespace niwaki::data {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatNear;

TEST(ResizerTest, EqualSizesCopy) {
  const std::vector<float> in = {1, 2, 3, 4, 5, 6};
  std::vector<float> out(6);

  Resizer(2, 3, 2, 3).Resize(in.data(), out.data());

  EXPECT_EQ(out, in);
}

TEST(ResizerTest, DoublingInterpolatesLinearly) {
  const std::vector<float> in = {0, 4};
  std::vector<float> out(4);

  Resizer(1, 2, 1, 4).Resize(in.data(), out.data());

  EXPECT_THAT(out, ElementsAre(0, 1, 3, 4));
}

TEST(ResizerTest, ConstantStaysConstantAtEverySize) {
  const std::vector<float> in(13 * 9, 2.5f);
  for (int size = 1; size < 30; ++size) {
    std::vector<float> out(size * (size + 3));

    Resizer(13, 9, size, size + 3).Resize(in.data(), out.data());

    EXPECT_THAT(out, Each(FloatNear(2.5f, 1e-5f))) << size;
  }
}

// A checkerboard has no content below its own frequency: shrunk with antialiasing it is grey,
// without it is not.
TEST(ResizerTest, ShrinkingDoesNotAlias) {
  std::vector<float> in(32 * 32);
  for (int i = 0; i < 1024; ++i) in[i] = (i / 32 + i) % 2;
  std::vector<float> out(8 * 8);

  Resizer(32, 32, 8, 8).Resize(in.data(), out.data());

  EXPECT_THAT(out, Each(FloatNear(0.5f, 0.02f)));
}

TEST(ResizerTest, MirroredInputGivesMirroredOutput) {
  constexpr uint64_t kSeed = 3;
  Random random(kSeed);
  std::vector<float> in(17), mirrored(17);
  for (int i = 0; i < 17; ++i) in[i] = mirrored[16 - i] = random.UniformDouble();
  std::vector<float> a(6), b(6);

  Resizer(1, 17, 1, 6).Resize(in.data(), a.data());
  Resizer(1, 17, 1, 6).Resize(mirrored.data(), b.data());

  for (int i = 0; i < 6; ++i) EXPECT_NEAR(a[i], b[5 - i], 1e-6) << i << " seed " << kSeed;
}

}  // namespace
}  // namespace niwaki::data
