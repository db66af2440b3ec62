#include "libs/interchange/onnx/read_model.h"

#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/onnx/onnx_proto.h"
#include "libs/interchange/onnx/test_model.h"
#include "libs/interchange/onnx/test_outputs.h"

namespace niwaki::interchange {
namespace {

using arch::OpActivation;
using arch::OpKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string ErrorOf(const std::string& file) {
  const auto network = ReadOnnx(file);
  EXPECT_FALSE(network.ok());
  if (network.ok()) return "";
  EXPECT_EQ(GetErrorDetail(network.status())->reason, reason::kFileMalformed);
  return std::string(network.status().message());
}

// The error of a file that `change` has made of one with a convolution.
std::string ErrorAfter(const std::function<void(onnx::ModelProto&)>& change) {
  onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(ConvolutionOnnx().Pack()));
  change(model);
  return ErrorOf(model.SerializeAsString());
}

std::vector<OpKind> KindsOf(const engine::QuantisedNetwork& network) {
  std::vector<OpKind> kinds;
  for (const arch::Op& op : network.graph.ops) kinds.push_back(op.kind);
  return kinds;
}

TEST(ReadOnnxTest, UnsignedLevelsAreHeldLess128) {
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

TEST(ReadOnnxTest, ImagesLieAsRowsOfPixels) {
  TestOnnx model({1, 2, 3, 4});
  model.Requantise(model.Node("GlobalAveragePool", {model.Requantise("x", 1, 0)}), 1, 0);
  const auto network = ReadOnnx(model.Pack());
  NIWAKI_ASSERT_OK(network);
  const arch::TensorShape& shape = network->graph.shape(network->graph.input);
  EXPECT_EQ(shape.height, 3);
  EXPECT_EQ(shape.width, 4);
  EXPECT_EQ(shape.channels, 2);
  EXPECT_EQ(network->graph.ops[1].kind, OpKind::kGlobalAvgPool);
}

TEST(ReadOnnxTest, PoolAtAnotherScaleIsAMean) {
  TestOnnx model({1, 2, 3, 4});
  model.Requantise(model.Node("GlobalAveragePool", {model.Requantise("x", 1, 0)}), 0.5F, 0);
  const auto network = ReadOnnx(model.Pack());
  NIWAKI_ASSERT_OK(network);
  EXPECT_EQ(network->graph.ops[1].kind, OpKind::kMean);
}

TEST(ReadOnnxTest, WeightsBehindAFlattenedImageFollowItsMemory) {
  TestOnnx model({1, 2, 1, 3});
  const std::string flat = model.Node("Flatten", {model.Requantise("x", 1, 128)});
  const std::string weights = model.Weights({1, 2, 3, 4, 5, 6}, {1, 6}, {1});
  const std::string y = model.Node("Gemm", {flat, weights});
  OnnxBuilder::SetInteger(model.node(), "transB", 1);
  model.Requantise(y, 1, 128);
  const auto network = ReadOnnx(model.Pack());
  NIWAKI_ASSERT_OK(network);
  EXPECT_THAT(KindsOf(*network), ElementsAre(OpKind::kQuantize, OpKind::kReshape, OpKind::kLinear,
                                             OpKind::kDequantize));
  // Channels innermost: the file has three of the one, then three of the other.
  EXPECT_THAT(network->weights[0].values, ElementsAre(1, 4, 2, 5, 3, 6));
}

TEST(ReadOnnxTest, TransposesAroundALayerAreNoOperators) {
  TestOnnx model({1, 4, 4, 2});
  std::string y = model.Node("Transpose", {model.Requantise("x", 1, 0)});
  OnnxBuilder::SetIntegers(model.node(), "perm", {0, 3, 1, 2});
  y = model.Node("MaxPool", {y});
  OnnxBuilder::SetIntegers(model.node(), "kernel_shape", {2, 2});
  OnnxBuilder::SetIntegers(model.node(), "strides", {2, 2});
  model.Requantise(y, 1, 0);
  const auto network = ReadOnnx(model.Pack());
  NIWAKI_ASSERT_OK(network);
  // The file's input is [1, C, H, W] for us: its memory is turned once, to what the pool reads.
  EXPECT_THAT(KindsOf(*network), ElementsAre(OpKind::kQuantize, OpKind::kTranspose,
                                             OpKind::kMaxPool, OpKind::kDequantize));
}

TEST(ReadOnnxTest, ProductAndSumAreALinearLayer) {
  TestOnnx model({1, 3});
  const std::string x = model.Requantise("x", 1, 128);
  const std::string weights = model.Weights({1, 4, 2, 5, 3, 6}, {3, 2}, {1, 1}, /*axis=*/1);
  const std::string product = model.Node("MatMul", {x, weights});
  const std::string biases = model.builder().AddFloats("b", {7, -8}, {2});
  model.Requantise(model.Node("Add", {biases, product}), 1, 128);
  const auto network = ReadOnnx(model.Pack());
  NIWAKI_ASSERT_OK(network);
  EXPECT_THAT(network->weights[0].values, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(network->weights[0].biases, ElementsAre(7, -8));
  EXPECT_THAT(OutputsOf(*network, {1, 2, 3}), ElementsAre(14 + 7, 32 - 8));
}

TEST(ReadOnnxTest, JoinedPartsGetOneScale) {
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

TEST(ReadOnnxTest, ConstantOfChannelsIsAnOperand) {
  TestOnnx model({1, 2, 1, 2});
  const std::string x = model.Requantise("x", 1, 128);
  const std::string offsets = model.Weights({10, -10}, {2, 1, 1}, {1});
  model.Requantise(model.Node("Add", {offsets, x}), 1, 128);
  const auto network = ReadOnnx(model.Pack());
  NIWAKI_ASSERT_OK(network);
  EXPECT_THAT(OutputsOf(*network, {1, 2, 3, 4}), ElementsAre(11, -8, 13, -6));
}

TEST(ReadOnnxTest, CastsToTheSameTypeAreNoOperators) {
  TestOnnx model({1, 2, 1, 2});
  const std::string scale = model.Scalar(1);
  const std::string levels = model.Node("QuantizeLinear", {"x", scale});
  const std::string same = model.Node("Cast", {levels});
  OnnxBuilder::SetInteger(model.node(), "to", onnx::TensorProto::UINT8);
  model.Requantise(model.Node("Relu", {model.Node("DequantizeLinear", {same, scale})}), 1, 0);
  const auto network = ReadOnnx(model.Pack());
  NIWAKI_ASSERT_OK(network);
  EXPECT_THAT(KindsOf(*network),
              ElementsAre(OpKind::kQuantize, OpKind::kActivation, OpKind::kDequantize));
  TestOnnx other({1, 2});
  other.Node("Cast", {"x"});
  OnnxBuilder::SetInteger(other.node(), "to", onnx::TensorProto::INT8);
  EXPECT_THAT(ErrorOf(other.Pack()), HasSubstr("no value is read as one of another type"));
}

TEST(ReadOnnxTest, DamagedFilesAreRefused) {
  EXPECT_THAT(ErrorOf("what is this?"), HasSubstr("this is no ONNX file"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("names no operator set"));
  const std::string file = ConvolutionOnnx().Pack();
  for (const size_t size : {file.size() - 1, file.size() / 2, size_t{3}}) {
    EXPECT_FALSE(ReadOnnx(file.substr(0, size)).ok()) << size;
  }
}

TEST(ReadOnnxTest, OtherOpsetsAreNamed) {
  EXPECT_THAT(ErrorAfter([](auto& model) { model.mutable_opset_import(0)->set_version(11); }),
              HasSubstr("opset 11; opsets 13 to 17 are read"));
  EXPECT_THAT(ErrorAfter([](auto& model) { model.mutable_opset_import(0)->set_version(18); }),
              HasSubstr("opset 18"));
}

TEST(ReadOnnxTest, DynamicShapesAreNamed) {
  const std::string error = ErrorAfter([](auto& model) {
    auto& shape = *model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type();
    shape.mutable_shape()->mutable_dim(0)->set_dim_param("batch");
  });
  EXPECT_THAT(error, HasSubstr("the shape is dynamic"));
  EXPECT_THAT(error, HasSubstr("input \"x\" axis 0 batch"));
}

TEST(ReadOnnxTest, DataOfOtherFilesAreNamed) {
  EXPECT_THAT(ErrorAfter([](auto& model) {
                model.mutable_graph()->mutable_initializer(0)->set_data_location(
                    onnx::TensorProto::EXTERNAL);
              }),
              HasSubstr("the values lie in another file"));
}

TEST(ReadOnnxTest, OperatorsThatAreNotReadAreNamedByIndexAndName) {
  EXPECT_THAT(ErrorAfter([](auto& model) {
                model.mutable_graph()->mutable_node(3)->set_op_type("ConvTranspose");
                model.mutable_graph()->mutable_node(3)->set_name("up/Conv");
              }),
              HasSubstr("node 3 (ConvTranspose up/Conv): the operator is not read"));
  EXPECT_THAT(ErrorAfter([](auto& model) {
                model.mutable_graph()->mutable_node(3)->set_domain("com.example");
              }),
              HasSubstr("com.example.Conv"));
}

TEST(ReadOnnxTest, LayoutsThatAreNotReadAreNamed) {
  EXPECT_THAT(
      ErrorAfter([](auto& model) {
        OnnxBuilder::SetIntegers(*model.mutable_graph()->mutable_node(3), "dilations", {2, 2});
      }),
      HasSubstr("node 3 (Conv 3/Conv): dilated windows are not read"));
  EXPECT_THAT(ErrorAfter([](auto& model) {
                OnnxBuilder::SetInteger(*model.mutable_graph()->mutable_node(3), "group", 3);
              }),
              HasSubstr("convolutions of groups of channels are not read"));
  TestOnnx model({1, 2, 6});
  model.Requantise(model.Node("GlobalAveragePool", {model.Requantise("x", 1, 0)}), 1, 0);
  EXPECT_THAT(ErrorOf(model.Pack()), HasSubstr("the operator is read for images"));
}

TEST(ReadOnnxTest, NumbersWithoutScaleAreNamed) {
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

TEST(ReadOnnxTest, WeightsThatDoNotFitAreNamed) {
  EXPECT_THAT(ErrorAfter([](auto& model) {
                for (onnx::TensorProto& tensor : *model.mutable_graph()->mutable_initializer()) {
                  if (tensor.name() == "b") tensor.mutable_raw_data()->resize(4);
                }
              }),
              HasSubstr("constant \"b\": the constant is not whole"));
  TestOnnx model({1, 3, 1, 3});
  const std::string x = model.Requantise("x", 0.5F, 128);
  model.Node("Conv", {x, model.Weights({1, 2}, {1, 2, 1, 1}, {0.25F})});
  EXPECT_THAT(ErrorOf(model.Pack()), HasSubstr("the weights do not fit the input"));
}

}  // namespace
}  // namespace niwaki::interchange
