#include "libs/arch/operator_facts.h"

#include <optional>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "libs/arch/graph.h"

namespace niwaki::arch {
namespace {

TEST(OperatorFactsTest, EveryRowIsComplete) {
  std::set<std::string> names;
  for (int i = 0; i < kNumOpKinds; ++i) {
    const OpKind kind = static_cast<OpKind>(i);
    const OpFacts& facts = FactsOf(kind);
    SCOPED_TRACE(std::string(facts.name));

    EXPECT_EQ(facts.kind, kind);
    EXPECT_TRUE(names.emplace(facts.name).second);
    EXPECT_FALSE(facts.place_in_block.empty());
    EXPECT_FALSE(facts.place_outside.empty());
    EXPECT_FALSE(facts.cost.empty());
    EXPECT_GE(facts.inputs, 0);
    EXPECT_LE(facts.inputs, 2);
    EXPECT_EQ(OpKindOf(facts.name), kind);
  }
}

// What one column says must go together with the others.
TEST(OperatorFactsTest, ColumnsAgree) {
  for (const OpFacts& facts : kOpFacts) {
    SCOPED_TRACE(std::string(facts.name));
    const bool weighted = facts.weight != WeightForm::kNone;
    EXPECT_EQ(facts.bias, weighted);
    EXPECT_EQ(facts.batch_norm, weighted);
    EXPECT_EQ(facts.rows == RowNeed::kWindow, facts.padding != UsualPadding::kNone);
    // Two operands meet element by element, and only what has no weights goes so.
    if (facts.inputs == 2) EXPECT_EQ(facts.in_place, InPlace::kElementwise);
    if (facts.in_place == InPlace::kElementwise) EXPECT_FALSE(weighted);
    // A channel's copy is what lets its outputs overwrite it.
    EXPECT_EQ(facts.in_place == InPlace::kByChannel, facts.scratch == ScratchForm::kPaddedPlane);
  }
}

TEST(OperatorFactsTest, NamesOfActivationsComeBack) {
  for (int i = 0; i < kNumOpActivations; ++i) {
    const OpActivation activation = static_cast<OpActivation>(i);
    EXPECT_EQ(OpActivationOf(OpActivationName(activation)), activation);
  }
  EXPECT_EQ(OpActivationOf("gelu"), std::nullopt);
  EXPECT_EQ(OpKindOf("conv3d"), std::nullopt);
}

TEST(OperatorFactsTest, EveryKindHasCountsAndRows) {
  for (const OpFacts& facts : kOpFacts) {
    SCOPED_TRACE(std::string(facts.name));
    Graph graph;
    graph.tensors = {{1, 1, 8}, {1, 1, 8}};
    Op op;
    op.kind = facts.kind;
    op.input = 0;
    if (facts.inputs == 2) op.second_input = 0;
    op.output = 1;
    if (facts.weight != WeightForm::kNone) op.weight = 0;
    graph.ops = {op};

    int64_t weights = WeightShape(graph, op).empty() ? 0 : 1;
    for (const int64_t side : WeightShape(graph, op)) weights *= side;
    EXPECT_EQ(ParamsOf(graph, op), weights);
    EXPECT_EQ(MacsOf(graph, op), weights);
    EXPECT_EQ(InputRows(graph, op, {0, 1}).end, 1);
  }
}

}  // namespace
}  // namespace niwaki::arch
