// What the host computes, every emulated board computes: byte for byte, and in as many instructions
// every time.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/board/elf_sizes/elf_sizes.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/board/emulator/firmware_output.h"
#include "libs/engine/emit/test_networks.h"
#include "libs/engine/plan/kernel_choice.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/plan/plan_options.h"
#include "libs/engine/plan/streams/row_streams.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/engine/quantise/test_network.h"
#include "services/cli/commands/exports/board_run_for_test.h"

namespace niwaki {
namespace {

TEST(BoardBytesTest, EveryNetworkOnEveryBoardGivesTheHostsBytes) {
  std::vector<engine::NamedNetwork> networks = engine::NetworksOfEveryKind();
  networks.push_back({"tiny", engine::OneConvolution()});
  for (const engine::NamedNetwork& named : networks) {
    for (const engine::KernelSet kernels : {engine::KernelSet::kFast, engine::KernelSet::kPlain}) {
      const Exported exported = Export(named, /*profile=*/false, kernels);
      for (const board::EmulatedBoard& board : board::EmulatedBoards()) {
        SCOPED_TRACE(
            absl::StrCat(named.name, ", ", engine::KernelSetName(kernels), ", on ", board.name));
        const std::string elf = Build(exported, board);
        const board::FirmwareOutput first = RunOn(elf, board);
        EXPECT_EQ(first.output, exported.output);
        EXPECT_GT(first.ticks, 0);
        EXPECT_EQ(RunOn(elf, board).ticks, first.ticks);
      }
    }
  }
}

TEST(BoardBytesTest, RowsOneAfterTheOtherGiveTheHostsBytes) {
  const board::EmulatedBoard board = *board::FindEmulatedBoard("m7");
  for (engine::NamedNetwork& named : engine::NetworksOfEveryKind()) {
    const auto& graph = named.network.graph;
    for (const bool by_rows : {false, true}) {
      if (by_rows && !engine::InputByRowsIsPossible(graph)) continue;
      SCOPED_TRACE(absl::StrCat(named.name, by_rows ? " by rows" : ""));
      engine::PlanOptions options;
      options.input_by_rows = by_rows;
      engine::NamedNetwork streamed = {absl::StrCat(named.name, by_rows ? "_image" : "_rows"),
                                       named.network};
      const Exported exported =
          Export(streamed, engine::NetworkPlanner(options).Smallest(graph).plan);
      EXPECT_EQ(RunOn(Build(exported, board), board).output, exported.output);
    }
  }
}

TEST(BoardBytesTest, WeightsLieInFlashAndTheArenaIsAllOfTheRam) {
  const Exported exported = Export({"sizes", engine::BottleneckNetwork(1)});
  const board::EmulatedBoard board = *board::FindEmulatedBoard("m4");
  const auto sizes = board::ReadElfSizes(Build(exported, board));
  NIWAKI_ASSERT_OK(sizes);
  EXPECT_GE(sizes->rodata, exported.bill.constant_bytes);
  EXPECT_EQ(sizes->data, 0);
  // The output of the firmware lies beside the arena; sections end at multiples of 8.
  EXPECT_GE(sizes->bss, exported.bill.arena_bytes);
  EXPECT_LE(sizes->bss, exported.bill.arena_bytes + 64);
}

TEST(BoardBytesTest, ProfileGivesTheInstructionsOfEveryOperator) {
  const engine::QuantisedNetwork network = engine::BottleneckNetwork(1);
  const Exported plain = Export({"kws", network});
  const Exported profiled = Export({"kws", network}, /*profile=*/true);
  const board::EmulatedBoard board = *board::FindEmulatedBoard("m7");
  const board::FirmwareOutput whole = RunOn(Build(plain, board), board);
  const board::FirmwareOutput parts = RunOn(Build(profiled, board), board);
  EXPECT_EQ(parts.output, whole.output);
  ASSERT_EQ(parts.operator_ticks.size(), network.graph.ops.size());
  uint64_t sum = 0;
  for (const uint64_t ticks : parts.operator_ticks) {
    EXPECT_GT(ticks, 0);
    sum += ticks;
  }
  // Copies of input and output, and calls, are in the whole alone.
  EXPECT_LT(sum, whole.ticks + whole.ticks / 100);
  EXPECT_GT(sum, whole.ticks - whole.ticks / 50);
}

}  // namespace
}  // namespace niwaki
