#include "libs/tensorfile/float32.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::tensorfile {
namespace {

using ::testing::ElementsAre;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

template <typename T>
std::vector<float> Convert(Dtype dtype, const std::vector<T>& values) {
  const TensorView view = {
      dtype,
      {static_cast<int64_t>(values.size())},
      absl::string_view(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T))};
  const std::string bytes = ToFloat32(view);
  std::vector<float> floats(bytes.size() / sizeof(float));
  std::memcpy(floats.data(), bytes.data(), bytes.size());
  return floats;
}

TEST(Float32Test, HalvesAreExact) {
  EXPECT_THAT(Convert<uint16_t>(Dtype::kF16, {0x0000, 0x3C00, 0xC000, 0x3555, 0x7BFF, 0xFBFF}),
              ElementsAre(0, 1, -2, 0.333251953125f, 65504, -65504));
  // The smallest normal number, the largest and the smallest without a leading 1.
  EXPECT_THAT(Convert<uint16_t>(Dtype::kF16, {0x0400, 0x03FF, 0x8001}),
              ElementsAre(std::ldexp(1.0f, -14), std::ldexp(1023.0f, -24), -std::ldexp(1.0f, -24)));
  EXPECT_TRUE(std::signbit(Convert<uint16_t>(Dtype::kF16, {0x8000})[0]));
}

// Every half is the sum of its bits.
TEST(Float32Test, EveryHalfIsWhatItsBitsSay) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const int exponent = bits >> 10 & 0x1F;
    if (exponent == 0x1F) continue;
    const double fraction = (bits & 0x3FF) / 1024.0;
    const double magnitude =
        exponent == 0 ? std::ldexp(fraction, -14) : std::ldexp(1 + fraction, exponent - 15);
    const float value = Convert<uint16_t>(Dtype::kF16, {static_cast<uint16_t>(bits)})[0];
    ASSERT_EQ(value, (bits & 0x8000) != 0 ? -magnitude : magnitude) << bits;
  }
}

TEST(Float32Test, BrainFloatsAreTheUpperHalf) {
  EXPECT_THAT(Convert<uint16_t>(Dtype::kBF16, {0x3F80, 0xC000, 0x4049, 0x0001}),
              ElementsAre(1, -2, 3.140625f, std::ldexp(1.0f, -133)));
}

TEST(Float32Test, DoublesAreRounded) {
  EXPECT_THAT(Convert<double>(Dtype::kF64, {3.25, -0.1, 3.4028234e38, 1e39, -1e300, 1e-60}),
              ElementsAre(3.25f, -0.1f, 3.4028234e38f, kInfinity, -kInfinity, 0));
}

TEST(Float32Test, WhatIsNotFiniteStaysSo) {
  const std::vector<float> halves = Convert<uint16_t>(Dtype::kF16, {0x7C00, 0xFC00, 0x7E01});
  EXPECT_EQ(halves[0], kInfinity);
  EXPECT_EQ(halves[1], -kInfinity);
  EXPECT_TRUE(std::isnan(halves[2]));
  const std::vector<float> brains = Convert<uint16_t>(Dtype::kBF16, {0x7F80, 0x7FC0});
  EXPECT_EQ(brains[0], kInfinity);
  EXPECT_TRUE(std::isnan(brains[1]));
  const std::vector<float> doubles =
      Convert<double>(Dtype::kF64, {std::nan(""), -std::numeric_limits<double>::infinity()});
  EXPECT_TRUE(std::isnan(doubles[0]));
  EXPECT_EQ(doubles[1], -kInfinity);
}

TEST(Float32Test, OnlyFourDtypesAreOfFloatingPoint) {
  EXPECT_TRUE(IsFloatingPoint(Dtype::kBF16));
  EXPECT_TRUE(IsFloatingPoint(Dtype::kF32));
  EXPECT_FALSE(IsFloatingPoint(Dtype::kI64));
  EXPECT_FALSE(IsFloatingPoint(Dtype::kBool));
}

}  // namespace
}  // namespace niwaki::tensorfile
