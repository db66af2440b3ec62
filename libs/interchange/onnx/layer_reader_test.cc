#include "libs/interchange/onnx/layer_reader.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/describe.h"
#include "libs/arch/graph.h"
#include "libs/base/status_matchers.h"
#include "libs/interchange/onnx/model_builder.h"
#include "libs/interchange/onnx/onnx_proto.h"
#include "libs/interchange/onnx/read_model.h"
#include "libs/interchange/onnx/test_model.h"
#include "libs/interchange/onnx/test_reading.h"
#include "libs/interchange/test_round_trip.h"

namespace niwaki::interchange {
namespace {

using arch::OpKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(LayerReaderTest, ImagesLieAsRowsOfPixels) {
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

TEST(LayerReaderTest, PoolAtAnotherScaleIsAMean) {
  TestOnnx model({1, 2, 3, 4});
  model.Requantise(model.Node("GlobalAveragePool", {model.Requantise("x", 1, 0)}), 0.5F, 0);
  const auto network = ReadOnnx(model.Pack());
  NIWAKI_ASSERT_OK(network);
  EXPECT_EQ(network->graph.ops[1].kind, OpKind::kMean);
}

TEST(LayerReaderTest, WeightsBehindAFlattenedImageFollowItsMemory) {
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

TEST(LayerReaderTest, ProductAndSumAreALinearLayer) {
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

TEST(LayerReaderTest, LayoutsThatAreNotReadAreNamed) {
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

TEST(LayerReaderTest, WeightsThatDoNotFitAreNamed) {
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

TEST(LayerReaderTest, PaddingIsThatOfTheAttributes) {
  TestOnnx model({1, 1, 5, 6});
  const std::string x = model.Requantise("x", 1, 128);
  std::string y = model.Node("MaxPool", {x});
  OnnxBuilder::SetIntegers(model.node(), "kernel_shape", {3, 2});
  OnnxBuilder::SetIntegers(model.node(), "pads", {1, 0, 2, 1});
  y = model.Requantise(y, 1, 128);
  y = model.Node("MaxPool", {y});
  OnnxBuilder::SetIntegers(model.node(), "kernel_shape", {3, 3});
  OnnxBuilder::SetIntegers(model.node(), "strides", {2, 2});
  OnnxBuilder::SetText(model.node(), "auto_pad", "SAME_UPPER");
  model.Requantise(y, 1, 128);
  const auto network = ReadOnnx(model.Pack());
  NIWAKI_ASSERT_OK(network);
  const arch::Op& own = network->graph.ops[1];
  EXPECT_EQ(own.padding, (arch::Padding{1, 2, 0, 1}));
  EXPECT_EQ(arch::ShapeText(network->graph.shape(own.output)), "6x6x1");
  // Of six cells three windows of three, every two: one cell of padding, behind.
  const arch::Op& same = network->graph.ops[2];
  EXPECT_EQ(same.padding, (arch::Padding{0, 1, 0, 1}));
  EXPECT_EQ(arch::ShapeText(network->graph.shape(same.output)), "3x3x1");
}

TEST(LayerReaderTest, PaddingThatCountsIsAnOperatorOfItsOwn) {
  TestOnnx model({1, 1, 4, 4});
  const std::string y = model.Node("AveragePool", {model.Requantise("x", 1, 128)});
  OnnxBuilder::SetIntegers(model.node(), "kernel_shape", {3, 3});
  OnnxBuilder::SetIntegers(model.node(), "pads", {1, 1, 1, 1});
  OnnxBuilder::SetInteger(model.node(), "count_include_pad", 1);
  model.Requantise(y, 1, 128);
  const auto network = ReadOnnx(model.Pack());
  NIWAKI_ASSERT_OK(network);
  EXPECT_THAT(KindsOf(*network),
              ElementsAre(OpKind::kQuantize, OpKind::kPad, OpKind::kAvgPool, OpKind::kDequantize));
  // The corner's window has four nines and five zeros of padding.
  EXPECT_EQ(OutputsOf(*network, std::vector<int8_t>(16, 9))[0], 4);
}

TEST(LayerReaderTest, PixelsAreRepeatedWholeTimes) {
  TestOnnx model({1, 1, 1, 2});
  const std::string x = model.Requantise("x", 1, 128);
  const std::string scales = model.builder().AddFloats("s", {1, 1, 2, 2}, {4});
  const std::string y = model.Node("Resize", {x, "", scales});
  model.Requantise(y, 1, 128);
  const auto network = ReadOnnx(model.Pack());
  NIWAKI_ASSERT_OK(network);
  EXPECT_THAT(OutputsOf(*network, {3, 5}), ElementsAre(3, 3, 5, 5, 3, 3, 5, 5));
  TestOnnx half({1, 1, 1, 2});
  const std::string image = half.Requantise("x", 1, 128);
  half.Node("Resize", {image, "", half.builder().AddFloats("s", {1, 1, 1, 1.5F}, {4})});
  EXPECT_THAT(ErrorOf(half.Pack()), HasSubstr("whole multiples of 1x2x1"));
}

TEST(LayerReaderTest, OtherPadsAreNamed) {
  TestOnnx model({1, 1, 2, 2});
  const std::string x = model.Requantise("x", 1, 128);
  model.Node("Pad", {x, model.builder().AddIntegers("p", {0, 1, 0, 0, 0, 0, 0, 0})});
  EXPECT_THAT(ErrorOf(model.Pack()), HasSubstr("of height and width"));
  TestOnnx mirrored({1, 1, 2, 2});
  const std::string image = mirrored.Requantise("x", 1, 128);
  mirrored.Node("Pad", {image, mirrored.builder().AddIntegers("p", {0, 0, 0, 0, 0, 0, 1, 1})});
  OnnxBuilder::SetText(mirrored.node(), "mode", "reflect");
  EXPECT_THAT(ErrorOf(mirrored.Pack()), HasSubstr("mode reflect, read: constant"));
}

}  // namespace
}  // namespace niwaki::interchange
