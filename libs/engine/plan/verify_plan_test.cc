#include "libs/engine/plan/verify_plan.h"

#include <algorithm>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/operator_facts.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"

namespace niwaki::engine {
namespace {

using arch::Graph;
using arch::Op;
using arch::OpKind;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

// [8, 8, 4] -> conv2d -> depthwise 3x3, in place -> conv2d -> add of the first tensor.
//   0         -> 1      -> 2                    -> 3      -> 4
Graph Residual() {
  Graph graph;
  graph.tensors = {{8, 8, 4}, {8, 8, 16}, {8, 8, 16}, {8, 8, 4}, {8, 8, 4}};
  for (int i = 0; i < 4; ++i) {
    Op op;
    op.input = i;
    op.output = i + 1;
    graph.ops.push_back(op);
  }
  graph.ops[1].kind = OpKind::kDepthwiseConv2d;
  graph.ops[1].SetWindow(/*kernel_size=*/3, /*stride=*/1);
  graph.ops[3].kind = OpKind::kAdd;
  graph.ops[3].second_input = 0;
  graph.output = 4;
  return graph;
}

// Where tensors of Residual begin and end in a plan by hand: bytes 0 to 256 image, then 1024 of the
// expanded tensor, then 256 of the projected one, then scratch.
NetworkPlan ResidualPlan() {
  NetworkPlan plan = {WholeSchedule(Residual()), {}};
  MemoryPlan& memory = plan.memory;
  memory.tensors = {
      {0, 256, 0, 3}, {256, 1024, 0, 1}, {256, 1024, 1, 2}, {1280, 256, 2, 3}, {1280, 256, 3, 3}};
  memory.tensors[1].layout = memory.tensors[2].layout = Layout::kPlanar;
  memory.scratch = {{1536, 640, 0, 0}, {1536, 384, 1, 1}, {1536, 640, 2, 2}, {}};
  memory.overwrites = {-1, 1, -1, 3};
  memory.arena_bytes = 2176;
  return plan;
}

TEST(VerifyPlanTest, PlanByHandIsSafe) {
  NIWAKI_EXPECT_OK(VerifyPlan(Residual(), ResidualPlan()));
  NIWAKI_EXPECT_OK(VerifyPlan(Residual(), PlanNetwork(Residual())));
}

TEST(VerifyPlanTest, ShiftedOffsetIsCaught) {
  NetworkPlan plan = ResidualPlan();
  plan.memory.tensors[1].offset_bytes -= 4;
  plan.memory.tensors[2].offset_bytes -= 4;

  EXPECT_THAT(VerifyPlan(Residual(), plan),
              StatusIs(kInvalid,
                       "operator 0 (conv2d) writes tensor 1 over bytes [252, 256) of tensor 0, "
                       "which operator 3 (add) reads"));
}

TEST(VerifyPlanTest, ShrunkArenaIsCaught) {
  NetworkPlan plan = ResidualPlan();
  plan.memory.arena_bytes -= 4;

  EXPECT_THAT(VerifyPlan(Residual(), plan),
              StatusIs(kInvalid,
                       "the scratch memory of operator 0 (conv2d) lies at bytes [1536, 2176) of an "
                       "arena of 2172"));
}

TEST(VerifyPlanTest, ShortLifetimesAreCaught) {
  NetworkPlan plan = ResidualPlan();
  plan.memory.tensors[0].last_op = 2;
  EXPECT_THAT(VerifyPlan(Residual(), plan),
              StatusIs(kInvalid,
                       "operator 3 (add) reads tensor 0 at bytes [0, 256), which lives until "
                       "operator 2"));

  plan = ResidualPlan();
  plan.memory.tensors[2].first_op = 2;
  EXPECT_THAT(VerifyPlan(Residual(), plan),
              StatusIs(kInvalid, "operator 1 (depthwise_conv2d) writes tensor 2"));
}

TEST(VerifyPlanTest, ScratchOverATensorIsCaught) {
  NetworkPlan plan = ResidualPlan();
  plan.memory.scratch[1].offset_bytes = 1200;
  EXPECT_THAT(VerifyPlan(Residual(), plan),
              StatusIs(kInvalid,
                       "scratch memory of operator 1 (depthwise_conv2d) lies over bytes [1200, "
                       "1280) of tensor 1, which operator 1 (depthwise_conv2d) reads"));

  plan = ResidualPlan();
  plan.memory.scratch[2].offset_bytes = 1280;
  EXPECT_THAT(VerifyPlan(Residual(), plan),
              StatusIs(kInvalid,
                       "operator 2 (conv2d) writes tensor 3 over bytes [1280, 2176) of its scratch "
                       "memory"));
}

TEST(VerifyPlanTest, MissingScratchIsCaught) {
  NetworkPlan plan = ResidualPlan();
  plan.memory.scratch[1].size_bytes = 380;

  EXPECT_THAT(VerifyPlan(Residual(), plan),
              StatusIs(kInvalid,
                       "the scratch memory of operator 1 (depthwise_conv2d) needs 384 bytes and "
                       "has 380"));
  NIWAKI_EXPECT_OK(VerifyPlan(Residual(), plan, {.scratch = false}));
}

TEST(VerifyPlanTest, OverwritingThatThePlanDoesNotSayIsCaught) {
  NetworkPlan plan = ResidualPlan();
  plan.memory.overwrites[1] = -1;

  EXPECT_THAT(VerifyPlan(Residual(), plan),
              StatusIs(kInvalid,
                       "operator 1 (depthwise_conv2d) writes tensor 2 over bytes [256, 1280) of "
                       "tensor 1, which it still reads"));
}

TEST(VerifyPlanTest, OverwritingBesideTheOwnElementIsCaught) {
  NetworkPlan plan = ResidualPlan();
  plan.memory.tensors[4].offset_bytes += 4;
  EXPECT_THAT(VerifyPlan(Residual(), plan),
              StatusIs(kInvalid,
                       "operator 3 (add) writes tensor 4 over bytes [1284, 1536) of tensor 3, "
                       "which it still reads"));

  // Over the other operand, which the plan does not name.
  plan = ResidualPlan();
  plan.memory.tensors[4].offset_bytes = 0;
  EXPECT_THAT(VerifyPlan(Residual(), plan),
              StatusIs(kInvalid, "of tensor 0, which it still reads"));
}

TEST(VerifyPlanTest, LayoutsThatDifferAreCaughtInPlace) {
  NetworkPlan plan = ResidualPlan();
  plan.memory.tensors[2].layout = Layout::kInterleaved;
  EXPECT_THAT(VerifyPlan(Residual(), plan),
              StatusIs(kInvalid, "of tensor 1, which it still reads"));

  // Both interleaved: every channel lies over itself.
  plan.memory.tensors[1].layout = Layout::kInterleaved;
  NIWAKI_EXPECT_OK(VerifyPlan(Residual(), plan));

  plan.memory.tensors[4].layout = plan.memory.tensors[3].layout = Layout::kPlanar;
  EXPECT_THAT(VerifyPlan(Residual(), plan),
              StatusIs(kInvalid, "the caller takes tensor 4 at bytes [1280, 1536) as one row"));
}

TEST(VerifyPlanTest, ConvolutionNeverWritesOverItsInput) {
  NetworkPlan plan = ResidualPlan();
  plan.memory.tensors[3].offset_bytes = plan.memory.tensors[4].offset_bytes = 1024;
  plan.memory.overwrites[2] = 2;

  EXPECT_THAT(VerifyPlan(Residual(), plan),
              StatusIs(kInvalid,
                       "operator 2 (conv2d) writes tensor 3 over bytes [1024, 1280) of tensor 2, "
                       "which it still reads"));
}

TEST(VerifyPlanTest, UnalignedAndTooSmallPlacesAreCaught) {
  NetworkPlan plan = ResidualPlan();
  plan.memory.scratch[2].offset_bytes += 2;
  plan.memory.arena_bytes += 2;
  EXPECT_THAT(VerifyPlan(Residual(), plan),
              StatusIs(kInvalid, "lies at bytes [1538, 2178), no multiple of 4"));

  plan = ResidualPlan();
  plan.memory.tensors[1].size_bytes = 1020;
  EXPECT_THAT(VerifyPlan(Residual(), plan),
              StatusIs(kInvalid, "tensor 1 needs 1024 bytes and has 1020 at [256, 1276)"));
}

TEST(VerifyPlanTest, NumbersFromOutsideAreRefused) {
  const auto fails = [](auto change, absl::string_view why) {
    NetworkPlan plan = ResidualPlan();
    change(plan);
    EXPECT_THAT(VerifyPlan(Residual(), plan), StatusIs(kInvalid, why));
  };

  fails([](NetworkPlan& p) { p.memory.tensors.pop_back(); }, "has 4 tensors, the network needs 5");
  fails([](NetworkPlan& p) { p.memory.scratch.push_back({}); }, "has 5 scratch");
  fails([](NetworkPlan& p) { p.memory.arena_bytes = int64_t{1} << 40; }, "an arena of");
  fails([](NetworkPlan& p) { p.memory.arena_bytes = -1; }, "an arena of -1");
  fails([](NetworkPlan& p) { p.memory.tensors[1].offset_bytes = -4; }, "bytes [-4, 1020)");
  fails([](NetworkPlan& p) { p.memory.tensors[1].size_bytes = INT64_MAX; }, "of an arena of 2176");
  fails([](NetworkPlan& p) { p.memory.tensors[1].ring_rows = 9; }, "not a ring of 9");
  fails([](NetworkPlan& p) { p.memory.overwrites[2] = 5; }, "overwrites tensor 5, which there is");
  fails([](NetworkPlan& p) { p.schedule.segments.clear(); }, "segments up to operator 4");
}

// A chain by rows of everything before the add, with rings of three rows of the expanded tensor.
TEST(VerifyPlanTest, RingsOfRowsAreReplayed) {
  NetworkPlan plan = ResidualPlan();
  MemoryPlan& memory = plan.memory;
  plan.schedule.segments = {{RunMode::kRows, 0, 4}};
  memory.overwrites = {-1, -1, -1, 3};
  memory.tensors = {
      {0, 256, 0, 3}, {256, 3 * 128, 0, 3}, {640, 128, 1, 3}, {768, 256, 2, 3}, {768, 256, 3, 3}};
  memory.tensors[1].layout = memory.tensors[2].layout = Layout::kPlanar;
  memory.tensors[1].ring_rows = 3;
  memory.tensors[2].ring_rows = 1;
  for (TensorPlacement& scratch : memory.scratch) {
    if (scratch.size_bytes > 0) scratch.offset_bytes = 1024;
  }
  memory.arena_bytes = 1664;
  NIWAKI_EXPECT_OK(VerifyPlan(Residual(), plan));

  memory.tensors[1].ring_rows = 2;
  EXPECT_THAT(
      VerifyPlan(Residual(), plan),
      StatusIs(kInvalid,
               "operator 0 (conv2d) writes tensor 1 over bytes [256, 512) of tensor 1, which "
               "operator 1 (depthwise_conv2d) reads"));
}

TEST(VerifyPlanTest, ReshapeHasTheBytesOfItsInput) {
  Graph graph = Residual();
  // After the convolution a reshape, and the add reads both of its sides' tensors later.
  graph.tensors = {{4, 4, 4}, {4, 4, 4}, {1, 1, 64}, {1, 1, 8}, {4, 4, 4}};
  graph.ops[1] = {};
  graph.ops[1].kind = OpKind::kReshape;
  graph.ops[2].kind = OpKind::kLinear;
  graph.ops[3].input = 1;
  for (int i = 1; i < 3; ++i) {
    graph.ops[i].input = i;
    graph.ops[i].output = i + 1;
  }

  const NetworkPlan plan = PlanNetwork(graph);

  NIWAKI_EXPECT_OK(VerifyPlan(graph, plan));
  EXPECT_EQ(plan.memory.tensors[2].offset_bytes, plan.memory.tensors[1].offset_bytes);
  EXPECT_EQ(plan.memory.overwrites[1], 1);
  // Image, convolution and its scratch memory.
  EXPECT_EQ(plan.memory.arena_bytes, 64 + 64 + 640);
}

// Networks of larger images only take longer; of the smallest and the largest subnet as many
// elements as the replay takes in a second or two.
constexpr int64_t kMostElements = 200000;
constexpr int64_t kMostElementsOfOne = 5000000;

int64_t ElementsOf(const Graph& graph) {
  int64_t elements = 0;
  for (const arch::TensorShape& shape : graph.tensors) elements += shape.elements();
  return elements;
}

class VerifyPlanPropertyTest : public ::testing::TestWithParam<std::string> {};

TEST_P(VerifyPlanPropertyTest, RandomSubnetsAreSafe) {
  constexpr int kSubnets = 25;
  constexpr uint64_t kSeed = 20240608;
  SCOPED_TRACE(kSeed);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(GetParam()));
  Random random(kSeed);

