#include "libs/interchange/onnx/read_model.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_matchers.h"
#include "libs/interchange/onnx/test_model.h"
#include "libs/interchange/onnx/test_reading.h"

namespace niwaki::interchange {
namespace {

using arch::OpKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

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

TEST(ReadOnnxTest, WhatTheOutputDoesNotDependOnIsLeftOut) {
  TestOnnx model({1, 2, 1, 3});
  const std::string x = model.Requantise("x", 0.5F, 128);
  const std::string factors = model.Weights({1, 2}, {1, 2, 1, 1}, {0.25F});
  model.Requantise(model.Node("Mul", {x, factors}), 0.125F, 0);
  model.Requantise(model.Node("Relu", {x}), 0.25F, 0);

  const auto network = ReadOnnx(model.Pack());

  NIWAKI_ASSERT_OK(network);
  EXPECT_THAT(KindsOf(*network),
              ElementsAre(OpKind::kQuantize, OpKind::kActivation, OpKind::kDequantize));
  EXPECT_THAT(network->graph.tensors, SizeIs(4));
  EXPECT_TRUE(network->constants.empty());
  ExpectComesBack(*network, 1);
}

TEST(ReadOnnxTest, OutputThatDoesNotDependOnTheInputIsRefused) {
  TestOnnx model({1, 2, 1, 3});
  model.Requantise("x", 0.5F, 128);
  const std::string a = model.Weights({1, 2}, {1, 2, 1, 1}, {0.25F});
  const std::string b = model.Weights({3, 4}, {1, 2, 1, 1}, {0.25F});
  model.Requantise(model.Node("Mul", {a, b}), 0.125F, 0);
  EXPECT_THAT(ErrorOf(model.Pack()), HasSubstr("output does not depend on its input"));
}

}  // namespace
}  // namespace niwaki::interchange
