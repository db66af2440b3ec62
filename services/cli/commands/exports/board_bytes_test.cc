// What the host computes, every emulated board computes: byte for byte, and in as many instructions
// every time.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"
#include "libs/board/build/firmware_build.h"
#include "libs/board/elf_sizes/elf_sizes.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/board/emulator/emulator.h"
#include "libs/board/emulator/firmware_output.h"
#include "libs/engine/emit/bill_of_materials.h"
#include "libs/engine/emit/emit_c.h"
#include "libs/engine/emit/emit_options.h"
#include "libs/engine/emit/export_folder.h"
#include "libs/engine/emit/test_networks.h"
#include "libs/engine/emit/test_vector.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/engine/quantise/test_network.h"

namespace niwaki {
namespace {

// One exported network.
struct Exported {
  std::string folder;
  engine::BillOfMaterials bill;
  std::vector<int8_t> output;
};

Exported Export(const engine::NamedNetwork& named, bool profile = false) {
  engine::EmitOptions options;
  options.prefix = named.name;
  options.profile = profile;
  const engine::MemoryPlan plan = engine::PlanMemory(named.network.graph);
  const auto files = engine::EmitC(named.network, plan, options);
  EXPECT_TRUE(files.ok()) << files.status();
  Exported exported;
  exported.folder = absl::StrCat(::testing::TempDir(), "/", named.name, profile ? "_profiled" : "");
  exported.bill = engine::MakeBill(named.network, plan, options, *files);
  NIWAKI_EXPECT_OK(engine::WriteExport(exported.folder, *files, exported.bill, /*force=*/true));
  exported.output = *engine::ReadTestOutput(files->at(named.name + "_test.h"), named.name);
  return exported;
}

std::string Build(const Exported& exported, const board::EmulatedBoard& board) {
  board::FirmwareOptions options;
  options.board = board;
  options.folder = exported.folder;
  options.prefix = exported.bill.prefix;
  options.sources = exported.bill.sources;
  options.profile = exported.bill.profile;
  options.flags = {"-std=c11", "-O2", "-ffunction-sections", "-Wall", "-Wextra", "-Werror"};
  options.work_folder = absl::StrCat(exported.folder, "_", board.name);
  NIWAKI_EXPECT_OK(MakeFolders(options.work_folder));
  const auto elf = board::BuildFirmware(options);
  EXPECT_TRUE(elf.ok()) << elf.status();
  return elf.value_or("");
}

board::FirmwareOutput RunOn(const std::string& elf, const board::EmulatedBoard& board) {
  board::EmulatorOptions options;
  options.board = board;
  options.elf_path = elf;
  const auto output = board::RunFirmware(options);
  EXPECT_TRUE(output.ok()) << output.status();
  return output.value_or(board::FirmwareOutput());
}

TEST(BoardBytesTest, EveryNetworkOnEveryBoardGivesTheHostsBytes) {
  std::vector<engine::NamedNetwork> networks = engine::NetworksOfEveryKind();
  networks.push_back({"tiny", engine::OneConvolution()});
  for (const engine::NamedNetwork& named : networks) {
    const Exported exported = Export(named);
    for (const board::EmulatedBoard& board : board::EmulatedBoards()) {
      SCOPED_TRACE(absl::StrCat(named.name, " on ", board.name));
      const std::string elf = Build(exported, board);
      const board::FirmwareOutput first = RunOn(elf, board);
      EXPECT_EQ(first.output, exported.output);
      EXPECT_GT(first.ticks, 0);
      EXPECT_EQ(RunOn(elf, board).ticks, first.ticks);
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
