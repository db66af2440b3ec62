#include "libs/engine/plan/flash.h"

#include <utility>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/operator_facts.h"
#include "libs/arch/subnet.h"
#include "libs/base/status_matchers.h"

namespace niwaki::engine {
namespace {

// A 3x3 convolution 3→8 with batch norm, a hard-swish 1x1 convolution 8→16 and a classifier 16→10.
arch::Graph SmallGraph() {
  arch::Graph graph;
  graph.tensors = {{4, 4, 3}, {4, 4, 8}, {4, 4, 16}, {1, 1, 16}, {1, 1, 10}};
  arch::Op stem;
  stem.SetWindow(/*kernel_size=*/3, /*stride=*/1);
  stem.batch_norm = true;
  stem.input = 0;
  stem.output = 1;
  stem.weight = 0;
  arch::Op expand;
  expand.activation = arch::OpActivation::kHardSwish;
  expand.batch_norm = true;
  expand.input = 1;
  expand.output = 2;
  expand.weight = 1;
  arch::Op pool;
  pool.kind = arch::OpKind::kGlobalAvgPool;
  pool.input = 2;
  pool.output = 3;
  arch::Op classifier;
  classifier.kind = arch::OpKind::kLinear;
  classifier.bias = true;
  classifier.input = 3;
  classifier.output = 4;
  classifier.weight = 2;
  graph.ops = {stem, expand, pool, classifier};
  graph.output = 4;
  return graph;
}

TEST(FlashTest, CountsWeightsAndTables) {
  const FlashBytes bytes = PlanFlash(SmallGraph());

  EXPECT_EQ(bytes.weights, 3 * 3 * 3 * 8 + 8 * 16 + 16 * 10);
  EXPECT_EQ(bytes.channel_tables, 9 * (8 + 16 + 10));
  EXPECT_EQ(bytes.activation_tables, 256);
  EXPECT_EQ(bytes.code, kRuntimeCodeBytes + 4 * kKernelCodeBytes);
  EXPECT_EQ(bytes.total(),
            bytes.weights + bytes.channel_tables + bytes.activation_tables + bytes.code);
}

TEST(FlashTest, EqualKernelsCountOnce) {
  arch::Graph graph = SmallGraph();
  const int before = CountKernels(graph);
  graph.ops.push_back(graph.ops[1]);

  EXPECT_EQ(CountKernels(graph), before);

  graph.ops.back().activation = arch::OpActivation::kRelu6;
  EXPECT_EQ(CountKernels(graph), before + 1);
}

TEST(FlashTest, PoolsAreKernelsOfTheirOwn) {
  arch::Graph graph = SmallGraph();
  const int before = CountKernels(graph);
  arch::Op pool = graph.ops[2];
  for (const arch::OpKind kind : {arch::OpKind::kMaxPool, arch::OpKind::kAvgPool}) {
    pool.kind = kind;
    graph.ops.push_back(pool);
  }

  EXPECT_EQ(CountKernels(graph), before + 2);
}

TEST(FlashTest, EveryKindOfOperatorIsAKernel) {
  for (const arch::OpFacts& facts : arch::kOpFacts) {
    arch::Graph graph = SmallGraph();
    graph.ops.resize(1);
    const int before = CountKernels(graph);
    graph.ops.push_back(graph.ops[0]);
    graph.ops[1].kind = facts.kind;
    // No other operator of the graph has it.
    graph.ops[1].SetWindow(/*kernel_size=*/7, /*stride=*/2);
    graph.ops[1].activation = arch::OpActivation::kHardSwish;

    EXPECT_EQ(CountKernels(graph), before + 1) << facts.name;
  }
}

TEST(FlashTest, KernelsOfOtherWindowsAreToldApart) {
  arch::Graph graph = SmallGraph();
  const int before = CountKernels(graph);
  arch::Op op = graph.ops[0];
  const std::pair<int, int> kernels[] = {{10, 4}, {4, 10}, {1, 3}, {3, 1}, {9, 9}, {11, 11}};
  for (const auto& [height, width] : kernels) {
    op.kernel_h = static_cast<uint16_t>(height);
    op.kernel_w = static_cast<uint16_t>(width);
    // The second one only pads otherwise.
    for (const uint8_t top : {0, 1}) {
      op.padding.top = top;
      graph.ops.push_back(op);
    }
  }

  EXPECT_EQ(CountKernels(graph), before + 6);

  op.stride_w = 3;
  graph.ops.push_back(op);
  EXPECT_EQ(CountKernels(graph), before + 7);
}

TEST(FlashTest, LargerSubnetNeedsMore) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));

  EXPECT_GT(PlanFlash(arch::BuildGraph(space, arch::MaxSubnet(space))).total(),
            PlanFlash(arch::BuildGraph(space, arch::MinSubnet(space))).total());
}

}  // namespace
}  // namespace niwaki::engine
