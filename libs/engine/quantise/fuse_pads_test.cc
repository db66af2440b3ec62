#include "libs/engine/quantise/fuse_pads.h"

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/host/runner.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {
namespace {

using arch::Op;
using arch::OpKind;

// 2 x 2 x 1 → pads of these sizes → a 3 x 3 convolution of ones and as many outputs as fit.
QuantisedNetwork Padded(const std::vector<arch::Padding>& pads) {
  QuantisedNetwork network;
  arch::TensorShape shape = {2, 2, 1};
  network.graph.tensors = {shape};
  for (const arch::Padding& padding : pads) {
    Op pad;
    pad.kind = OpKind::kPad;
    pad.padding = padding;
    pad.input = static_cast<arch::TensorId>(network.graph.tensors.size()) - 1;
    pad.output = pad.input + 1;
    shape.height += padding.height();
    shape.width += padding.width();
    network.graph.tensors.push_back(shape);
    network.graph.ops.push_back(pad);
  }
  Op conv;
  conv.kind = OpKind::kConv2d;
  conv.kernel_h = conv.kernel_w = 3;
  conv.input = static_cast<arch::TensorId>(network.graph.tensors.size()) - 1;
  conv.output = conv.input + 1;
  conv.weight = 0;
  conv.bias = true;
  network.graph.ops.push_back(conv);
  network.graph.tensors.push_back({shape.height - 2, shape.width - 2, 1});
  network.graph.weights = {{arch::WeightRole::kImported, -1, 0}};
  network.graph.output = conv.output;
  network.tensors.assign(network.graph.tensors.size(), {1, -3});
  network.weights = {{std::vector<int8_t>(9, 1), {1}, {5}}};
  return network;
}

std::vector<int8_t> Outputs(const QuantisedNetwork& network) {
  auto runner = HostRunner::Create(&network);
  EXPECT_TRUE(runner.ok()) << runner.status();
  if (!runner.ok()) return {};
  const auto output = runner->Run(std::vector<int8_t>{1, 2, 3, 4});
  return output.ok() ? std::vector<int8_t>(output->begin(), output->end()) : std::vector<int8_t>();
}

TEST(FusePadsTest, ConvolutionTakesThePaddingOver) {
  const QuantisedNetwork apart = Padded({{1, 0, 1, 1}});

  const QuantisedNetwork fused = FusePads(apart);

  ASSERT_EQ(fused.graph.ops.size(), 1u);
  EXPECT_EQ(fused.graph.ops[0].padding, (arch::Padding{1, 0, 1, 1}));
  EXPECT_EQ(fused.graph.tensors.size(), 2u);
  EXPECT_EQ(Outputs(fused), Outputs(apart));
}

TEST(FusePadsTest, PadsInARowAndPadsOfNothingGo) {
  const QuantisedNetwork apart = Padded({{1, 1, 0, 0}, {}, {0, 1, 2, 1}});

  const QuantisedNetwork fused = FusePads(apart);

  ASSERT_EQ(fused.graph.ops.size(), 1u);
  EXPECT_EQ(fused.graph.ops[0].padding, (arch::Padding{1, 2, 2, 1}));
  EXPECT_EQ(Outputs(fused), Outputs(apart));
}

TEST(FusePadsTest, PadThatSomebodyElseReadsStays) {
  QuantisedNetwork apart = Padded({{1, 1, 1, 1}});
  apart.graph.output = 1;

  EXPECT_EQ(FusePads(apart).graph.ops.size(), 2u);
}

TEST(FusePadsTest, PaddingThatAByteDoesNotHoldStays) {
  const QuantisedNetwork fused = FusePads(Padded({{200, 0, 1, 1}, {200, 0, 0, 0}}));

  // The second pad joins the convolution, the first would be too much.
  ASSERT_EQ(fused.graph.ops.size(), 2u);
  EXPECT_EQ(fused.graph.ops[0].kind, OpKind::kPad);
  EXPECT_EQ(Outputs(fused), Outputs(Padded({{200, 0, 1, 1}, {200, 0, 0, 0}})));
}

TEST(FusePadsTest, MaxPoolTakesPaddingOfTheLeastLevelAlone) {
  QuantisedNetwork network = Padded({{1, 1, 1, 1}});
  network.graph.ops[1].kind = OpKind::kMaxPool;
  network.graph.ops[1].weight = -1;
  network.graph.ops[1].bias = false;
  network.graph.weights.clear();
  network.weights.clear();
  EXPECT_EQ(FusePads(network).graph.ops.size(), 2);
  for (Quantisation& quantisation : network.tensors) quantisation.zero_point = -128;
  const QuantisedNetwork fused = FusePads(network);
  ASSERT_EQ(fused.graph.ops.size(), 1);
  EXPECT_EQ(fused.graph.ops[0].padding, (arch::Padding{1, 1, 1, 1}));
  EXPECT_EQ(Outputs(fused), Outputs(network));
}

}  // namespace
}  // namespace niwaki::engine
