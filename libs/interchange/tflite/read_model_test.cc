#include "libs/interchange/tflite/read_model.h"

#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/host/runner.h"
#include "libs/interchange/tflite/test_model.h"

namespace niwaki::interchange {
namespace {

using arch::OpKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Refusal(const TestModel& model) {
  return std::string(ReadTflite(model.Pack()).status().message());
}

std::vector<int8_t> Answer(const TestModel& model, const std::vector<int8_t>& input) {
  const auto network = ReadTflite(model.Pack());
  EXPECT_TRUE(network.ok()) << network.status();
  if (!network.ok()) return {};
  auto runner = engine::HostRunner::Create(&*network);
  EXPECT_TRUE(runner.ok()) << runner.status();
  if (!runner.ok()) return {};
  const auto output = runner->Run(input);
  EXPECT_TRUE(output.ok()) << output.status();
  return output.ok() ? std::vector<int8_t>(output->begin(), output->end()) : std::vector<int8_t>();
}

// A model of one operator with one data input and constant integers behind it.
TestModel OneOperator(TfliteOperator code, const std::vector<int32_t>& in,
                      const std::vector<int32_t>& out, const std::vector<int32_t>& integers = {}) {
  TestModel model;
  std::vector<int> inputs = {model.Tensor(in)};
  if (!integers.empty()) inputs.push_back(model.Integers(integers));
  const int output = model.Tensor(out);
  model.Add(code, inputs, {output});
  model.subgraph().inputs = {inputs[0]};
  model.subgraph().outputs = {output};
  return model;
}

TEST(ReadTfliteTest, ConvolutionHasTensorFlowsPaddingAndItsNumbers) {
  const auto network = ReadTflite(ConvolutionModel().Pack());
  NIWAKI_ASSERT_OK(network);
  const arch::Op& op = network->graph.ops[0];
  EXPECT_EQ(op.kind, OpKind::kConv2d);
  EXPECT_EQ(op.activation, arch::OpActivation::kRelu);
  EXPECT_EQ(op.stride_h, 2);
  // SAME at stride 2 over 4: one row and column, below and to the right.
  EXPECT_EQ(op.padding.top, 0);
  EXPECT_EQ(op.padding.bottom, 1);
  EXPECT_EQ(op.padding.left, 0);
  EXPECT_EQ(op.padding.right, 1);
  EXPECT_EQ(network->tensors[op.input], (engine::Quantisation{0.5F, -1}));
  // (9 windows of 1 - -1, + 10) / 2 + 3 and so on: 9, 6, 6 and 4 pixels are covered.
  EXPECT_THAT(Answer(ConvolutionModel(), std::vector<int8_t>(16, 1)),
              ElementsAre(17, 31, 14, 25, 14, 25, 12, 21));
}

TEST(ReadTfliteTest, BiasesMayBeLeftOut) {
  TestModel model = ConvolutionModel();
  model.op(0).inputs[2] = -1;
  EXPECT_THAT(Answer(model, std::vector<int8_t>(16, 1))[0], 12);
  model.op(0).inputs.pop_back();
  EXPECT_THAT(Answer(model, std::vector<int8_t>(16, 1))[0], 12);
}

TEST(ReadTfliteTest, FloatNetworkIsRefusedWithHowToQuantise) {
  TestModel model = ConvolutionModel();
  model.tensor(0).type = schema::TensorType_FLOAT32;
  EXPECT_THAT(Refusal(model),
              HasSubstr("operator 0 (CONV_2D): the network computes in float; convert it with"));
}

TEST(ReadTfliteTest, WhatIsNotReadIsNamedByIndexAndName) {
  TestModel model = ConvolutionModel();
  auto* options = model.op(0).builtin_options.AsConv2DOptions();
  options->dilation_h = 2;
  EXPECT_EQ(Refusal(model),
            "operator 0 (CONV_2D): dilated convolutions are not read (dilation 2x1, read: 1x1)");
  options->dilation_h = 1;
  options->activation = schema::Activation_TANH;
  EXPECT_THAT(Refusal(model), HasSubstr("operator 0 (CONV_2D): the activation is not read"));
  model = ConvolutionModel();
  model.model().operator_codes[0]->builtin_code = 97 + 1;
  EXPECT_THAT(Refusal(model), HasSubstr("operator 0 (LEAKY_RELU): the operator is not read"));
  model.model().operator_codes[0]->builtin_code = 150;
  EXPECT_THAT(Refusal(model), HasSubstr("operator code 150"));
}

TEST(ReadTfliteTest, ShapesMustFollowFromEachOther) {
  TestModel model = ConvolutionModel();
  model.tensor(3).shape = {1, 3, 3, 2};
  EXPECT_THAT(Refusal(model), HasSubstr("output height 3, read: 2"));
  model = ConvolutionModel();
  model.tensor(1).shape = {2, 3, 3, 2};
  EXPECT_THAT(Refusal(model), HasSubstr("the weights do not fit input and output"));
  model = ConvolutionModel();
  model.tensor(0).shape = {2, 4, 4, 1};
  EXPECT_THAT(Refusal(model), HasSubstr("more than one image"));
  for (const int32_t side : {0, -4, 1 << 30}) {
    model.tensor(0).shape = {1, side, 4, 1};
    EXPECT_THAT(Refusal(model), HasSubstr("no usable size")) << side;
  }
}

TEST(ReadTfliteTest, HostileIndicesAreRefused) {
  for (const int index : {-1, 4, 1 << 30}) {
    TestModel model = ConvolutionModel();
    model.op(0).inputs[0] = index;
    EXPECT_THAT(Refusal(model), HasSubstr("no such tensor")) << index;
    model = ConvolutionModel();
    model.op(0).outputs[0] = index;
    EXPECT_THAT(Refusal(model), HasSubstr("no such tensor")) << index;
  }
  TestModel model = ConvolutionModel();
  model.op(0).opcode_index = 9;
  EXPECT_THAT(Refusal(model), HasSubstr("the file has no such code"));
  model = ConvolutionModel();
  // A cycle: the operator reads what it writes.
  model.op(0).inputs[0] = model.op(0).outputs[0];
  EXPECT_THAT(Refusal(model), HasSubstr("read before anything writes it"));
}

TEST(ReadTfliteTest, MissingQuantisationIsSaid) {
  TestModel model = ConvolutionModel();
  model.tensor(3).quantization.reset();
  EXPECT_THAT(Refusal(model), HasSubstr("the tensor is not quantised"));
  model = ConvolutionModel();
  model.tensor(1).quantization->scale = {1, 1, 1};
  EXPECT_THAT(Refusal(model), HasSubstr("weight scales 3, read: 1 or 2"));
  model = ConvolutionModel();
  model.tensor(0).quantization->scale = {0};
  EXPECT_THAT(Refusal(model), HasSubstr("a tensor needs a scale"));
}

TEST(ReadTfliteTest, ScalesMustBeFiniteAndAboveZero) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  for (const float scale : {0.0F, -1.0F, kInfinity, kNan}) {
    TestModel model = ConvolutionModel();
    model.tensor(3).quantization->scale = {scale};
    EXPECT_THAT(Refusal(model), HasSubstr("operator 0 (CONV_2D): a tensor needs a scale")) << scale;
  }
  for (const float scale : {kInfinity, kNan}) {
    TestModel model = ConvolutionModel();
    model.tensor(1).quantization->scale = {1, scale};
    EXPECT_THAT(Refusal(model), HasSubstr("a weight needs a scale")) << scale;
  }
  TestModel model = ConvolutionModel();
  model.tensor(3).quantization->zero_point = {128};
  EXPECT_THAT(Refusal(model), HasSubstr("a zero point is an int8"));
}

TEST(ReadTfliteTest, WrongTypesAreRefused) {
  TestModel model = ConvolutionModel();
  model.tensor(3).type = schema::TensorType_INT16;
  EXPECT_THAT(Refusal(model), HasSubstr("operator 0 (CONV_2D): tensors of this type are not read"));
  model = ConvolutionModel();
  model.tensor(1).type = schema::TensorType_UINT8;
  EXPECT_THAT(Refusal(model), HasSubstr("weights are int8; convert it with"));
  model = ConvolutionModel();
  model.tensor(2).type = schema::TensorType_INT8;
  EXPECT_THAT(Refusal(model), HasSubstr("this input must stand in the file"));
  model = ConvolutionModel();
  model.tensor(1).buffer = 1 << 20;
  EXPECT_THAT(Refusal(model), HasSubstr("the weights are not whole"));
}

TEST(ReadTfliteTest, OptionsMustBeTheOperators) {
  TestModel model = ConvolutionModel();
  model.op(0).builtin_options.Set(schema::AddOptionsT());
  EXPECT_THAT(Refusal(model),
              HasSubstr("the operator's options are missing or another operator's"));
  model = ConvolutionModel();
  model.op(0).builtin_options.AsConv2DOptions()->stride_w = 0;
  EXPECT_THAT(Refusal(model), HasSubstr("operator 0 (CONV_2D): the window has no usable size"));
  model = ConvolutionModel();
  model.op(0).builtin_options.AsConv2DOptions()->stride_h = -2;
  EXPECT_THAT(Refusal(model), HasSubstr("stride height -2"));
}

TEST(ReadTfliteTest, FilesOfAnotherKindAreRefused) {
  TestModel model = ConvolutionModel();
  model.model().version = 4;
  EXPECT_THAT(Refusal(model), HasSubstr("the file's version is 4"));
  model = ConvolutionModel();
  model.model().subgraphs.push_back(std::make_unique<schema::SubGraphT>());
  EXPECT_THAT(Refusal(model), HasSubstr("the file has 2 subgraphs"));
  model = ConvolutionModel();
  model.subgraph().operators.clear();
  EXPECT_THAT(Refusal(model), HasSubstr("the file has no operators"));
  model = ConvolutionModel();
  model.subgraph().outputs = {3, 0};
  EXPECT_THAT(Refusal(model), HasSubstr("the network has not one output (outputs 2, read: 1)"));
  model.subgraph().outputs = {2};
  EXPECT_THAT(Refusal(model), HasSubstr("no operator writes the network's output"));
}

TEST(ReadTfliteTest, SumsMustFitAnAccumulator) {
  TestModel model = ConvolutionModel();
  // 9 weights of 2 and levels up to 255 from the zero point make 4590.
  const int32_t biases[2] = {0, std::numeric_limits<int32_t>::max() - 4589};
  std::vector<uint8_t>& data = model.model().buffers[model.tensor(2).buffer]->data;
  std::memcpy(data.data(), biases, sizeof(biases));
  EXPECT_THAT(Refusal(model), HasSubstr("operator 0 (CONV_2D): weights and bias add up to more "
                                        "than an accumulator holds (sum of channel 1 2147483648"));
}

TEST(ReadTfliteTest, FloatsStayAtTheBorder) {
  // float → int8 → float → int8.
  TestModel model;
  std::vector<int> tensors;
  for (const bool is_float : {true, false, true, false}) {
    tensors.push_back(model.Tensor({1, 1, 1, 2}));
    if (is_float) model.tensor(tensors.back()).type = schema::TensorType_FLOAT32;
  }
  model.Add(TfliteOperator::kQuantize, {tensors[0]}, {tensors[1]});
  model.Add(TfliteOperator::kDequantize, {tensors[1]}, {tensors[2]});
  model.subgraph().inputs = {tensors[0]};
  model.subgraph().outputs = {tensors[2]};
  EXPECT_THAT(Answer(model, {1, 2}), ElementsAre(1, 2));
  model.Add(TfliteOperator::kQuantize, {tensors[2]}, {tensors[3]});
  model.subgraph().outputs = {tensors[3]};
  EXPECT_THAT(Refusal(model),
              HasSubstr("operator 1 (DEQUANTIZE): levels become floats where the network ends"));
  model.op(1).inputs = {tensors[0]};
  model.op(1).outputs = {tensors[3]};
  model.model().operator_codes[1]->deprecated_builtin_code = 114;
  model.model().operator_codes[1]->builtin_code = 114;
  EXPECT_THAT(Refusal(model),
              HasSubstr("operator 1 (QUANTIZE): floats are quantised where the network begins"));
}

TEST(ReadTfliteTest, LogisticAndSoftmaxHaveOneScale) {
  EXPECT_THAT(Refusal(OneOperator(TfliteOperator::kLogistic, {1, 2}, {1, 2})),
              HasSubstr("operator 0 (LOGISTIC): a logistic has this scale (output scale 1"));
  TestModel model = OneOperator(TfliteOperator::kSoftmax, {1, 4096}, {1, 4096});
  schema::SoftmaxOptionsT options;
  options.beta = 1;
  model.op(0).builtin_options.Set(std::move(options));
  model.tensor(1).quantization->scale = {1.0F / 256};
  model.tensor(1).quantization->zero_point = {-128};
  EXPECT_THAT(Refusal(model), HasSubstr("operator 0 (SOFTMAX): the sum of a softmax has 12 bits"));
}

TEST(ReadTfliteTest, PoolOverTheWholeImageIsTheGlobalOne) {
  TestModel model = OneOperator(TfliteOperator::kAveragePool2d, {1, 2, 3, 1}, {1, 1, 1, 1});
  schema::Pool2DOptionsT options;
  options.padding = schema::Padding_VALID;
  options.filter_h = options.stride_h = 2;
  options.filter_w = options.stride_w = 3;
  model.op(0).builtin_options.Set(std::move(options));
  const auto network = ReadTflite(model.Pack());
  NIWAKI_ASSERT_OK(network);
  EXPECT_EQ(network->graph.ops[0].kind, OpKind::kGlobalAvgPool);
  EXPECT_THAT(Answer(model, {1, 2, 3, 4, 5, 9}), ElementsAre(4));
}

TEST(ReadTfliteTest, CutFilesAreRefused) {
  const std::string whole = ConvolutionModel().Pack();
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(ReadTflite(absl::string_view(whole).substr(0, size)).ok()) << size;
  }
  EXPECT_THAT(std::string(ReadTflite("no model at all").status().message()),
              HasSubstr("this is no TensorFlow Lite file"));
}

