// The training kernels against plain loops in double precision.

#include "libs/supernet/fused/fast_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "libs/base/random.h"

namespace niwaki::supernet {
namespace {

constexpr uint64_t kSeed = 23;
constexpr float kInfinity = std::numeric_limits<float>::infinity();
// Of the largest value, or of 1.
constexpr double kTolerance = 2e-5;
// Where kernels must not write.
constexpr float kUntouched = 12345;

const FastActivation kActivations[] = {{-kInfinity, kInfinity, false},
                                       {0, kInfinity, false},
                                       {0, 1, false},
                                       {-kInfinity, kInfinity, true}};

class FastKernelsTest : public ::testing::Test {
 protected:
  void SetUp() override {
#if defined(__x86_64__)
    ASSERT_TRUE(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"));
#endif
  }

  std::vector<float> RandomValues(int64_t count, double scale = 1, double centre = 0) {
    std::vector<float> values(count);
    for (float& value : values)
      value = static_cast<float>(centre + scale * (2 * random_.UniformDouble() - 1));
    return values;
  }

 private:
  Random random_{kSeed};
};

void ExpectNear(const std::vector<float>& actual, const std::vector<double>& expected,
                const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size());
  double worst = 0;
  double largest = 1;
  for (size_t i = 0; i < actual.size(); ++i) {
    ASSERT_TRUE(std::isfinite(actual[i])) << what << " at " << i;
    largest = std::max(largest, std::abs(expected[i]));
    worst = std::max(worst, std::abs(actual[i] - expected[i]));
  }
  EXPECT_LE(worst, kTolerance * largest) << what << " (seed " << kSeed << ")";
}

double Activate(double z, const FastActivation& activation) {
  if (activation.hard_swish) return z * std::clamp(z + 3, 0.0, 6.0) / 6;
  return std::min<double>(activation.high, std::max<double>(activation.low, z));
}

double Slope(double z, const FastActivation& activation) {
  if (!activation.hard_swish) return z > activation.low && z < activation.high ? 1 : 0;
  if (z <= -3) return 0;
  return z < 3 ? (2 * z + 3) / 6 : 1;
}

// Calls `visit(output, input, filter)` with the places of every product of a convolution, channel
// by channel.
template <typename Visit>
void ForEachProduct(const DepthwiseShape& s, const Visit& visit) {
  for (int64_t n = 0; n < s.images; ++n) {
    for (int64_t y = 0; y < s.out_height(); ++y) {
      for (int64_t x = 0; x < s.out_width(); ++x) {
        for (int tap = 0; tap < s.kernel_size * s.kernel_size; ++tap) {
          const int64_t row = y * s.stride + tap / s.kernel_size - s.kernel_size / 2;
          const int64_t column = x * s.stride + tap % s.kernel_size - s.kernel_size / 2;
          if (row < 0 || row >= s.height || column < 0 || column >= s.width) continue;
          for (int64_t c = 0; c < s.channels; ++c) {
            visit(((n * s.out_height() + y) * s.out_width() + x) * s.channels + c,
                  ((n * s.height + row) * s.width + column) * s.channels + c, tap * s.channels + c);
          }
        }
      }
    }
  }
}

std::vector<DepthwiseShape> Shapes() {
  std::vector<DepthwiseShape> shapes;
  for (const int kernel_size : {3, 5, 7}) {
    for (const int stride : {1, 2}) {
      // Smaller than the kernel, odd and even sides, one vector of channels left over or not.
      shapes.push_back({2, 1, 1, 8, kernel_size, stride});
      shapes.push_back({1, 2, 3, 16, kernel_size, stride});
      shapes.push_back({3, 6, 5, 24, kernel_size, stride});
      shapes.push_back({1, 9, 12, 40, kernel_size, stride});
    }
  }
  return shapes;
}

std::string TextOf(const DepthwiseShape& s) {
  return std::to_string(s.height) + "x" + std::to_string(s.width) + "x" +
         std::to_string(s.channels) + " kernel " + std::to_string(s.kernel_size) + " stride " +
         std::to_string(s.stride);
}

TEST_F(FastKernelsTest, DepthwiseForwardOfEveryShapeMatches) {
  size_t number = 0;
  for (const DepthwiseShape& shape : Shapes()) {
    const int64_t taps = shape.kernel_size * shape.kernel_size;
    const int64_t outputs = shape.images * shape.out_height() * shape.out_width() * shape.channels;
    const std::vector<float> input =
        RandomValues(shape.images * shape.height * shape.width * shape.channels);
    const std::vector<float> filters = RandomValues(taps * shape.channels);
    const std::vector<float> bias = RandomValues(shape.channels);
    const FastActivation& activation = kActivations[number++ % std::size(kActivations)];
    for (const bool plain : {false, true}) {
      std::vector<float> scratch(DepthwiseScratch(shape) + 1, kUntouched);
      std::vector<float> output(outputs + 1, kUntouched);

      DepthwiseForward(shape, input.data(), filters.data(), plain ? nullptr : bias.data(),
                       plain ? nullptr : &activation, scratch.data(), output.data());

      EXPECT_EQ(scratch.back(), kUntouched);
      EXPECT_EQ(output.back(), kUntouched);
      output.pop_back();
      std::vector<double> expected(outputs, 0);
      ForEachProduct(shape, [&](int64_t to, int64_t from, int64_t filter) {
        expected[to] += static_cast<double>(input[from]) * filters[filter];
      });
      for (int64_t i = 0; i < outputs && !plain; ++i) {
        expected[i] = Activate(expected[i] + bias[i % shape.channels], activation);
      }
      ExpectNear(output, expected, TextOf(shape));
    }
  }
}

TEST_F(FastKernelsTest, DepthwiseGradientsOfEveryShapeMatch) {
  for (const DepthwiseShape& shape : Shapes()) {
    const int64_t taps = shape.kernel_size * shape.kernel_size;
    const int64_t inputs = shape.images * shape.height * shape.width * shape.channels;
    const std::vector<float> input = RandomValues(inputs);
    const std::vector<float> filters = RandomValues(taps * shape.channels);
    const std::vector<float> gradient =
        RandomValues(shape.images * shape.out_height() * shape.out_width() * shape.channels);
    std::vector<float> scratch(DepthwiseScratch(shape) + 1, kUntouched);
    // What lies there before does not count.
    std::vector<float> input_gradient(inputs + 1, kUntouched);
    std::vector<float> filter_gradient(taps * shape.channels + 1, kUntouched);

    DepthwiseBackward(shape, input.data(), filters.data(), gradient.data(), scratch.data(),
                      input_gradient.data(), filter_gradient.data());

    EXPECT_EQ(scratch.back(), kUntouched);
    EXPECT_EQ(input_gradient.back(), kUntouched);
    EXPECT_EQ(filter_gradient.back(), kUntouched);
    input_gradient.pop_back();
    filter_gradient.pop_back();
    std::vector<double> expected_input(inputs, 0);
    std::vector<double> expected_filter(taps * shape.channels, 0);
    ForEachProduct(shape, [&](int64_t to, int64_t from, int64_t filter) {
      expected_input[from] += static_cast<double>(gradient[to]) * filters[filter];
      expected_filter[filter] += static_cast<double>(gradient[to]) * input[from];
    });
    ExpectNear(input_gradient, expected_input, "input " + TextOf(shape));
    ExpectNear(filter_gradient, expected_filter, "filters " + TextOf(shape));
  }
}

// A mean far from 0 costs no digits of the variance; rows beyond a block of 32, and one alone.
TEST_F(FastKernelsTest, MomentsAreThoseOfTheColumns) {
  constexpr int64_t kChannels = 24;
  for (const int64_t rows : {1, 31, 32, 33, 257}) {
    const std::vector<float> values = RandomValues(rows * kChannels, 1, /*centre=*/100);
    std::vector<float> scratch(2 * kChannels);
    std::vector<double> mean(kChannels);
    std::vector<double> variance(kChannels);

    ColumnMoments(values.data(), rows, kChannels, scratch.data(), mean.data(), variance.data());

    for (int64_t c = 0; c < kChannels; ++c) {
      double sum = 0;
      double squares = 0;
      for (int64_t r = 0; r < rows; ++r) sum += values[r * kChannels + c];
      for (int64_t r = 0; r < rows; ++r)
        squares += std::pow(values[r * kChannels + c] - sum / rows, 2);
      // Half a unit in the last place of a block's sum of 3,200; the square of a float32 would
      // leave ten times as much of the variance.
      EXPECT_NEAR(mean[c], sum / rows, 1.2e-4) << rows << " rows";
      EXPECT_NEAR(variance[c], squares / rows, 5e-5) << rows << " rows";
    }
  }
}

TEST_F(FastKernelsTest, AffineMapsWithActivationsMatchAlsoInPlace) {
  constexpr int64_t kRows = 5;
  constexpr int64_t kChannels = 16;
  const std::vector<float> scale = RandomValues(kChannels, 2);
  const std::vector<float> shift = RandomValues(kChannels);
  for (const FastActivation& activation : kActivations) {
    std::vector<float> values = RandomValues(kRows * kChannels, 3);
    std::vector<double> expected;
    for (int64_t i = 0; i < kRows * kChannels; ++i) {
      const int64_t c = i % kChannels;
      expected.push_back(
          Activate(static_cast<double>(values[i]) * scale[c] + shift[c], activation));
    }
    std::vector<float> output(kRows * kChannels);

    ScaleShiftActivate(values.data(), kRows, kChannels, scale.data(), shift.data(), activation,
                       output.data());
    ScaleShiftActivate(values.data(), kRows, kChannels, scale.data(), shift.data(), activation,
                       values.data());

    ExpectNear(output, expected, "affine");
    EXPECT_EQ(values, output);
  }
}

// d(sum of gradient * activation(norm)), by the formula of batch norm's gradient in double.
TEST_F(FastKernelsTest, NormGradientsMatch) {
  constexpr int64_t kRows = 45;
  constexpr int64_t kChannels = 16;
  constexpr double kEps = 1e-3;
  for (const FastActivation& activation : kActivations) {
    const std::vector<float> x = RandomValues(kRows * kChannels, 2, /*centre=*/1);
    const std::vector<float> g = RandomValues(kRows * kChannels);
    const std::vector<float> weight = RandomValues(kChannels, 0.5, /*centre=*/1.5);
    const std::vector<float> bias = RandomValues(kChannels);
    std::vector<float> scale(kChannels), shift(kChannels), mean(kChannels), inverse(kChannels);
    std::vector<double> expected_input(kRows * kChannels), expected_weight(kChannels),
        expected_bias(kChannels);
    for (int64_t c = 0; c < kChannels; ++c) {
      double m = 0, v = 0;
      for (int64_t r = 0; r < kRows; ++r) m += x[r * kChannels + c] / double{kRows};
      for (int64_t r = 0; r < kRows; ++r) v += std::pow(x[r * kChannels + c] - m, 2) / kRows;
      const double deviation = std::sqrt(v + kEps);
      mean[c] = static_cast<float>(m);
      inverse[c] = static_cast<float>(1 / deviation);
      scale[c] = static_cast<float>(weight[c] / deviation);
      shift[c] = static_cast<float>(bias[c] - m * weight[c] / deviation);
      std::vector<double> upstream(kRows), normal(kRows);
      for (int64_t r = 0; r < kRows; ++r) {
        normal[r] = (x[r * kChannels + c] - m) / deviation;
        upstream[r] = g[r * kChannels + c] * Slope(normal[r] * weight[c] + bias[c], activation);
        expected_bias[c] += upstream[r];
        expected_weight[c] += upstream[r] * normal[r];
      }
      for (int64_t r = 0; r < kRows; ++r) {
        expected_input[r * kChannels + c] =
            weight[c] / deviation *
            (upstream[r] - expected_bias[c] / kRows - normal[r] * expected_weight[c] / kRows);
      }
    }
    std::vector<float> scratch(4 * kChannels);
    std::vector<float> input_gradient(kRows * kChannels, kUntouched);
    std::vector<float> weight_gradient(kChannels, kUntouched);
    std::vector<float> bias_gradient(kChannels, kUntouched);
    NormBackwardArguments arguments;
    arguments.input = x.data();
    arguments.output_gradient = g.data();
    arguments.rows = kRows;
    arguments.channels = kChannels;
    arguments.scale = scale.data();
    arguments.shift = shift.data();
    arguments.mean = mean.data();
    arguments.inverse_deviation = inverse.data();
    arguments.activation = activation;
    arguments.scratch = scratch.data();
    arguments.input_gradient = input_gradient.data();
    arguments.weight_gradient = weight_gradient.data();
    arguments.bias_gradient = bias_gradient.data();

    NormActivateBackward(arguments);

    ExpectNear(bias_gradient, expected_bias, "bias");
    ExpectNear(weight_gradient, expected_weight, "weight");
    ExpectNear(input_gradient, expected_input, "input");
  }
}

}  // namespace
}  // namespace niwaki::supernet
