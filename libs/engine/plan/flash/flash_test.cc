#include "libs/engine/plan/flash/flash.h"

#include <cstddef>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/plan/flash/flash_constants.h"
#include "libs/engine/plan/kernel_choice.h"
#include "libs/engine/plan/network_plan.h"

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

FlashBytes FlashOf(const arch::Graph& graph) {
  return PlanFlash(graph, PlanNetwork(graph), KernelSet::kPlain);
}

KernelCalls UsedBy(const arch::Graph& graph) {
  return CallsOf(graph, PlanNetwork(graph), KernelSet::kPlain);
}

int CallsOfKernel(const arch::Graph& graph, Kernel kernel) {
  return UsedBy(graph).calls[static_cast<size_t>(kernel)];
}

KernelFlash ConstantsOf(Kernel kernel) { return kKernelFlash[static_cast<size_t>(kernel)]; }

// An operator of `kind` from tensor `input` to a new one of its shape.
arch::Op& Append(arch::Graph& graph, arch::OpKind kind, arch::TensorId input) {
  graph.tensors.push_back(arch::TensorShape(graph.shape(input)));
  arch::Op op;
  op.kind = kind;
  op.input = input;
  op.output = static_cast<arch::TensorId>(graph.tensors.size()) - 1;
  graph.ops.push_back(op);
  graph.output = op.output;
  return graph.ops.back();
}

TEST(FlashTest, CountsWeightsAndTables) {
  const FlashBytes bytes = FlashOf(SmallGraph());

  EXPECT_EQ(bytes.weights, 3 * 3 * 3 * 8 + 8 * 16 + 16 * 10);
  EXPECT_EQ(bytes.channel_tables, 9 * (8 + 16 + 10));
  EXPECT_EQ(bytes.activation_tables, 256);
  EXPECT_EQ(bytes.operands, 0);
  EXPECT_EQ(bytes.constants(), bytes.weights + bytes.channel_tables + bytes.activation_tables);
  EXPECT_EQ(bytes.total(), bytes.constants() + bytes.code);
}

TEST(FlashTest, KernelsCountOnceAndCallsEachTime) {
  const FlashBytes bytes = FlashOf(SmallGraph());

  const KernelFlash convolution = ConstantsOf(Kernel::kConvolution);
  const KernelFlash pool = ConstantsOf(Kernel::kAveragePool);
  const KernelFlash look_up = ConstantsOf(Kernel::kLookUp);
  EXPECT_EQ(bytes.code, kBaseFlashBytes + convolution.kernel_bytes + 3 * convolution.call_bytes +
                            pool.kernel_bytes + pool.call_bytes + look_up.kernel_bytes +
                            look_up.call_bytes);
}

TEST(FlashTest, ActivationThatIsNoClampIsACallOfItsOwn) {
  arch::Graph graph = SmallGraph();
  EXPECT_EQ(CallsOfKernel(graph, Kernel::kLookUp), 1);
  graph.ops[1].activation = arch::OpActivation::kRelu6;
  EXPECT_EQ(CallsOfKernel(graph, Kernel::kLookUp), 0);
  EXPECT_EQ(FlashOf(graph).activation_tables, 0);

  Append(graph, arch::OpKind::kActivation, graph.output).activation = arch::OpActivation::kLogistic;
  EXPECT_EQ(CallsOfKernel(graph, Kernel::kLookUp), 1);
  EXPECT_EQ(FlashOf(graph).activation_tables, 256);
}

TEST(FlashTest, DepthwiseThatOverwritesItsInputIsAnotherKernel) {
  arch::Graph graph = SmallGraph();
  graph.ops.resize(1);
  arch::Op& depthwise = Append(graph, arch::OpKind::kDepthwiseConv2d, 1);
  depthwise.SetWindow(3, 1);
  depthwise.weight = 1;
  EXPECT_EQ(CallsOfKernel(graph, Kernel::kDepthwiseInPlace), 1);

  arch::Op& add = Append(graph, arch::OpKind::kAdd, graph.output);
  add.second_input = 1;
  EXPECT_EQ(CallsOfKernel(graph, Kernel::kDepthwiseInPlace), 0);
  EXPECT_EQ(CallsOfKernel(graph, Kernel::kDepthwise), 1);
}

TEST(FlashTest, ConcatenationCopiesEachInput) {
  arch::Graph graph = SmallGraph();
  graph.extras.push_back({{1, 2, 1}, {0, 1, 2}, {false, false, false}});
  Append(graph, arch::OpKind::kConcat, 1).extra = 0;
  EXPECT_EQ(CallsOfKernel(graph, Kernel::kCopy), 3);
}

TEST(FlashTest, OperandsThatNobodyWritesCountOnce) {
  arch::Graph graph = SmallGraph();
  graph.tensors.push_back({1, 1, 10});
  const auto constant = static_cast<arch::TensorId>(graph.tensors.size()) - 1;
  Append(graph, arch::OpKind::kAdd, 4).second_input = constant;
  EXPECT_EQ(FlashOf(graph).operands, 10);
  Append(graph, arch::OpKind::kMul, graph.output).second_input = constant;
  EXPECT_EQ(FlashOf(graph).operands, 10);
}

TEST(FlashTest, FloatsAtTheBordersTakeNothing) {
  arch::Graph graph = SmallGraph();
  const FlashBytes before = FlashOf(graph);
  Append(graph, arch::OpKind::kDequantize, 4);
  EXPECT_EQ(FlashOf(graph).total(), before.total());
}

TEST(FlashTest, LargerSubnetNeedsMore) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));

  EXPECT_GT(FlashOf(arch::BuildGraph(space, arch::MaxSubnet(space))).total(),
            FlashOf(arch::BuildGraph(space, arch::MinSubnet(space))).total());
}

}  // namespace
}  // namespace niwaki::engine
