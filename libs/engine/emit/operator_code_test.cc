#include "libs/engine/emit/operator_code.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/engine/emit/test_networks.h"
#include "libs/engine/plan/kernel_choice.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/engine/quantise/test_network.h"

namespace niwaki::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

OperatorCode CodeOf(const QuantisedNetwork& network, int index,
                    KernelSet kernels = KernelSet::kPlain) {
  return CodeOfOperator(network, PlanMemory(network.graph), index, "FLASH", kernels);
}

int FirstOf(const QuantisedNetwork& network, arch::OpKind kind) {
  int index = 0;
  while (network.graph.ops[index].kind != kind) ++index;
  return index;
}

TEST(OperatorCodeTest, ConvolutionIsItsConstantsAndOneCall) {
  const OperatorCode code = CodeOf(OneConvolution(), 0);
  EXPECT_THAT(code.constants, HasSubstr("int8_t weights_0[2] FLASH = {\n    1, 2,\n};"));
  EXPECT_THAT(code.constants, HasSubstr("biases_0[1] FLASH = {\n    3,\n};"));
  EXPECT_THAT(code.function, HasSubstr("// Operator 0: conv2d: 1x1x2 to 1x1x1\n"));
  EXPECT_THAT(code.function,
              HasSubstr("nw_convolution(&input, &output, &window, &filters, &levels, rows);"));
  EXPECT_EQ(code.kernel, "convolution");
  EXPECT_EQ(code.name, "run_0");
}

TEST(OperatorCodeTest, FastKernelsGetScratchMemory) {
  const OperatorCode code = CodeOf(OneConvolution(), 0, KernelSet::kFast);
  // Inputs of four pixels and two channels' weights, of four channels each.
  EXPECT_THAT(code.function, HasSubstr("nw_fast_pointwise(&input, &output, &filters, &levels, "));
  EXPECT_THAT(code.function, HasSubstr(", 640, rows);"));
  EXPECT_EQ(code.kernel, "fast/pointwise");
  const QuantisedNetwork network = BottleneckNetwork(1);
  const int depthwise = FirstOf(network, arch::OpKind::kDepthwiseConv2d);
  EXPECT_THAT(CodeOf(network, depthwise, KernelSet::kFast).function,
              HasSubstr("nw_fast_depthwise(&input, &output, &window, &filters, &levels, arena + "));
}

TEST(OperatorCodeTest, PlanWithoutScratchTakesPlainKernels) {
  PlanOptions options;
  options.scratch = false;
  const QuantisedNetwork network = OneConvolution();
  const OperatorCode code =
      CodeOfOperator(network, PlanMemory(network.graph, options), 0, "FLASH", KernelSet::kFast);
  EXPECT_EQ(code.kernel, "convolution");
}

TEST(OperatorCodeTest, DepthwiseInPlaceHasItsPlane) {
  const QuantisedNetwork network = BottleneckNetwork(1);
  const int index = FirstOf(network, arch::OpKind::kDepthwiseConv2d);
  const OperatorCode code = CodeOf(network, index);
  EXPECT_THAT(code.function, HasSubstr("nw_depthwise_in_place("));
  // 6 x 5 with 2 on every side.
  EXPECT_THAT(code.function, HasSubstr("plane = {10, 9};"));
}

TEST(OperatorCodeTest, WhatStaysOutsideHasNoCode) {
  const QuantisedNetwork network = ImportedNetwork(1);
  const int index = FirstOf(network, arch::OpKind::kQuantize);
  EXPECT_FALSE(IsComputed(network.graph.ops[index]));
  EXPECT_THAT(CodeOf(network, index).function, IsEmpty());
}

TEST(OperatorCodeTest, ReshapeInPlaceHasNoCode) {
  const QuantisedNetwork network = ImportedNetwork(1);
  EXPECT_THAT(CodeOf(network, FirstOf(network, arch::OpKind::kReshape)).function, IsEmpty());
}

TEST(OperatorCodeTest, ConstantOperandsLieInFlash) {
  const QuantisedNetwork network = ImportedNetwork(1);
  EXPECT_THAT(ConstantOperands(network, "FLASH"), HasSubstr("FLASH = {"));
  const int index = FirstOf(network, arch::OpKind::kAdd);
  EXPECT_THAT(CodeOf(network, index).function, HasSubstr("second = {constant_"));
}

}  // namespace
}  // namespace niwaki::engine
