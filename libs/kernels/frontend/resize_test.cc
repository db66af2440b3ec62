#include "libs/kernels/frontend/resize.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace {

// Weight of each input position by the formula, in double precision.
std::vector<double> Weights(int in, int out, int position) {
  const double scale = static_cast<double>(in) / out;
  const double radius = std::max(1.0, scale);
  const double centre = (position + 0.5) * scale - 0.5;
  std::vector<double> weights(in);
  double sum = 0;
  for (int i = 0; i < in; ++i) {
    weights[i] = std::max(0.0, 1 - std::abs(i - centre) / radius);
    sum += weights[i];
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

std::vector<float> Resized(const nw_resize_shape& shape, const std::vector<float>& picture) {
  std::vector<float> scratch(NW_RESIZE_SCRATCH_BYTES(shape.in_height, shape.in_width,
                                                     shape.out_height, shape.out_width,
                                                     shape.channels) /
                             sizeof(float));
  nw_resizer resizer = nw_resize_begin(&shape, scratch.data());
  std::vector<float> out;
  const int in_row = shape.in_width * shape.channels;
  for (int y = 0; y < shape.in_height; ++y) {
    for (int whole = nw_resize_row(&resizer, picture.data() + y * in_row); whole > 0; --whole) {
      const float* row = nw_resized_row(&resizer);
      out.insert(out.end(), row, row + shape.out_width * shape.channels);
    }
  }
  return out;
}

TEST(ResizeTest, WeightsAreTheFormulasRoundedOnce) {
  for (int in = 1; in <= 50; ++in) {
    for (int out = 1; out <= 50; ++out) {
      for (int position = 0; position < out; ++position) {
        const nw_resize_taps taps = nw_resize_taps_at(in, out, position);
        ASSERT_LE(taps.count, NW_RESIZE_TAPS(in, out)) << in << " to " << out;
        const std::vector<double> exact = Weights(in, out, position);
        for (int i = 0; i < in; ++i) {
          const bool inside = i >= taps.first && i < taps.first + taps.count;
          const float weight = inside ? nw_resize_weight(&taps, out, i - taps.first) : 0.0f;
          ASSERT_NEAR(weight, static_cast<float>(exact[i]), 1e-12) << in << " to " << out;
        }
      }
    }
  }
}

TEST(ResizeTest, RowsComeOutAsSoonAsTheyAreWholeAndEqualTheFormula) {
  constexpr uint64_t kSeed = 3;
  std::mt19937_64 random(kSeed);
  std::uniform_real_distribution<float> between(0, 255);
  const std::vector<nw_resize_shape> shapes = {{49, 40, 25, 40, 1}, {7, 9, 20, 5, 3},
                                               {1, 1, 4, 6, 1},     {31, 64, 1, 1, 3},
                                               {16, 16, 16, 16, 1}, {5, 3, 6, 33, 2}};
  for (const nw_resize_shape& s : shapes) {
    std::vector<float> picture(s.in_height * s.in_width * s.channels);
    for (float& value : picture) value = between(random);
    const std::vector<float> resized = Resized(s, picture);
    ASSERT_EQ(resized.size(), s.out_height * s.out_width * s.channels);
    size_t at = 0;
    for (int y = 0; y < s.out_height; ++y) {
      const std::vector<double> down = Weights(s.in_height, s.out_height, y);
      for (int x = 0; x < s.out_width; ++x) {
        const std::vector<double> along = Weights(s.in_width, s.out_width, x);
        for (int c = 0; c < s.channels; ++c, ++at) {
          double sum = 0;
          for (int i = 0; i < s.in_height; ++i) {
            for (int k = 0; k < s.in_width; ++k) {
              sum += down[i] * along[k] * picture[(i * s.in_width + k) * s.channels + c];
            }
          }
          EXPECT_NEAR(resized[at], sum, 1e-3);
        }
      }
    }
  }
}

TEST(ResizeTest, NoMoreOutputRowsAreOpenThanThereIsMemoryFor) {
  for (int in = 1; in <= 40; ++in) {
    for (int out = 1; out <= 120; ++out) {
      for (int i = 0; i < in; ++i) {
        int open = 0;
        for (int o = 0; o < out; ++o) {
          const nw_resize_taps taps = nw_resize_taps_at(in, out, o);
          open += i >= taps.first && i < taps.first + taps.count;
        }
        ASSERT_LE(open, NW_RESIZE_SUMS(in, out)) << in << " to " << out;
      }
    }
  }
}

}  // namespace
