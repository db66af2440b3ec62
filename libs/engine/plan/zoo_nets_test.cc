// The memory plan and the flash model against published figures of the MCUNet zoo. Needs
// NIWAKI_SHARED.

#include "libs/engine/plan/zoo_nets.h"

#include <cstdio>
#include <cstdlib>
#include <map>

#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/plan/flash/flash.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/plan/patches/patch_cost.h"
#include "libs/engine/plan/plan_options.h"
#include "libs/engine/plan/verify_plan.h"

namespace niwaki::engine {
namespace {

struct Published {
  // Largest sum of tensors that live at once with in-place depthwise; bytes.
  int64_t activation_peak_bytes;
  // TinyEngine's arena and flash on an STM32H743 (tinyengine README, 47bb283), KiB.
  double arena_kib;
  double flash_kib;
};

const std::map<std::string, Published>& PublishedFigures() {
  static const auto* const figures = new std::map<std::string, Published>{
      {"mcunet-in0", {46080, 49, 842}},    {"mcunet-in1", {92160, 96, 727}},
      {"mcunet-in2", {204800, 215, 830}},  {"mcunet-in3", {247808, 260, 835}},
      {"mcunet-in4", {409600, 416, 1825}},
  };
  return *figures;
}

class ZooNetsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* shared = std::getenv("NIWAKI_SHARED");
    ASSERT_NE(shared, nullptr) << "NIWAKI_SHARED is not set: it must name the folder that holds "
                                  "ofa/vectors (bazel test --test_env=NIWAKI_SHARED=...)";
    NIWAKI_ASSERT_OK_AND_ASSIGN(nets_, ReadZooNets(shared));
    ASSERT_EQ(nets_.size(), PublishedFigures().size());
  }

  std::vector<ZooNet> nets_;
};

TEST_F(ZooNetsTest, MacsEqualTheReference) {
  for (const ZooNet& net : nets_) {
    EXPECT_DOUBLE_EQ(arch::CountMacs(net.graph) / 1e6, net.reference_mmacs) << net.id;
  }
}

TEST_F(ZooNetsTest, ActivationPeakIsReproducedExactly) {
  const PlanOptions options = {.scratch = false, .alignment = 1};
  for (const ZooNet& net : nets_) {
    EXPECT_EQ(PlanMemory(net.graph, options).arena_bytes,
              PublishedFigures().at(net.id).activation_peak_bytes)
        << net.id;
  }
}

TEST_F(ZooNetsTest, ArenaIsCloseToTinyEngines) {
  for (const ZooNet& net : nets_) {
    const MemoryPlan plan = PlanMemory(net.graph);
    const double kib = plan.arena_bytes / 1024.0;
    const double published = PublishedFigures().at(net.id).arena_kib;
    std::printf("%s arena %.1f KiB, TinyEngine %.1f, %+.1f %%\n", net.id.c_str(), kib, published,
                100 * (kib / published - 1));
    EXPECT_EQ(plan.arena_bytes, plan.lower_bound_bytes) << net.id;
    EXPECT_NEAR(kib / published, 1, 0.1) << net.id;
  }
}

// Streamed arenas, image and scratch memory counted, against TinyEngine's: nothing is computed
// twice.
TEST_F(ZooNetsTest, RowsTakeTwoFifthsOfTinyEnginesArena) {
  PlanOptions by_rows;
  by_rows.input_by_rows = true;
  NetworkPlanner planner;
  NetworkPlanner row_planner(by_rows);
  for (const ZooNet& net : nets_) {
    const double published = PublishedFigures().at(net.id).arena_kib;
    const PlannedNetwork streamed = planner.Smallest(net.graph);
    const PlannedNetwork image = row_planner.Smallest(net.graph);
    const double kib = streamed.plan.memory.arena_bytes / 1024.0;
    const double rows_kib = image.plan.memory.arena_bytes / 1024.0;
    std::printf("%s streamed %.1f KiB (%.2f), image by rows %.1f (%.2f), instructions +%.1f %%\n",
                net.id.c_str(), kib, kib / published, rows_kib, rows_kib / published,
                100 * (streamed.slowdown() - 1));
    NIWAKI_EXPECT_OK(VerifyPlan(net.graph, streamed.plan)) << net.id;
    NIWAKI_EXPECT_OK(VerifyPlan(net.graph, image.plan)) << net.id;
    EXPECT_LE(kib, 0.40 * published) << net.id;
    EXPECT_LE(rows_kib, 0.34 * published) << net.id;
  }
}

// Patches that compute a tenth more take no less than rows, which compute nothing twice, even
// without scratch memory and with every byte placed.
TEST_F(ZooNetsTest, PatchesTakeNoLessThanRows) {
  NetworkPlanner planner;
  for (const ZooNet& net : nets_) {
    const auto patched = SmallestPatches(net.graph, 0.1);
    ASSERT_TRUE(patched.has_value()) << net.id;
    const int64_t streamed = planner.Smallest(net.graph).plan.memory.arena_bytes;
    std::printf("%s patched at least %.1f KiB (%d operators in %dx%d, MACs +%.1f %%), rows %.1f\n",
                net.id.c_str(), patched->least_bytes / 1024.0, patched->grid.end_op,
                patched->grid.down, patched->grid.across, 100 * patched->extra_macs,
                streamed / 1024.0);
    EXPECT_GE(patched->least_bytes, streamed) << net.id;
  }
}

// TinyEngine's figures are whole binaries, start-up, camera and display included, and it emits code
// for each operator; ours are what a network brings into a program. Weights and tables are the
// same.
TEST_F(ZooNetsTest, FlashIsBelowTinyEngines) {
  for (const ZooNet& net : nets_) {
    const FlashBytes flash = PlanFlash(net.graph, PlanNetwork(net.graph));
    const double kib = flash.total() / 1024.0;
    const double published = PublishedFigures().at(net.id).flash_kib;
    std::printf("%s flash %.1f KiB, of which %.1f code; TinyEngine %.1f, %+.2f %%\n",
                net.id.c_str(), kib, flash.code / 1024.0, published, 100 * (kib / published - 1));
    EXPECT_LT(kib, published) << net.id;
    // Its code is what is left: 53 to 58 kB.
    EXPECT_NEAR(published - flash.constants() / 1024.0, 55.5, 5) << net.id;
  }
}

}  // namespace
}  // namespace niwaki::engine
