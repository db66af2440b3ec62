#include "tests/latency/operator_fit.h"

#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_matchers.h"

namespace niwaki::latency {
namespace {

using arch::OpActivation;
using arch::OpKind;

CountedOperator Counted(OpKind kind, int kernel, const Work& work, double instructions,
                        OpActivation activation = OpActivation::kNone) {
  CountedOperator counted;
  counted.op.kind = kind;
  counted.op.activation = activation;
  counted.op.SetWindow(kernel, 1);
  counted.work = work;
  counted.instructions = instructions;
  return counted;
}

// One operator of every kind.
std::vector<CountedOperator> OneOfEach() {
  const Work work = {1000, 100, 200, 50};
  std::vector<CountedOperator> operators;
  for (const OpKind kind : {OpKind::kDepthwiseConv2d, OpKind::kAdd, OpKind::kMul,
                            OpKind::kGlobalAvgPool, OpKind::kLinear}) {
    operators.push_back(Counted(kind, 1, work, 5000));
  }
  operators.push_back(Counted(OpKind::kConv2d, 1, work, 5000));
  operators.push_back(Counted(OpKind::kConv2d, 3, work, 5000));
  return operators;
}

TEST(OperatorFitTest, ClassesThatAreCountedGetTheirOwnCoefficients) {
  std::vector<CountedOperator> operators = OneOfEach();
  for (const double side : {4, 7, 9, 12}) {
    const double outputs = side * side * 8;
    const Work work = {outputs * 25, outputs, outputs, 200};
    operators.push_back(
        Counted(OpKind::kDepthwiseConv2d, 5, work, 30 * outputs + 400, OpActivation::kRelu));
    operators.push_back(Counted(OpKind::kDepthwiseConv2d, 5, work, 45 * outputs + 400));
  }

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto fitted, FitOperators(operators));

  const Work work = {0, 0, 1000, 200};
  EXPECT_NEAR(fitted.at("depthwise_conv2d_5x5_clamped").Cycles(work), 30400, 1);
  EXPECT_NEAR(fitted.at("depthwise_conv2d_5x5").Cycles(work), 45400, 1);
  // The kind is of both.
  EXPECT_GT(fitted.at("depthwise_conv").Cycles(work), 30400);
  EXPECT_LT(fitted.at("depthwise_conv").Cycles(work), 45400);
}

TEST(OperatorFitTest, OneOperatorIsFittedByItsMultiplyAccumulates) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto fitted, FitOperators(OneOfEach()));

  EXPECT_NEAR(fitted.at("conv2d_3x3").cycles_per_mac, 5, 1e-9);
  EXPECT_EQ(fitted.at("conv2d_3x3").cycles_per_call, 0);
  EXPECT_NEAR(fitted.at("conv").cycles_per_mac, 5, 1e-9);
}

TEST(OperatorFitTest, KindThatNobodyCountedIsNamed) {
  std::vector<CountedOperator> operators = OneOfEach();
  operators.pop_back();

  EXPECT_THAT(FitOperators(operators).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "no operator of kind conv was counted"));
}

}  // namespace
}  // namespace niwaki::latency
