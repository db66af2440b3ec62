#include "libs/engine/plan/arenas.h"

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/arch/subnet.h"
#include "libs/engine/plan/memory_plan.h"

namespace niwaki::engine {
namespace {

TEST(ArenasTest, FirstIsThatOfWholeOperators) {
  const auto space = arch::LoadSpace("mcunet");
  ASSERT_TRUE(space.ok()) << space.status();
  const arch::Graph graph = arch::BuildGraph(*space, arch::MinSubnet(*space));
  const std::vector<Arena> arenas = ArenasOf(graph);
  ASSERT_FALSE(arenas.empty());
  EXPECT_EQ(arenas[0].kind, ArenaKind::kWhole);
  EXPECT_EQ(arenas[0].plan.memory, PlanMemory(graph));
  for (size_t i = 0; i < arenas.size(); ++i) {
    EXPECT_FALSE(ArenaKindName(arenas[i].kind).empty());
    if (i > 0) EXPECT_NE(arenas[i].kind, arenas[i - 1].kind);
  }
}

TEST(ArenasTest, RowsNeedLessThanWholeOperatorsAndTheLeastWithoutTheImage) {
  const auto space = arch::LoadSpace("mcunet");
  ASSERT_TRUE(space.ok()) << space.status();
  const std::vector<Arena> arenas = ArenasOf(arch::BuildGraph(*space, arch::MaxSubnet(*space)));
  ASSERT_EQ(arenas.size(), 3u);
  EXPECT_EQ(arenas[1].kind, ArenaKind::kStreamed);
  EXPECT_EQ(arenas[2].kind, ArenaKind::kInputByRows);
  EXPECT_LT(arenas[1].plan.memory.arena_bytes, arenas[0].plan.memory.arena_bytes);
  EXPECT_LT(arenas[2].plan.memory.arena_bytes, arenas[1].plan.memory.arena_bytes);
  EXPECT_EQ(&SmallestOf(arenas), &arenas[2]);
}

TEST(ArenasTest, RowsOfANetworkThatQuantisesAreQuantisedByTheCaller) {
  const auto space = arch::LoadSpace("mcunet");
  ASSERT_TRUE(space.ok()) << space.status();
  const arch::Graph levels = arch::BuildGraph(*space, arch::MinSubnet(*space));
  arch::Graph floats = levels;
  arch::Op quantise;
  quantise.kind = arch::OpKind::kQuantize;
  quantise.input = static_cast<arch::TensorId>(floats.tensors.size());
  quantise.output = floats.input;
  floats.tensors.push_back(floats.tensors[floats.input]);
  floats.input = quantise.input;
  floats.ops.insert(floats.ops.begin(), quantise);

  const std::vector<Arena> arenas = ArenasOf(floats);

  ASSERT_EQ(arenas.size(), 3u);
  EXPECT_EQ(arenas[2].left_to_caller, 1);
  EXPECT_EQ(arenas[2].plan.memory.arena_bytes, ArenasOf(levels)[2].plan.memory.arena_bytes);
  EXPECT_EQ(arenas[0].left_to_caller, 0);
}

TEST(ArenasTest, SmallestHasTheFewestBytes) {
  std::vector<Arena> arenas(3);
  arenas[0].plan.memory.arena_bytes = 30;
  arenas[1].plan.memory.arena_bytes = 10;
  arenas[1].kind = ArenaKind::kStreamed;
  arenas[2].plan.memory.arena_bytes = 10;
  EXPECT_EQ(&SmallestOf(arenas), &arenas[1]);
}

}  // namespace
}  // namespace niwaki::engine
