// The evaluation kernels of every instruction set that this processor has, against plain loops in
// double precision.

#include "libs/supernet/fused/eval_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"

namespace niwaki::supernet {
namespace {

constexpr uint64_t kSeed = 17;
constexpr float kInfinity = std::numeric_limits<float>::infinity();
// Of the largest value, or of 1: a float32 sum is off by about 2^-24 of the sum of its terms'
// sizes, and those here have up to 131 terms.
constexpr double kTolerance = 2e-5;

std::vector<const EvalKernels*> UsableKernels() {
  std::vector<const EvalKernels*> kernels;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    kernels.push_back(Avx2Kernels());
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl"))
    kernels.push_back(Avx512Kernels());
#else
  kernels.push_back(Avx2Kernels());
#endif
  return kernels;
}

std::vector<float> RandomValues(int64_t count, Random& random) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(2 * random.UniformDouble() - 1);
  return values;
}

struct Activation {
  const char* name;
  EvalActivation activation;
};
const Activation kActivations[] = {
    {"none", {EvalFunction::kClamp, -kInfinity, kInfinity}},
    {"relu", {EvalFunction::kClamp, 0, kInfinity}},
    // Values reach both ends.
    {"clamp", {EvalFunction::kClamp, -0.5f, 0.75f}},
    {"hard_swish", {EvalFunction::kHardSwish, 0, 0}},
    {"hard_sigmoid", {EvalFunction::kHardSigmoid, 0, 0}},
};

double Activate(double z, const EvalActivation& activation) {
  const double gate = std::clamp(z + 3, 0.0, 6.0) / 6;
  switch (activation.function) {
    case EvalFunction::kHardSwish:
      return z * gate;
    case EvalFunction::kHardSigmoid:
      return gate;
    default:
      return std::min<double>(activation.high, std::max<double>(activation.low, z));
  }
}

void ExpectNear(const std::vector<float>& actual, const std::vector<double>& expected,
                const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size());
  double worst = 0;
  double largest = 1;
  size_t at = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    largest = std::max(largest, std::abs(expected[i]));
    const double distance = std::abs(actual[i] - expected[i]);
    // A not-a-number is farther than everything.
    if (!(distance <= worst)) {
      worst = std::isnan(distance) ? kInfinity : distance;
      at = i;
    }
  }
  EXPECT_LE(worst, kTolerance * largest)
      << what << " at " << at << ": " << actual[at] << ", expected " << expected[at] << " (seed "
      << kSeed << ")";
}

// Where kernels must not write.
constexpr float kUntouched = 12345;

class EvalKernelsTest : public ::testing::TestWithParam<const EvalKernels*> {
 protected:
  const EvalKernels& kernels() const { return *GetParam(); }

  std::vector<float> Packed(const std::vector<float>& weight, const std::vector<float>& bias,
                            int64_t depth, int64_t columns) const {
    std::vector<float> packed(kernels().packed_size(depth, columns), kUntouched);
    kernels().pack_matrix(weight.data(), bias.data(), depth, columns, packed.data());
    return packed;
  }
};

// Every number of rows up to more than two tiles, every number of columns up to more than a panel,
// odd ones and tails among them.
TEST_P(EvalKernelsTest, ProductsOfEveryShapeMatch) {
  Random random(kSeed);
  for (int64_t columns = 1; columns <= 70; ++columns) {
    const int64_t rows = 1 + columns * 11 % 35;
    const int64_t depth = 1 + columns * 5 % 23;
    const Activation& activation = kActivations[columns % std::size(kActivations)];
    const bool with_residual = columns % 2 == 0;
    const std::vector<float> a = RandomValues(rows * depth, random);
    const std::vector<float> weight = RandomValues(columns * depth, random);
    const std::vector<float> bias = RandomValues(columns, random);
    const std::vector<float> residual = RandomValues(rows * columns, random);
    const std::vector<float> packed = Packed(weight, bias, depth, columns);
    std::vector<float> c(rows * columns + 1, kUntouched);
    MatrixProduct product;
    product.a = a.data();
    product.a_stride = depth;
    product.rows = rows;
    product.depth = depth;
    product.packed = packed.data();
    product.columns = columns;
    product.activation = activation.activation;
    product.residual = with_residual ? residual.data() : nullptr;
    product.c = c.data();
    product.c_stride = columns;

    kernels().multiply(product);

    EXPECT_EQ(c.back(), kUntouched);
    c.pop_back();
    std::vector<double> expected;
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t k = 0; k < columns; ++k) {
        double sum = bias[k];
        for (int64_t d = 0; d < depth; ++d)
          sum += static_cast<double>(a[r * depth + d]) * weight[k * depth + d];
        expected.push_back(Activate(sum, activation.activation) +
                           (with_residual ? residual[r * columns + k] : 0));
      }
    }
    ExpectNear(c, expected,
               std::to_string(rows) + "x" + std::to_string(depth) + "x" + std::to_string(columns) +
                   " " + activation.name);
  }
}

