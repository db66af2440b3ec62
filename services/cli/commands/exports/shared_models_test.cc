// Seven published networks as C on emulated boards: the host's bytes, and figures on standard
// output. The networks lie in the folder that NIWAKI_SHARED names, under models.

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"
#include "libs/board/elf_sizes/elf_sizes.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/board/emulator/firmware_output.h"
#include "libs/engine/quantise/fuse_pads.h"
#include "libs/interchange/tflite/read_model.h"
#include "services/cli/commands/exports/board_run_for_test.h"

namespace niwaki {
namespace {

void RunModel(const std::string& path, const std::string& name,
              const std::vector<std::string>& boards) {
  SCOPED_TRACE(name);
  const char* const shared = std::getenv("NIWAKI_SHARED");
  ASSERT_NE(shared, nullptr) << "NIWAKI_SHARED is not set";
  const auto bytes = ReadFile(absl::StrCat(shared, "/models/", path));
  NIWAKI_ASSERT_OK(bytes);
  const auto network = interchange::ReadTflite(*bytes);
  NIWAKI_ASSERT_OK(network);
  const Exported exported = Export({name, engine::FusePads(*network)});
  for (const std::string& wanted : boards) {
    const board::EmulatedBoard board = *board::FindEmulatedBoard(wanted);
    const std::string elf = Build(exported, board);
    const board::FirmwareOutput output = RunOn(elf, board);
    EXPECT_EQ(output.output, exported.output) << board.name;
    const auto sizes = board::ReadElfSizes(elf);
    NIWAKI_ASSERT_OK(sizes);
    std::cout << name << " " << board.core << ": " << board::InstructionsOf(board, output.ticks)
              << " instructions, " << exported.bill.macs << " MACs, arena "
              << exported.bill.arena_bytes << ", flash " << sizes->flash() << " (text "
              << sizes->text << "), stack " << output.stack_bytes << std::endl;
  }
}

TEST(SharedModelsTest, SmallNetworksGiveTheHostsBytesOnEveryBoard) {
  const std::vector<std::string> all = {"m3", "m4", "m7", "m33"};
  RunModel("mlperf_tiny/ad01_int8.tflite", "ad01", all);
  RunModel("mlperf_tiny/kws_ref_model.tflite", "kws", all);
  RunModel("mlperf_tiny/pretrainedResnet_quant.tflite", "resnet", all);
  RunModel("mlperf_tiny/vww_96_int8.tflite", "vww96", all);
}

TEST(SharedModelsTest, LargeNetworksGiveTheHostsBytesOnABoard) {
  RunModel("mcunet/tinyengine_vww.tflite", "vww", {"m7"});
  RunModel("mcunet/mcunet-320kb-1mb_imagenet.tflite", "in3", {"m7"});
  RunModel("mcunet/mcunet-512kb-2mb_imagenet.tflite", "in4", {"m7"});
}

}  // namespace
}  // namespace niwaki
