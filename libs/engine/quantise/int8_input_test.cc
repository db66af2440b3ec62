#include "libs/engine/quantise/int8_input.h"

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/host/runner.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/engine/quantise/test_network.h"

namespace niwaki::engine {
namespace {

// Floats → int8 at scale 1 → OneConvolution.
QuantisedNetwork FromFloats() {
  const QuantisedNetwork inner = OneConvolution();
  QuantisedNetwork network = inner;
  network.graph.tensors.insert(network.graph.tensors.begin(), {1, 1, 2});
  network.tensors.insert(network.tensors.begin(), Quantisation());
  arch::Op quantise;
  quantise.kind = arch::OpKind::kQuantize;
  quantise.input = 0;
  quantise.output = 1;
  network.graph.ops[0].input = 1;
  network.graph.ops[0].output = 2;
  network.graph.ops.insert(network.graph.ops.begin(), quantise);
  network.graph.output = 2;
  return network;
}

std::vector<int8_t> Outputs(const QuantisedNetwork& network) {
  auto runner = HostRunner::Create(&network);
  EXPECT_THAT(runner, IsOk());
  if (!runner.ok()) return {};
  const auto output = runner->Run(std::vector<int8_t>{5, -7});
  EXPECT_THAT(output, IsOk());
  return output.ok() ? std::vector<int8_t>(output->begin(), output->end()) : std::vector<int8_t>();
}

TEST(Int8InputTest, QuantisingIsLeftToTheCaller) {
  const QuantisedNetwork floats = FromFloats();
  NIWAKI_ASSERT_OK(Validate(floats));

  const QuantisedNetwork levels = WithInt8Input(floats);

  NIWAKI_ASSERT_OK(Validate(levels));
  ASSERT_EQ(levels.graph.ops.size(), 1u);
  EXPECT_EQ(levels.graph.ops[0].kind, arch::OpKind::kConv2d);
  EXPECT_EQ(levels.graph.tensors.size(), 2u);
  EXPECT_EQ(levels.tensors[levels.graph.input], floats.tensors[1]);
  EXPECT_THAT(Outputs(levels), ::testing::ElementsAre(5 - 2 * 7 + 3));
  EXPECT_EQ(Outputs(levels), Outputs(floats));
}

TEST(Int8InputTest, NetworkThatTakesInt8StaysAsItIs) {
  const QuantisedNetwork network = OneConvolution();

  EXPECT_EQ(WithInt8Input(network).graph.ops.size(), 1u);
  EXPECT_EQ(WithInt8Input(network).graph.input, network.graph.input);
}

TEST(Int8InputTest, FloatsThatAnotherOperatorReadsStay) {
  QuantisedNetwork network = FromFloats();
  network.graph.ops.push_back(network.graph.ops[0]);
  network.graph.tensors.push_back({1, 1, 2});
  network.tensors.push_back({1, 0});
  network.graph.ops.back().output = 3;

  EXPECT_EQ(WithInt8Input(network).graph.ops.size(), 3u);
}

}  // namespace
}  // namespace niwaki::engine