// More rows than a block that stays in the cache.
TEST_P(EvalKernelsTest, LongProductsMatch) {
  constexpr int64_t kRows = 301;
  constexpr int64_t kDepth = 131;
  constexpr int64_t kColumns = 37;
  Random random(kSeed);
  const std::vector<float> a = RandomValues(kRows * kDepth, random);
  const std::vector<float> weight = RandomValues(kColumns * kDepth, random);
  const std::vector<float> bias = RandomValues(kColumns, random);
  const std::vector<float> packed = Packed(weight, bias, kDepth, kColumns);
  std::vector<float> c(kRows * kColumns);
  MatrixProduct product;
  product.a = a.data();
  product.a_stride = kDepth;
  product.rows = kRows;
  product.depth = kDepth;
  product.packed = packed.data();
  product.columns = kColumns;
  product.activation = kActivations[0].activation;
  product.c = c.data();
  product.c_stride = kColumns;

  kernels().multiply(product);

  std::vector<double> expected;
  for (int64_t r = 0; r < kRows; ++r) {
    for (int64_t k = 0; k < kColumns; ++k) {
      double sum = bias[k];
      for (int64_t d = 0; d < kDepth; ++d)
        sum += static_cast<double>(a[r * kDepth + d]) * weight[k * kDepth + d];
      expected.push_back(sum);
    }
  }
  ExpectNear(c, expected, "long");
}

// Rows in pieces, as patches lie in an image, and results with room between them.
TEST_P(EvalKernelsTest, RowsInPiecesAndStridesMatch) {
  constexpr int64_t kRows = 13;
  constexpr int64_t kSegments = 3;
  constexpr int64_t kDepth = 5;
  constexpr int64_t kSegmentStride = 40;
  constexpr int64_t kStride = 2;
  constexpr int64_t kColumns = 19;
  constexpr int64_t kOutputStride = 23;
  Random random(kSeed);
  const int64_t taps = kSegments * kDepth;
  const std::vector<float> a = RandomValues(2 * kSegmentStride + kRows * kStride + kDepth, random);
  const std::vector<float> weight = RandomValues(kColumns * taps, random);
  const std::vector<float> bias = RandomValues(kColumns, random);
  const std::vector<float> packed = Packed(weight, bias, taps, kColumns);
  std::vector<float> c(kRows * kOutputStride, kUntouched);
  MatrixProduct product;
  product.a = a.data();
  product.a_stride = kStride;
  product.rows = kRows;
  product.segments = kSegments;
  product.segment_stride = kSegmentStride;
  product.depth = kDepth;
  product.packed = packed.data();
  product.columns = kColumns;
  product.activation = kActivations[0].activation;
  product.c = c.data();
  product.c_stride = kOutputStride;

  kernels().multiply(product);

  std::vector<double> expected;
  std::vector<float> actual;
  for (int64_t r = 0; r < kRows; ++r) {
    for (int64_t k = kColumns; k < kOutputStride; ++k) {
      EXPECT_EQ(c[r * kOutputStride + k], kUntouched);
    }
    for (int64_t k = 0; k < kColumns; ++k) {
      actual.push_back(c[r * kOutputStride + k]);
      double sum = bias[k];
      for (int64_t s = 0; s < kSegments; ++s) {
        for (int64_t d = 0; d < kDepth; ++d) {
          sum += static_cast<double>(a[r * kStride + s * kSegmentStride + d]) *
                 weight[k * taps + s * kDepth + d];
        }
      }
      expected.push_back(sum);
    }
  }
  ExpectNear(actual, expected, "pieces");
}

// A depthwise convolution of random values, with or without an expansion before it.
struct Depthwise {
  ExpandDepthwise task;
  std::vector<float> input;
  std::vector<float> expand_weight;
  std::vector<float> expand_bias;
  std::vector<float> filters;
  std::vector<float> bias;

