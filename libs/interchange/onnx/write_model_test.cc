#include "libs/interchange/onnx/write_model.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/onnx/onnx_proto.h"
#include "libs/interchange/onnx/test_reading.h"
#include "libs/interchange/small_networks.h"

namespace niwaki::interchange {
namespace {

using ::testing::HasSubstr;

TEST(WriteOnnxTest, EveryKindOfOperatorComesBack) {
  for (const auto& [name, network] : SmallNetworks()) {
    SCOPED_TRACE(name);
    ExpectComesBack(network, 3);
  }
}

TEST(WriteOnnxTest, LevelsByAnotherScaleComeBack) {
  engine::QuantisedNetwork network = NetworkOf(arch::OpKind::kReshape, {2, 3, 2}, {1, 4, 3});
  network.tensors[1] = {1.0F / 7, 5};
  Append(network, arch::OpKind::kRescale, {1, 4, 3}, {1.0F / 9, -8});
  ExpectComesBack(network, 4);
}

TEST(WriteOnnxTest, ConvolutionStandsBetweenLevels) {
  const auto written =
      WriteOnnx(WindowNetwork(arch::OpKind::kConv2d, {7, 9, 3}, {7, 9, 4}, 3, 1, {1, 1, 1, 1}));
  NIWAKI_ASSERT_OK(written);
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(*written));
  EXPECT_EQ(model.opset_import(0).version(), 13);
  std::string operators;
  for (const onnx::NodeProto& node : model.graph().node()) operators += node.op_type() + " ";
  EXPECT_EQ(operators, "DequantizeLinear DequantizeLinear DequantizeLinear Conv QuantizeLinear ");
  // Images are channels first, weights int8 with one scale a channel.
  const auto& input = model.graph().input(0).type().tensor_type();
  EXPECT_EQ(input.elem_type(), onnx::TensorProto::INT8);
  EXPECT_EQ(input.shape().dim(1).dim_value(), 3);
  EXPECT_EQ(input.shape().dim(2).dim_value(), 7);
  EXPECT_EQ(model.graph().node(1).attribute(0).name(), "axis");
}

TEST(WriteOnnxTest, SameNetworkGivesSameBytes) {
  const engine::QuantisedNetwork network = SqueezeExciteNetwork();
  EXPECT_EQ(*WriteOnnx(network), *WriteOnnx(network));
  OnnxOptions options;
  options.output_name = "scores";
  EXPECT_THAT(*WriteOnnx(network, options), HasSubstr("scores"));
}

TEST(WriteOnnxTest, WhatTheFormatCannotSayIsRefusedByOperator) {
  engine::QuantisedNetwork network =
      WindowNetwork(arch::OpKind::kConv2d, {3, 3, 2}, {3, 3, 2}, 1, 1, {});
  network.graph.ops[0].activation = arch::OpActivation::kHardSwish;
  EXPECT_THAT(std::string(WriteOnnx(network).status().message()),
              HasSubstr("operator 0 (conv2d): the format fuses no such activation"));
  network = NetworkOf(arch::OpKind::kSoftmax, {1, 1, 6}, {1, 1, 6});
  EXPECT_THAT(std::string(WriteOnnx(network).status().message()),
              HasSubstr("operator 0 (softmax): a softmax gives this scale"));
  network.graph.ops.clear();
  network.graph.output = 0;
  EXPECT_THAT(std::string(WriteOnnx(network).status().message()), HasSubstr("is empty"));
}

}  // namespace
}  // namespace niwaki::interchange
