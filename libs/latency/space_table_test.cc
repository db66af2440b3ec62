#include "libs/latency/space_table.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"

namespace niwaki::latency {
namespace {

using ::testing::ElementsAre;

// A figure that depends on everything in the signature.
double InventedLatency(const BlockSignature& signature) {
  return 1.0 + absl::Hash<std::string>()(signature.ToText()) % 1000;
}

// The parts of `count` random networks of `space`.
BlockLatencies SampleLatencies(const arch::SearchSpace& space, int count) {
  BlockLatencies latencies;
  Random random(3);
  for (int i = 0; i < count; ++i) {
    const auto parts = BlocksOf(arch::BuildGraph(space, arch::SampleSubnet(space, random)));
    for (const BlockOfGraph& part : *parts) {
      latencies[part.signature] = InventedLatency(part.signature);
    }
  }
  return latencies;
}

TEST(SpaceTableTest, LatenciesAreSumsOverParts) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("mcunet"));
  const BlockLatencies latencies = SampleLatencies(space, 20000);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SpaceTable table, SpaceTable::OfLatencies(space, latencies));
  Random random(4);
  for (int i = 0; i < 100; ++i) {
    const arch::Subnet subnet = arch::SampleSubnet(space, random);
    double sum = 0;
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto parts, BlocksOf(arch::BuildGraph(space, subnet)));
    for (const BlockOfGraph& part : parts) {
      sum += latencies.at(part.signature);
    }
    EXPECT_DOUBLE_EQ(table.CostOf(subnet), sum);
  }
}

TEST(SpaceTableTest, MacsEqualTheGraphs) {
  for (const char* name : {"ofa_mbv3_w12", "ofa_proxyless_w13", "mcunet", "kws", "cifar32"}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(name));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const SpaceTable table, SpaceTable::OfMacs(space));
    Random random(5);
    for (int i = 0; i < 50; ++i) {
      const arch::Subnet subnet = arch::SampleSubnet(space, random);
      EXPECT_EQ(table.CostOf(subnet), arch::CountMacs(arch::BuildGraph(space, subnet))) << name;
    }
  }
}

TEST(SpaceTableTest, MissingPartsAreNamed) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  BlockLatencies latencies = SampleLatencies(space, 20000);
  NIWAKI_ASSERT_OK(SpaceTable::OfLatencies(space, latencies).status());
  const arch::Graph graph = arch::BuildGraph(space, arch::MinSubnet(space));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto parts, BlocksOf(graph));
  const BlockOfGraph* lost = nullptr;
  for (const BlockOfGraph& part : parts) {
    if (lost == nullptr && part.stage >= 1 && part.block == 1) lost = &part;
  }
  ASSERT_NE(lost, nullptr);
  latencies.erase(lost->signature);

  EXPECT_THAT(SpaceTable::OfLatencies(space, latencies),
              StatusIs(absl::StatusCode::kInvalidArgument, lost->signature.ToText()));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SpaceTable::Missing one,
                              SpaceTable::FindMissing(space, latencies));
  ASSERT_EQ(one.missing.size(), 1u);
  EXPECT_EQ(one.missing[0].signature, lost->signature);
  EXPECT_EQ(one.total, static_cast<int>(latencies.size()) + 1);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SpaceTable::Missing all, SpaceTable::FindMissing(space, {}));
  EXPECT_EQ(all.missing.size(), latencies.size() + 1);
  EXPECT_THAT(SpaceTable::OfLatencies(space, {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       absl::StrCat("the latency table lacks ", all.total, " of the ", all.total,
                                    " parts of the networks of 'kws': ")));
}

TEST(SpaceTableTest, GivenFiguresAreLookedUp) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_mbv3_w12"));
  const SpaceTable table = SpaceTable::Of(
      space, [](int resolution) { return 1000.0 * resolution; },
      [](int, int block, int kernel_size, int expand_ratio) {
        return block == 19 ? 10.0 * kernel_size + expand_ratio : 0.0;
      });
  arch::Subnet subnet = arch::MaxSubnet(space);
  EXPECT_EQ(table.CostOf(subnet), 24000 + 22);
  subnet.genes[space.layout().stages[4].depth] = 0;
  arch::Canonicalise(space, subnet);
  EXPECT_EQ(table.CostOf(subnet), 24000);
}

TEST(SpaceTableTest, CoveredResolutionsHaveAStem) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_mbv3_w12"));
  BlockLatencies latencies;
  arch::Subnet subnet = arch::MaxSubnet(space);
  for (const int gene : {24, 8}) {
    subnet.genes[space.layout().resolution] = static_cast<uint8_t>(gene);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto parts, BlocksOf(arch::BuildGraph(space, subnet)));
    for (const BlockOfGraph& part : parts) {
      latencies[part.signature] = 1;
    }
  }
  EXPECT_THAT(CoveredResolutions(space, latencies), ElementsAre(160, 224));
}

}  // namespace
}  // namespace niwaki::latency