  std::vector<float> Run(const EvalKernels& kernels) {
    const int64_t taps = task.kernel_size * task.kernel_size;
    std::vector<float> packed_filters(kernels.packed_size(taps, task.channels));
    kernels.pack_filters(filters.data(), bias.data(), taps, task.channels, packed_filters.data());
    std::vector<float> packed_expand;
    if (!expand_weight.empty()) {
      packed_expand.resize(kernels.packed_size(task.depth, task.channels));
      kernels.pack_matrix(expand_weight.data(), expand_bias.data(), task.depth, task.channels,
                          packed_expand.data());
      task.expand = packed_expand.data();
    }
    task.input = input.data();
    task.filters = packed_filters.data();
    // What lies there from other work does not count.
    std::vector<float> plane(kernels.plane_size(task) + 1, kUntouched);
    task.plane = plane.data();
    std::vector<float> output(
        task.images * task.out_height() * task.out_width() * task.channels + 1, kUntouched);
    task.output = output.data();
    kernels.expand_depthwise(task);
    EXPECT_EQ(plane.back(), kUntouched);
    EXPECT_EQ(output.back(), kUntouched);
    output.pop_back();
    return output;
  }

  // [images, height, width, channels] after the expansion.
  std::vector<double> Expanded() const {
    if (expand_weight.empty()) return {input.begin(), input.end()};
    std::vector<double> expanded;
    const int64_t pixels = task.images * task.height * task.width;
    for (int64_t p = 0; p < pixels; ++p) {
      for (int64_t c = 0; c < task.channels; ++c) {
        double sum = expand_bias[c];
        for (int64_t d = 0; d < task.depth; ++d) {
          sum += static_cast<double>(input[p * task.depth + d]) * expand_weight[c * task.depth + d];
        }
        expanded.push_back(Activate(sum, task.expand_activation));
      }
    }
    return expanded;
  }

  std::vector<double> Expected() const {
    const std::vector<double> x = Expanded();
    const int k = task.kernel_size;
    std::vector<double> output;
    for (int64_t n = 0; n < task.images; ++n) {
      for (int64_t y = 0; y < task.out_height(); ++y) {
        for (int64_t column = 0; column < task.out_width(); ++column) {
          for (int64_t c = 0; c < task.channels; ++c) {
            double sum = bias[c];
            for (int j = 0; j < k; ++j) {
              for (int i = 0; i < k; ++i) {
                const int64_t row = y * task.stride + j - k / 2;
                const int64_t from = column * task.stride + i - k / 2;
                if (row < 0 || row >= task.height || from < 0 || from >= task.width) continue;
                sum += x[((n * task.height + row) * task.width + from) * task.channels + c] *
                       filters[(c * k + j) * k + i];
              }
            }
            output.push_back(Activate(sum, task.activation));
          }
        }
      }
    }
    return output;
  }
};

struct Shape {
  int64_t images;
  int64_t height;
  int64_t width;
  int64_t channels;
};

Depthwise MakeDepthwise(const Shape& shape, int kernel_size, int stride, int64_t depth,
                        size_t number) {
  Random random(kSeed + number);
  Depthwise depthwise;
  ExpandDepthwise& task = depthwise.task;
  task.images = shape.images;
  task.height = shape.height;
  task.width = shape.width;
  task.channels = shape.channels;
  task.depth = depth > 0 ? depth : shape.channels;
  task.kernel_size = kernel_size;
  task.stride = stride;
  task.activation = kActivations[number % std::size(kActivations)].activation;
  task.expand_activation = kActivations[(number + 2) % std::size(kActivations)].activation;
  depthwise.input = RandomValues(shape.images * shape.height * shape.width * task.depth, random);
  depthwise.filters = RandomValues(shape.channels * kernel_size * kernel_size, random);
  depthwise.bias = RandomValues(shape.channels, random);
  if (depth > 0) {
    depthwise.expand_weight = RandomValues(shape.channels * depth, random);
    depthwise.expand_bias = RandomValues(shape.channels, random);
  }
  return depthwise;
}

// Images smaller than the kernel, widths of every remainder, odd channels, several panels, and one
// whose rows do not fit into one strip.
const Shape kShapes[] = {{2, 1, 1, 5},   {1, 2, 3, 8},   {2, 5, 4, 17},  {1, 7, 9, 33},
                         {1, 6, 13, 48}, {1, 9, 17, 71}, {1, 40, 61, 49}};

TEST_P(EvalKernelsTest, DepthwiseConvolutionsOfEveryShapeMatch) {
  size_t number = 0;
  for (const Shape& shape : kShapes) {
    for (const int kernel_size : {3, 5, 7}) {
      for (const int stride : {1, 2}) {
        Depthwise depthwise = MakeDepthwise(shape, kernel_size, stride, /*depth=*/0, number++);

        const std::vector<float> output = depthwise.Run(kernels());

        ExpectNear(output, depthwise.Expected(),
                   "shape " + std::to_string(number - 1) + " kernel " +
                       std::to_string(kernel_size) + " stride " + std::to_string(stride));
      }
    }
  }
}

