#include "libs/predictor/mlp/mlp.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::predictor {
namespace {

constexpr int kInputs = 37;
constexpr int kRows = 211;

DenseLayer RandomLayer(int inputs, int outputs, bool bias, Random& random) {
  DenseLayer layer;
  layer.inputs = inputs;
  layer.outputs = outputs;
  for (int i = 0; i < inputs * outputs; ++i) {
    layer.weights.push_back(static_cast<float>(random.Normal() / std::sqrt(inputs)));
  }
  for (int i = 0; bias && i < outputs; ++i) {
    layer.bias.push_back(static_cast<float>(random.Normal()));
  }
  return layer;
}

// Widths that fill no panel and no tile.
std::vector<DenseLayer> RandomLayers(Random& random) {
  return {RandomLayer(kInputs, 83, true, random), RandomLayer(83, 50, false, random),
          RandomLayer(50, 19, true, random), RandomLayer(19, 1, true, random)};
}

SparseRows RandomRows(int rows, Random& random) {
  SparseRows made;
  for (int i = 0; i < rows; ++i) {
    for (int column = 0; column < kInputs; ++column) {
      if (random.Bernoulli(0.3)) made.columns.push_back(column);
    }
    made.ends.push_back(static_cast<int32_t>(made.columns.size()));
  }
  return made;
}

double Expected(const std::vector<DenseLayer>& layers, absl::Span<const int32_t> ones) {
  std::vector<double> values(kInputs, 0.0);
  for (const int32_t one : ones) values[one] = 1;
  for (size_t l = 0; l < layers.size(); ++l) {
    std::vector<double> next(layers[l].outputs);
    for (int o = 0; o < layers[l].outputs; ++o) {
      double sum = layers[l].bias.empty() ? 0 : layers[l].bias[o];
      for (int k = 0; k < layers[l].inputs; ++k) {
        sum += layers[l].weights[o * layers[l].inputs + k] * values[k];
      }
      next[o] = l + 1 < layers.size() ? std::max(sum, 0.0) : sum;
    }
    values = std::move(next);
  }
  return values[0];
}

TEST(MlpTest, EveryKernelComputesTheNetwork) {
  Random random(5);
  const std::vector<DenseLayer> layers = RandomLayers(random);
  const SparseRows rows = RandomRows(kRows, random);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Mlp mlp, Mlp::Create(layers));

  for (const DenseKernels* const* kernels = UsableDenseKernels(); *kernels != nullptr; ++kernels) {
    SCOPED_TRACE((*kernels)->name);
    std::vector<float> outputs(kRows);
    mlp.Forward(rows, absl::MakeSpan(outputs), **kernels);
    for (int i = 0; i < kRows; ++i) {
      ASSERT_NEAR(outputs[i], Expected(layers, rows.row(i)), 1e-5) << "row " << i;
    }
  }
}

TEST(MlpTest, WidthOfVectorsChangesNoBit) {
  Random random(6);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Mlp mlp, Mlp::Create(RandomLayers(random)));
  const SparseRows rows = RandomRows(kRows, random);
  std::vector<std::vector<float>> all;
  // The portable one, first in the list, has no fused multiply-add.
  for (const DenseKernels* const* kernels = UsableDenseKernels() + 1;
       kernels[-1] != nullptr && *kernels != nullptr; ++kernels) {
    std::vector<float>& outputs = all.emplace_back(kRows);
    mlp.Forward(rows, absl::MakeSpan(outputs), **kernels);
  }

  for (const std::vector<float>& outputs : all) EXPECT_EQ(outputs, all[0]);
}

TEST(MlpTest, DivisionIntoCallsChangesNoBit) {
  Random random(7);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Mlp mlp, Mlp::Create(RandomLayers(random)));
  const SparseRows rows = RandomRows(kRows, random);
  std::vector<float> together(kRows);
  mlp.Forward(rows, absl::MakeSpan(together));

  for (int i = 0; i < kRows; ++i) {
    SparseRows one;
    one.columns.assign(rows.row(i).begin(), rows.row(i).end());
    one.ends = {static_cast<int32_t>(one.columns.size())};
    std::vector<float> output(1);
    mlp.Forward(one, absl::MakeSpan(output));
    ASSERT_EQ(output[0], together[i]) << "row " << i;
  }
}

TEST(MlpTest, NoRowsAreFine) {
  Random random(8);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Mlp mlp, Mlp::Create(RandomLayers(random)));

  mlp.Forward(SparseRows(), {});
}

TEST(MlpTest, BadLayersAreNamed) {
  Random random(9);
  const std::vector<DenseLayer> good = RandomLayers(random);
  std::vector<DenseLayer> broken_chain = good;
  broken_chain[1] = RandomLayer(82, 50, true, random);
  std::vector<DenseLayer> not_finite = good;
  not_finite[2].weights[7] = std::numeric_limits<float>::quiet_NaN();
  std::vector<DenseLayer> short_bias = good;
  short_bias[0].bias.pop_back();
  std::vector<DenseLayer> wide = good;
  wide.back() = RandomLayer(19, 2, true, random);

  const auto expect = [](std::vector<DenseLayer> layers, const std::string& message) {
    EXPECT_THAT(Mlp::Create(layers), StatusIs(absl::StatusCode::kInvalidArgument, message));
    EXPECT_THAT(Mlp::Create(layers),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  };
  expect(broken_chain, "layers[1].inputs is 82; it must be 83");
  expect(not_finite, "layers[2].weights[7] is nan; it must be a finite number");
  expect(short_bias, "layers[0].bias is 82 numbers; it must be 83");
  expect(wide, "layers[3].outputs is 2; it must be 1");
  expect({good[0]}, "layers is 1; it must be at least 2");
}

}  // namespace
}  // namespace niwaki::predictor
