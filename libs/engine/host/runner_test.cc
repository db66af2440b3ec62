#include "libs/engine/host/runner.h"

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/engine/quantise/test_network.h"

namespace niwaki::engine {
namespace {

using arch::Op;
using arch::OpKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<int8_t> Outputs(const QuantisedNetwork& network, const std::vector<int8_t>& input) {
  auto runner = HostRunner::Create(&network);
  EXPECT_TRUE(runner.ok()) << runner.status();
  if (!runner.ok()) return {};
  const auto output = runner->Run(input);
  EXPECT_TRUE(output.ok()) << output.status();
  if (!output.ok()) return {};
  return std::vector<int8_t>(output->begin(), output->end());
}

// A network of one operator of `kind`, from a tensor of `in` to one of `out`, at scale 1.
QuantisedNetwork OneOperator(OpKind kind, arch::TensorShape in, arch::TensorShape out) {
  QuantisedNetwork network;
  network.graph.tensors = {in, out};
  network.tensors = {{1, 0}, {1, 0}};
  Op op;
  op.kind = kind;
  op.input = 0;
  op.output = 1;
  network.graph.ops = {op};
  network.graph.output = 1;
  return network;
}

TEST(HostRunnerTest, ConvolutionAndWhatFollows) {
  EXPECT_THAT(Outputs(OneConvolution(), {10, 20}), ElementsAre(53));
  EXPECT_THAT(Outputs(WithOperator(OpKind::kRescale, {2, -1}), {10, 20}), ElementsAre(26));
}

TEST(HostRunnerTest, LinearReadsItsInputAsOneRow) {
  QuantisedNetwork network = OneConvolution();
  network.graph.ops[0].kind = OpKind::kLinear;
  EXPECT_THAT(Outputs(network, {1, 1}), ElementsAre(6));
}

TEST(HostRunnerTest, ConstantIsAnOperand) {
  QuantisedNetwork network = OneOperator(OpKind::kAdd, {1, 2, 2}, {1, 2, 2});
  network.graph.tensors.push_back({1, 1, 2});
  network.tensors.push_back({1, 0});
  network.constants[2] = {10, 20};
  network.graph.ops[0].second_input = 2;
  EXPECT_THAT(Outputs(network, {1, 2, 3, 4}), ElementsAre(11, 22, 13, 24));
  network.graph.ops[0].kind = OpKind::kMul;
  EXPECT_THAT(Outputs(network, {1, 2, 3, 4}), ElementsAre(10, 40, 30, 80));
}

TEST(HostRunnerTest, ConcatenationJoinsChannels) {
  QuantisedNetwork network = OneOperator(OpKind::kConcat, {1, 2, 1}, {1, 2, 3});
  network.graph.tensors.push_back({1, 2, 2});
  network.tensors.push_back({1, 0});
  network.constants[2] = {7, 8, 9, 10};
  network.graph.ops[0].input = -1;
  network.graph.ops[0].extra = 0;
  arch::OpExtra extra;
  extra.inputs = {0, 2};
  network.graph.extras = {extra};
  EXPECT_THAT(Outputs(network, {1, 2}), ElementsAre(1, 7, 8, 2, 9, 10));
}

TEST(HostRunnerTest, MeanGoesOverTheAxesThatItNames) {
  QuantisedNetwork network = OneOperator(OpKind::kMean, {2, 2, 2}, {1, 1, 2});
  network.graph.ops[0].extra = 0;
  arch::OpExtra extra;
  extra.axes = {true, true, false};
  network.graph.extras = {extra};
  EXPECT_THAT(Outputs(network, {1, 10, 2, 20, 3, 30, 4, 40}), ElementsAre(3, 25));
  network.graph.tensors[1] = {2, 2, 1};
  network.graph.extras[0].axes = {false, false, true};
  EXPECT_THAT(Outputs(network, {1, 10, 2, 20, 3, 30, 4, 40}), ElementsAre(6, 11, 17, 22));
  network.graph.tensors[1] = {2, 1, 2};
  network.graph.extras[0].axes = {false, true, false};
  EXPECT_THAT(Outputs(network, {1, 10, 2, 20, 3, 30, 4, 40}), ElementsAre(2, 15, 4, 35));
}

TEST(HostRunnerTest, PadsWithTheZeroPoint) {
  QuantisedNetwork network = OneOperator(OpKind::kPad, {1, 1, 1}, {2, 2, 1});
  network.graph.ops[0].padding = {0, 1, 1, 0};
  network.tensors = {{1, -5}, {1, -5}};
  EXPECT_THAT(Outputs(network, {7}), ElementsAre(-5, 7, -5, -5));
}

TEST(HostRunnerTest, FloatsStayOutside) {
  QuantisedNetwork network = OneConvolution();
  // A float tensor before, one behind.
  network.graph.tensors.push_back({1, 1, 2});
  network.graph.tensors.push_back({1, 1, 1});
  network.tensors.resize(4);
  Op first;
  first.kind = OpKind::kQuantize;
  first.input = 2;
  first.output = 0;
  Op last;
  last.kind = OpKind::kDequantize;
  last.input = 1;
  last.output = 3;
  network.graph.ops = {first, network.graph.ops[0], last};
  network.graph.input = 2;
  network.graph.output = 3;
  EXPECT_THAT(Outputs(network, {10, 20}), ElementsAre(53));
}

TEST(HostRunnerTest, ObserverSeesEveryOperator) {
  const QuantisedNetwork network = WithOperator(OpKind::kRescale, {2, -1});
  auto runner = HostRunner::Create(&network);
  NIWAKI_ASSERT_OK(runner);
  std::vector<int> seen;
  NIWAKI_ASSERT_OK(
      runner->Run(std::vector<int8_t>{10, 20}, [&](int index, absl::Span<const int8_t> output) {
        seen.push_back(index);
        seen.push_back(output[0]);
      }));
  EXPECT_THAT(seen, ElementsAre(0, 53, 1, 26));
}

TEST(HostRunnerTest, WrongInputSizeIsRefusedWithBothSizes) {
  const QuantisedNetwork network = OneConvolution();
  auto runner = HostRunner::Create(&network);
  NIWAKI_ASSERT_OK(runner);
  EXPECT_THAT(std::string(runner->Run(std::vector<int8_t>{1}).status().message()),
              HasSubstr("reads 2 values, not 1"));
}

}  // namespace
}  // namespace niwaki::engine