// Padding is zero after the expansion, whatever its bias.
TEST_P(EvalKernelsTest, ExpansionsBeforeADepthwiseConvolutionMatch) {
  size_t number = 0;
  for (const Shape& shape : kShapes) {
    for (const int kernel_size : {3, 5, 7}) {
      for (const int stride : {1, 2}) {
        Depthwise depthwise =
            MakeDepthwise(shape, kernel_size, stride, 3 + number % 6, number + 100);
        ++number;

        const std::vector<float> output = depthwise.Run(kernels());

        ExpectNear(output, depthwise.Expected(),
                   "shape " + std::to_string(number - 1) + " kernel " +
                       std::to_string(kernel_size) + " stride " + std::to_string(stride));
      }
    }
  }
}

TEST_P(EvalKernelsTest, NotANumberIsKept) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Activation& activation : kActivations) {
    const std::vector<float> packed = Packed({1}, {0}, 1, 1);
    float c = 0;
    MatrixProduct product;
    product.a = &nan;
    product.a_stride = 1;
    product.rows = 1;
    product.depth = 1;
    product.packed = packed.data();
    product.columns = 1;
    product.activation = activation.activation;
    product.c = &c;
    product.c_stride = 1;

    kernels().multiply(product);

    EXPECT_TRUE(std::isnan(c)) << activation.name;
  }
}

TEST_P(EvalKernelsTest, PaddedImagesHaveZerosAround) {
  Random random(kSeed);
  for (const int64_t channels : {1, 3, 8, 17}) {
    constexpr int64_t kHeight = 4;
    constexpr int64_t kWidth = 5;
    constexpr int64_t kMargin = 2;
    const std::vector<float> image = RandomValues(kHeight * kWidth * channels, random);
    const int64_t columns = kWidth + 2 * kMargin;
    std::vector<float> padded((kHeight + 2 * kMargin) * columns * channels + 1, kUntouched);

    kernels().pad_image({image.data(), kHeight, kWidth, channels, kMargin, padded.data()});

    EXPECT_EQ(padded.back(), kUntouched);
    for (int64_t y = 0; y < kHeight + 2 * kMargin; ++y) {
      for (int64_t x = 0; x < columns; ++x) {
        const bool inside =
            y >= kMargin && y < kMargin + kHeight && x >= kMargin && x < kMargin + kWidth;
        for (int64_t c = 0; c < channels; ++c) {
          const float expected =
              inside ? image[((y - kMargin) * kWidth + x - kMargin) * channels + c] : 0;
          ASSERT_EQ(padded[(y * columns + x) * channels + c], expected) << y << "," << x;
        }
      }
    }
  }
}

TEST_P(EvalKernelsTest, MeansAndFactorsAreByColumn) {
  constexpr int64_t kRows = 9;
  Random random(kSeed);
  for (const int64_t columns : {1, 7, 8, 16, 21, 40}) {
    const std::vector<float> values = RandomValues(kRows * columns, random);
    const std::vector<float> factors = RandomValues(columns, random);
    std::vector<float> means(columns + 1, kUntouched);
    std::vector<float> scaled = values;
    scaled.push_back(kUntouched);

    kernels().column_means(values.data(), kRows, columns, means.data());
    kernels().scale_columns(factors.data(), kRows, columns, scaled.data());

    EXPECT_EQ(means.back(), kUntouched);
    EXPECT_EQ(scaled.back(), kUntouched);
    means.pop_back();
    std::vector<double> expected(columns, 0);
    for (int64_t r = 0; r < kRows; ++r) {
      for (int64_t c = 0; c < columns; ++c) {
        expected[c] += static_cast<double>(values[r * columns + c]) / kRows;
        ASSERT_EQ(scaled[r * columns + c], values[r * columns + c] * factors[c]);
      }
    }
    ExpectNear(means, expected, std::to_string(columns) + " columns");
  }
}

INSTANTIATE_TEST_SUITE_P(Sets, EvalKernelsTest, ::testing::ValuesIn(UsableKernels()),
                         [](const auto& info) {
                           return std::string(info.param->name) == "AVX2" ? "Avx2" : "Avx512";
                         });

// A result depends neither on the processor nor on the batch.
TEST(EvalKernelSetsTest, ConvolutionsHaveTheSameBitsInEverySet) {
  for (size_t i = 0; i < std::size(kShapes); ++i) {
    std::vector<std::vector<float>> outputs;
    for (const EvalKernels* kernels : UsableKernels()) {
      Depthwise depthwise = MakeDepthwise(kShapes[i], 5, 2, /*depth=*/7, i);
      outputs.push_back(depthwise.Run(*kernels));
    }
    ASSERT_FALSE(outputs.empty());
    for (const std::vector<float>& output : outputs) EXPECT_EQ(output, outputs[0]) << "shape " << i;
  }
}

}  // namespace
}  // namespace niwaki::supernet