TEST(ReadTfliteTest, FilesNeedNoAlignment) {
  const std::string shifted = "x" + ConvolutionModel().Pack();
  NIWAKI_ASSERT_OK(ReadTflite(absl::string_view(shifted).substr(1)));
}

TEST(ReadTfliteTest, PadTransposeMeanAndReshape) {
  EXPECT_THAT(Answer(OneOperator(TfliteOperator::kPad, {1, 1, 1, 1}, {1, 2, 2, 1},
                                 {0, 0, 1, 0, 0, 1, 0, 0}),
                     {7}),
              ElementsAre(0, 0, 7, 0));
  EXPECT_THAT(
      Answer(OneOperator(TfliteOperator::kTranspose, {1, 1, 2, 2}, {1, 2, 1, 2}, {0, 3, 1, 2}),
             {1, 10, 2, 20}),
      ElementsAre(1, 2, 10, 20));
  EXPECT_THAT(
      Answer(OneOperator(TfliteOperator::kMean, {1, 2, 2, 1}, {1, 1}, {1, 2}), {1, 2, 3, 4}),
      ElementsAre(3));
  EXPECT_THAT(
      Answer(OneOperator(TfliteOperator::kMean, {1, 2, 3}, {1, 2}, {2}), {1, 2, 3, 10, 20, 30}),
      ElementsAre(2, 20));
  EXPECT_THAT(Answer(OneOperator(TfliteOperator::kReshape, {1, 2, 2, 1}, {1, 4}), {1, 2, 3, 4}),
              ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(
      Refusal(OneOperator(TfliteOperator::kTranspose, {1, 1, 2, 2}, {1, 2, 1, 2}, {1, 0, 2, 3})),
      HasSubstr("operator 0 (TRANSPOSE): the transpose is not read (order [1,0,2,3]"));
  EXPECT_THAT(Refusal(OneOperator(TfliteOperator::kPad, {1, 1, 1, 1}, {1, 1, 1, 2},
                                  {0, 0, 0, 0, 0, 0, 1, 0})),
              HasSubstr("operator 0 (PAD): the padding is not read"));
}

TEST(ReadTfliteTest, ConcatenationAndResize) {
  TestModel model;
  const int first = model.Tensor({1, 1, 1, 2});
  const int second = model.Values({1, 1, 1, 1}, {9});
  const int output = model.Tensor({1, 1, 1, 3});
  schema::ConcatenationOptionsT options;
  options.axis = -1;
  model.Add(TfliteOperator::kConcatenation, {first, second}, {output}, options);
  const int larger = model.Tensor({1, 2, 1, 3});
  model.Add(TfliteOperator::kResizeNearestNeighbor, {output, model.Integers({2, 1})}, {larger},
            schema::ResizeNearestNeighborOptionsT());
  model.subgraph().inputs = {first};
  model.subgraph().outputs = {larger};
  EXPECT_THAT(Answer(model, {1, 2}), ElementsAre(1, 2, 9, 1, 2, 9));
}

TEST(ReadTfliteTest, AddOfAConstantPixelInEitherOrder) {
  for (const bool constant_first : {false, true}) {
    TestModel model;
    const int input = model.Tensor({1, 1, 2, 2});
    const int constant = model.Values({1, 1, 1, 2}, {10, 20});
    const int output = model.Tensor({1, 1, 2, 2});
    std::vector<int> inputs = {input, constant};
    if (constant_first) std::swap(inputs[0], inputs[1]);
    model.Add(TfliteOperator::kAdd, inputs, {output}, schema::AddOptionsT());
    model.subgraph().inputs = {input};
    model.subgraph().outputs = {output};
    EXPECT_THAT(Answer(model, {1, 2, 3, 4}), ElementsAre(11, 22, 13, 24));
  }
}

}  // namespace
}  // namespace niwaki::interchange
