// The kernels of every instruction set that this machine has, against plain loops in double
// precision.

#include "libs/predictor/mlp/dense_kernels.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"

namespace niwaki::predictor {
namespace {

constexpr uint64_t kSeed = 9;
// Of sums of at most 67 products of numbers in [-1, 1].
constexpr double kTolerance = 1e-5;
// Where kernels must not write.
constexpr float kUntouched = 12345;

std::vector<const DenseKernels*> Usable() {
  std::vector<const DenseKernels*> kernels;
  for (const DenseKernels* const* next = UsableDenseKernels(); *next != nullptr; ++next) {
    kernels.push_back(*next);
  }
  return kernels;
}

// Random weights [panel][input][kPanel].
struct Layer {
  std::vector<float> weights;
  std::vector<float> bias;
  PackedLayer packed;

  Layer(int64_t inputs, int64_t panels, Random& random)
      : weights(panels * inputs * kPanel), bias(panels * kPanel) {
    for (std::vector<float>* values : {&weights, &bias}) {
      for (float& value : *values) value = static_cast<float>(2 * random.UniformDouble() - 1);
    }
    packed = {weights.data(), bias.data(), inputs, panels};
  }

  int64_t outputs() const { return packed.panels * kPanel; }
  double Weight(int64_t input, int64_t output) const {
    return weights[(output / kPanel * packed.inputs + input) * kPanel + output % kPanel];
  }
};

// Shapes with every number of panels up to more than the kernels sum at once, and odd numbers of
// rows.
struct Shape {
  int64_t rows;
  int64_t inputs;
  int64_t panels;
};
const Shape kShapes[] = {{1, 1, 1}, {2, 5, 2}, {3, 67, 3}, {7, 16, 4}, {13, 33, 5}, {29, 8, 9}};

class DenseKernelsTest : public ::testing::TestWithParam<const DenseKernels*> {};

TEST_P(DenseKernelsTest, DenseLayersOfEveryShapeMatch) {
  Random random(kSeed);
  for (const Shape& shape : kShapes) {
    const Layer layer(shape.inputs, shape.panels, random);
    const int64_t stride = shape.inputs + 3;
    std::vector<float> inputs(shape.rows * stride);
    for (float& value : inputs) value = static_cast<float>(2 * random.UniformDouble() - 1);
    std::vector<float> outputs(shape.rows * layer.outputs() + 1, kUntouched);

    GetParam()->dense_relu(layer.packed, inputs.data(), stride, shape.rows, outputs.data());

    EXPECT_EQ(outputs.back(), kUntouched);
    for (int64_t row = 0; row < shape.rows; ++row) {
      for (int64_t o = 0; o < layer.outputs(); ++o) {
        double sum = layer.bias[o];
        for (int64_t i = 0; i < shape.inputs; ++i) {
          sum += inputs[row * stride + i] * layer.Weight(i, o);
        }
        ASSERT_NEAR(outputs[row * layer.outputs() + o], std::max(sum, 0.0), kTolerance)
            << "row " << row << " output " << o << " seed " << kSeed;
      }
    }
  }
}

TEST_P(DenseKernelsTest, SparseRowsOfEveryLengthMatch) {
  Random random(kSeed);
  for (const Shape& shape : kShapes) {
    const Layer layer(shape.inputs, shape.panels, random);
    std::vector<int32_t> columns, ends;
    // Rows of none, one and more ones.
    for (int64_t row = 0; row < shape.rows; ++row) {
      for (int64_t i = 0; i < row % 4; ++i) {
        columns.push_back(static_cast<int32_t>(random.Uniform(shape.inputs)));
      }
      ends.push_back(static_cast<int32_t>(columns.size()));
    }
    columns.push_back(0);
    std::vector<float> outputs(shape.rows * layer.outputs() + 1, kUntouched);

    GetParam()->sparse_relu(layer.packed, columns.data(), ends.data(), shape.rows, outputs.data());

    EXPECT_EQ(outputs.back(), kUntouched);
    for (int64_t row = 0; row < shape.rows; ++row) {
      for (int64_t o = 0; o < layer.outputs(); ++o) {
        double sum = layer.bias[o];
        for (int32_t i = row == 0 ? 0 : ends[row - 1]; i < ends[row]; ++i) {
          sum += layer.Weight(columns[i], o);
        }
        ASSERT_NEAR(outputs[row * layer.outputs() + o], std::max(sum, 0.0), kTolerance)
            << "row " << row << " output " << o << " seed " << kSeed;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sets, DenseKernelsTest, ::testing::ValuesIn(Usable()),
                         [](const auto& info) { return std::string(info.param->name); });

TEST(DenseKernelSetsTest, ThePortableOneIsFirstAndTheBestIsLast) {
  ASSERT_FALSE(Usable().empty());
  EXPECT_EQ(std::string(Usable().front()->name), "portable");
  EXPECT_EQ(Usable().back(), &BestDenseKernels());
}

// All those that have a fused multiply-add.
TEST(DenseKernelSetsTest, VectorWidthChangesNoBit) {
  Random random(kSeed);
  const Layer layer(/*inputs=*/37, /*panels=*/5, random);
  std::vector<float> inputs(11 * 37);
  for (float& value : inputs) value = static_cast<float>(random.Normal());
  std::vector<std::vector<float>> outputs;

  for (const DenseKernels* kernels : Usable()) {
    if (std::string(kernels->name) == "portable") continue;
    outputs.emplace_back(11 * layer.outputs());
    kernels->dense_relu(layer.packed, inputs.data(), 37, 11, outputs.back().data());
  }

  for (const std::vector<float>& each : outputs) EXPECT_EQ(each, outputs[0]) << "seed " << kSeed;
}

}  // namespace
}  // namespace niwaki::predictor
