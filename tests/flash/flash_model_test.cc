// The flash model against networks as they are linked: predicted within 1 % or 1 KiB, whichever is
// more. Where kernels or emitted code have changed, `deploy/bazel.sh run //tests/flash:fit_flash`
// makes new constants.

#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/base/process/temporary_folder.h"
#include "libs/base/status_matchers.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/engine/emit/test_networks.h"
#include "libs/engine/plan/flash/flash.h"
#include "libs/engine/plan/kernel_choice.h"
#include "tests/flash/flash_networks.h"
#include "tests/flash/linked_flash.h"

namespace niwaki::flash {
namespace {

void ExpectWithin(const FlashCase& one, const std::string& core) {
  const board::EmulatedBoard board = *board::FindEmulatedBoard(core);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto folder, TemporaryFolder::Create());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const LinkedFlash flash,
                              LinkFlash(one.network, one.options, board, folder->path()));
  std::cout << absl::StreamFormat("%-24s %-10s predicted %7d, linked %7d, %+d\n", one.name, core,
                                  flash.predicted.total(), flash.linked_bytes, flash.error_bytes());
  EXPECT_TRUE(flash.within()) << one.name << " on " << core << ": " << flash.error_bytes()
                              << " bytes off, allowed " << flash.allowed_bytes();
}

TEST(FlashModelTest, NetworksThatAreNotInTheFitAreWithinTheTarget) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<FlashCase> cases, OtherCases());
  for (const FlashCase& one : cases) ExpectWithin(one, "cortex-m4");
}

TEST(FlashModelTest, OtherCoresAreWithinTheTarget) {
  for (const std::string core : {"cortex-m3", "cortex-m7", "cortex-m33"}) {
    // Without the DSP extension fast kernels are smaller than the model says.
    const FlashOptions options = {
        core == "cortex-m3" ? engine::KernelSet::kPlain : engine::KernelSet::kFast, false};
    ExpectWithin({"bottleneck", engine::BottleneckNetwork(2), options}, core);
    ExpectWithin({"imported", engine::ImportedNetwork(2), options}, core);
  }
}

TEST(FlashModelTest, FitHasEveryKernelBesideOthers) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<FlashCase> cases, FitCases());
  std::set<int> used;
  for (const FlashCase& one : cases) {
    const arch::Graph& graph = one.network.graph;
    const engine::KernelCalls calls =
        engine::CallsOf(graph, PlanOf(graph, one.options), one.options.kernels);
    for (int i = 1; i < engine::kNumKernels; ++i) {
      if (calls.calls[i] > 0) used.insert(i);
    }
  }
  EXPECT_EQ(used.size(), engine::kNumKernels - 1);
}

}  // namespace
}  // namespace niwaki::flash
