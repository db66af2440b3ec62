// A network that PyTorch exported (testdata/make_pytorch_network.py), against PyTorch's own
// outputs.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/onnx/read_model.h"
#include "libs/interchange/onnx/test_reading.h"

namespace niwaki::interchange {
namespace {

constexpr char kFolder[] = "libs/interchange/onnx/testdata/";
// PyTorch computes in float and rounds once where a kernel rounds its factor, its hard-swish and
// its sums.
constexpr int kMostLevelsOff = 1;

engine::QuantisedNetwork ReadFixture() {
  const auto file = ReadFile(std::string(kFolder) + "pytorch_network.onnx");
  EXPECT_TRUE(file.ok()) << file.status();
  auto network = ReadOnnx(file.value_or(""));
  EXPECT_TRUE(network.ok()) << network.status();
  return network.ok() ? *std::move(network) : engine::QuantisedNetwork();
}

// uint8 levels [C, H, W] as int8 levels [H, W, C].
std::vector<int8_t> AsInput(const std::vector<int>& levels, const arch::TensorShape& shape) {
  const int pixels = shape.height * shape.width;
  std::vector<int8_t> image(levels.size());
  for (int c = 0; c < shape.channels; ++c) {
    for (int pixel = 0; pixel < pixels; ++pixel) {
      image[pixel * shape.channels + c] = static_cast<int8_t>(levels[c * pixels + pixel] - 128);
    }
  }
  return image;
}

TEST(OnnxOfPyTorchTest, OutputsAreThoseOfPyTorch) {
  const engine::QuantisedNetwork network = ReadFixture();
  ASSERT_FALSE(network.graph.ops.empty());
  const auto text = ReadFile(std::string(kFolder) + "pytorch_network.json");
  NIWAKI_ASSERT_OK(text);
  const auto json = ParseJson(*text, "examples");
  NIWAKI_ASSERT_OK(json);
  ASSERT_EQ((*json)["examples"].size(), 4);
  int largest = 0;
  for (const Json& example : (*json)["examples"]) {
    const auto expected = example["scores"].get<std::vector<int>>();
    const std::vector<int8_t> output =
        OutputsOf(network, AsInput(example["image"].get<std::vector<int>>(),
                                   network.graph.shape(network.graph.input)));
    ASSERT_EQ(output.size(), expected.size());
    for (size_t i = 0; i < output.size(); ++i) {
      const int off = std::abs(output[i] + 128 - expected[i]);
      largest = std::max(largest, off);
      EXPECT_LE(off, kMostLevelsOff) << output[i] + 128 << " and " << expected[i];
    }
    EXPECT_EQ(std::max_element(output.begin(), output.end()) - output.begin(),
              std::max_element(expected.begin(), expected.end()) - expected.begin());
  }
  RecordProperty("levels_off", largest);
}

TEST(OnnxOfPyTorchTest, OperatorsAreThoseOfTheNetwork) {
  using arch::OpKind;
  std::vector<OpKind> kinds;
  for (const arch::Op& op : ReadFixture().graph.ops) kinds.push_back(op.kind);
  // A pool of averages that counts its padding is a pad and a pool; a max pool, which has no
  // QuantizeLinear of its own, comes where it is first read.
  EXPECT_THAT(kinds, ::testing::ElementsAre(
                         OpKind::kQuantize, OpKind::kConv2d, OpKind::kConv2d,
                         OpKind::kDepthwiseConv2d, OpKind::kActivation, OpKind::kMean,
                         OpKind::kConv2d, OpKind::kConv2d, OpKind::kActivation, OpKind::kMul,
                         OpKind::kConv2d, OpKind::kAdd, OpKind::kPad, OpKind::kAvgPool,
                         OpKind::kMaxPool, OpKind::kUpsample, OpKind::kRescale, OpKind::kRescale,
                         OpKind::kConcat, OpKind::kReshape, OpKind::kLinear, OpKind::kDequantize));
}

TEST(OnnxOfPyTorchTest, ComesBackFromOurOwnFile) { ExpectComesBack(ReadFixture(), 5); }

}  // namespace
}  // namespace niwaki::interchange