  for (int i = 0; i < kSubnets; ++i) {
    const arch::Subnet subnet = i == 0 ? arch::MinSubnet(space) : arch::SampleSubnet(space, random);
    const Graph graph = arch::BuildGraph(space, subnet);
    if (ElementsOf(graph) > (i == 0 ? kMostElementsOfOne : kMostElements)) continue;
    NIWAKI_ASSERT_OK(VerifyPlan(graph, PlanNetwork(graph))) << arch::ToJson(space, subnet);
  }
}

TEST_P(VerifyPlanPropertyTest, LargestSubnetIsSafe) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(GetParam()));
  const Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  if (ElementsOf(graph) > kMostElementsOfOne) return;

  NIWAKI_EXPECT_OK(VerifyPlan(graph, PlanNetwork(graph)));
}

// What breaks a plan of a random network without changing what it needs: always caught.
TEST_P(VerifyPlanPropertyTest, SabotageIsCaught) {
  constexpr uint64_t kSeed = 7;
  SCOPED_TRACE(kSeed);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(GetParam()));
  Random random(kSeed);
  const Graph graph = arch::BuildGraph(space, arch::MinSubnet(space));
  const NetworkPlan plan = PlanNetwork(graph);
  // Some operators of the large ones, from a random one on.
  const size_t stride = 1 + ElementsOf(graph) / 15000;

  for (size_t i = random.Uniform(stride); i < graph.ops.size(); i += stride) {
    SCOPED_TRACE(i);
    const Op& op = graph.ops[i];
    SCOPED_TRACE(arch::OpKindName(op.kind));
    NetworkPlan broken = plan;
    // What is written first over what is read last.
    TensorPlacement& output = broken.memory.tensors[op.output];
    const TensorPlacement& input = plan.memory.tensors[arch::InputsOf(graph, op)[0]];
    if (input.size_bytes > 4) {
      output.offset_bytes = input.offset_bytes + (input.size_bytes - 1) / 4 * 4;
      broken.memory.arena_bytes += output.size_bytes + input.size_bytes;
      EXPECT_THAT(VerifyPlan(graph, broken), StatusIs(kInvalid, "bytes ["));
    }

    broken = plan;
    if (plan.memory.overwrites[i] >= 0) {
      broken.memory.overwrites[i] = -1;
      EXPECT_THAT(VerifyPlan(graph, broken), StatusIs(kInvalid, "which it still reads"));
    }

    broken = plan;
    if (broken.memory.scratch[i].size_bytes > 0) {
      broken.memory.scratch[i].offset_bytes = input.offset_bytes;
      broken.memory.arena_bytes += broken.memory.scratch[i].size_bytes;
      EXPECT_THAT(VerifyPlan(graph, broken), StatusIs(kInvalid, "scratch memory of operator"));
    }

    broken = plan;
    if (i > 0 && broken.memory.tensors[op.input].last_op == static_cast<int>(i)) {
      --broken.memory.tensors[op.input].last_op;
      EXPECT_THAT(VerifyPlan(graph, broken), StatusIs(kInvalid, "which lives until operator"));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, VerifyPlanPropertyTest,
                         ::testing::ValuesIn(arch::CatalogueNames()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace niwaki::engine
