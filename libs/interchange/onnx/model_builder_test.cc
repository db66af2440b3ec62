#include "libs/interchange/onnx/model_builder.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/interchange/onnx/constant.h"

namespace niwaki::interchange {
namespace {

using ::testing::ElementsAre;

TEST(OnnxModelBuilderTest, NodesConstantsAndBordersStandInTheFile) {
  OnnxBuilder builder("maker", "net");
  builder.SetInput("x", /*is_float=*/true, {1, 2, 3, 4});
  const std::string axes = builder.AddIntegers("axes", {2, 3});
  onnx::NodeProto& node = builder.AddNode("Squeeze", {"x", "", axes}, "y");
  OnnxBuilder::SetIntegers(node, "pads", {0, 1});
  OnnxBuilder::SetText(node, "mode", "constant");
  builder.SetOutput("y", /*is_float=*/false, {1, 2});

  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(builder.Serialize()));
  EXPECT_EQ(model.producer_name(), "maker");
  EXPECT_EQ(model.graph().name(), "net");
  ASSERT_EQ(model.graph().node_size(), 1);
  EXPECT_EQ(model.graph().node(0).name(), "0/Squeeze");
  EXPECT_THAT(model.graph().node(0).input(), ElementsAre("x", "", "axes"));
  EXPECT_THAT(model.graph().node(0).attribute(0).ints(), ElementsAre(0, 1));
  EXPECT_EQ(model.graph().node(0).attribute(1).s(), "constant");
  EXPECT_EQ(model.graph().output(0).type().tensor_type().elem_type(), onnx::TensorProto::INT8);
  EXPECT_EQ(builder.data_bytes(), 16);
}

TEST(OnnxModelBuilderTest, ConstantsAreReadAsTheyWereWritten) {
  OnnxBuilder builder("maker", "net");
  builder.AddFloats("scale", {0.25F}, {});
  builder.AddInt8("levels", {-128, 127}, {2});
  builder.AddInt32("biases", {1 << 20}, {1});
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(builder.Serialize()));
  const auto scale = ReadConstant(model.graph().initializer(0));
  NIWAKI_ASSERT_OK(scale);
  EXPECT_THAT(scale->floats, ElementsAre(0.25F));
  EXPECT_TRUE(scale->sizes.empty());
  EXPECT_THAT(ReadConstant(model.graph().initializer(1))->integers, ElementsAre(-128, 127));
  EXPECT_THAT(ReadConstant(model.graph().initializer(2))->integers, ElementsAre(1 << 20));
}

}  // namespace
}  // namespace niwaki::interchange
