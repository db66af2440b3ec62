#include "libs/interchange/onnx/layout_reader.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
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

TEST(LayoutReaderTest, TransposesAroundALayerAreNoOperators) {
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

TEST(LayoutReaderTest, CastsToTheSameTypeAreNoOperators) {
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

TEST(LayoutReaderTest, AxesOfOneComeAndGo) {
  TestOnnx model({1, 3});
  const std::string x = model.Requantise("x", 1, 128);
  const std::string two = model.builder().AddIntegers("axes", {2, -1});
  std::string y = model.Node("Unsqueeze", {x, two});
  y = model.Requantise(model.Node("GlobalAveragePool", {y}), 1, 128);
  y = model.Node("Squeeze", {model.Node("Identity", {y}), two});
  y = model.Node("Reshape", {y, model.builder().AddIntegers("sizes", {0, -1})});
  model.Requantise(model.Node("Relu", {y}), 1, 128);
  const auto network = ReadOnnx(model.Pack());
  NIWAKI_ASSERT_OK(network);
  EXPECT_THAT(KindsOf(*network), ElementsAre(OpKind::kQuantize, OpKind::kGlobalAvgPool,
                                             OpKind::kActivation, OpKind::kDequantize));
  EXPECT_THAT(OutputsOf(*network, {1, -2, 3}), ElementsAre(1, 0, 3));
}

TEST(LayoutReaderTest, ReshapesKeepEveryElement) {
  TestOnnx model({1, 3});
  const std::string x = model.Requantise("x", 1, 128);
  model.Node("Reshape", {x, model.builder().AddIntegers("sizes", {1, 4})});
  EXPECT_THAT(ErrorOf(model.Pack()), HasSubstr("a reshape keeps every element (shape [1,4]"));
  TestOnnx other({1, 3});
  const std::string y = other.Requantise("x", 1, 128);
  other.Node("Unsqueeze", {y, other.builder().AddIntegers("axes", {1, 1})});
  EXPECT_THAT(ErrorOf(other.Pack()), HasSubstr("each of 4 axes once"));
}

// Zero points of channels, as PyTorch's converted networks have them.
TEST(LayoutReaderTest, ConstantsOfOneValueAreMade) {
  TestOnnx model({1, 2, 1, 2});
  const std::string x = model.Requantise("x", 1, 128);
  const std::string levels = model.builder().AddInt8("w", {1, 2, -3, 4}, {2, 2, 1, 1});
  const std::string scales = model.builder().AddFloats("ws", {1, 1}, {2});
  const std::string zeros =
      model.Node("ConstantOfShape", {model.builder().AddIntegers("two", {2})});
  onnx::AttributeProto& value = *model.node().add_attribute();
  value.set_name("value");
  value.set_type(onnx::AttributeProto::TENSOR);
  value.mutable_t()->set_data_type(onnx::TensorProto::INT8);
  value.mutable_t()->add_dims(1);
  value.mutable_t()->add_int32_data(0);
  const std::string weights = model.Node("DequantizeLinear", {levels, scales, zeros});
  OnnxBuilder::SetInteger(model.node(), "axis", 0);
  model.Requantise(model.Node("Conv", {x, weights}), 1, 128);
  const auto network = ReadOnnx(model.Pack());
  NIWAKI_ASSERT_OK(network);
  EXPECT_THAT(OutputsOf(*network, {1, 2, 3, 4}), ElementsAre(5, 5, 11, 7));
}

TEST(LayoutReaderTest, ConstantsOfAbsurdSizesAreRefused) {
  TestOnnx model({1, 2});
  model.Node("ConstantOfShape", {model.builder().AddIntegers("s", {1 << 20, 1 << 20})});
  EXPECT_THAT(ErrorOf(model.Pack()), HasSubstr("up to 65536 elements"));
}

}  // namespace
}  // namespace niwaki::interchange
