#include "libs/interchange/onnx/graph_reader.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/onnx/model_builder.h"
#include "libs/interchange/onnx/onnx_proto.h"
#include "libs/interchange/onnx/read_model.h"
#include "libs/interchange/onnx/test_model.h"
#include "libs/interchange/onnx/test_reading.h"
#include "libs/interchange/test_round_trip.h"

namespace niwaki::interchange {
namespace {

using arch::OpActivation;
using arch::OpKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(GraphReaderTest, UnsignedLevelsAreHeldLess128) {
  const auto network = ReadOnnx(ConvolutionOnnx().Pack());
  NIWAKI_ASSERT_OK(network);
  EXPECT_THAT(KindsOf(*network),
              ElementsAre(OpKind::kQuantize, OpKind::kConv2d, OpKind::kDequantize));
  const arch::Op& op = network->graph.ops[1];
  EXPECT_EQ(op.activation, OpActivation::kRelu);
  EXPECT_EQ(network->tensors[op.input], (engine::Quantisation{0.5F, 0}));
  EXPECT_EQ(network->tensors[op.output], (engine::Quantisation{0.125F, -128}));
  // In units of 0.5 * 0.25 and 0.5 * 0.5.
  EXPECT_THAT(network->weights[0].biases, ElementsAre(4, -4));
  EXPECT_THAT(network->weights[0].values, ElementsAre(1, 2, -3, 4));
  EXPECT_THAT(network->weights[0].scales, ElementsAre(0.25F, 0.5F));
  // Pixels of two channels, one after the other: (2, 4) halves make 1 * 1 + 2 * 2, and half more,
  // times 1/4 and so on, at 1/8.
  EXPECT_THAT(OutputsOf(*network, {2, 4, 0, 0, -2, 0}),
              ElementsAre(-128 + 14, -128 + 12, -128 + 4, -128, -128 + 2, -128 + 4));
}

TEST(GraphReaderTest, ConstantOfChannelsIsAnOperand) {
  TestOnnx model({1, 2, 1, 2});
  const std::string x = model.Requantise("x", 1, 128);
  const std::string offsets = model.Weights({10, -10}, {2, 1, 1}, {1});
  model.Requantise(model.Node("Add", {offsets, x}), 1, 128);
  const auto network = ReadOnnx(model.Pack());
  NIWAKI_ASSERT_OK(network);
  EXPECT_THAT(OutputsOf(*network, {1, 2, 3, 4}), ElementsAre(11, -8, 13, -6));
}

TEST(GraphReaderTest, JoinedPartsGetOneScale) {
  TestOnnx model({1, 2, 2, 2});
  const std::string x = model.Requantise("x", 1, 128);
  const std::string y = model.Requantise(model.Node("Relu", {x}), 0.5F, 0);
  const std::string joined = model.Node("Concat", {x, y});
  OnnxBuilder::SetInteger(model.node(), "axis", 1);
  model.Requantise(joined, 1, 128);
  const auto network = ReadOnnx(model.Pack());
  NIWAKI_ASSERT_OK(network);
  EXPECT_THAT(KindsOf(*network),
              ElementsAre(OpKind::kQuantize, OpKind::kActivation, OpKind::kRescale, OpKind::kConcat,
                          OpKind::kDequantize));
}

TEST(GraphReaderTest, DynamicShapesAreNamed) {
  const std::string error = ErrorAfter([](auto& model) {
    auto& shape = *model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type();
    shape.mutable_shape()->mutable_dim(0)->set_dim_param("batch");
  });
  EXPECT_THAT(error, HasSubstr("the shape is dynamic"));
  EXPECT_THAT(error, HasSubstr("input \"x\" axis 0 batch"));
}

TEST(GraphReaderTest, DataOfOtherFilesAreNamed) {
  EXPECT_THAT(ErrorAfter([](auto& model) {
                model.mutable_graph()->mutable_initializer(0)->set_data_location(
                    onnx::TensorProto::EXTERNAL);
              }),
              HasSubstr("the values lie in another file"));
}

TEST(GraphReaderTest, NumbersWithoutScaleAreNamed) {
  TestOnnx model({1, 2, 1, 3});
  const std::string x = model.Requantise("x", 0.5F, 128);
  const std::string weights = model.Weights({1, 2, -3, 4}, {2, 2, 1, 1}, {0.25F, 0.5F});
  model.Node("HardSwish", {model.Node("Conv", {x, weights})});
  EXPECT_THAT(ErrorOf(model.Pack()),
              HasSubstr("node 4 (HardSwish 4/HardSwish): the network computes in float here"));
  TestOnnx open({1, 2, 1, 3});
  const std::string y = open.Requantise("x", 0.5F, 128);
  open.Node("Conv", {y, open.Weights({1, 2}, {1, 2, 1, 1}, {0.25F})});
  EXPECT_THAT(ErrorOf(open.Pack()), HasSubstr("at which scale the network's output is held"));
}

}  // namespace
}  // namespace niwaki::interchange
