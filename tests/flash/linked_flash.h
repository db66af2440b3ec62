// What a network takes in flash as it is linked, beside what the flash model says.

#ifndef NIWAKI_TESTS_FLASH_LINKED_FLASH_H_
#define NIWAKI_TESTS_FLASH_LINKED_FLASH_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "libs/arch/graph.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/engine/plan/flash/flash.h"
#include "libs/engine/plan/kernel_choice.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::flash {

struct FlashOptions {
  engine::KernelSet kernels = engine::KernelSet::kFast;
  // The schedule with the smallest arena, and not every operator whole.
  bool by_rows = false;
};

engine::NetworkPlan PlanOf(const arch::Graph& graph, const FlashOptions& options);

struct LinkedFlash {
  engine::FlashBytes predicted;
  engine::KernelCalls calls;
  // Text, read-only data and initialised data of the network and its kernels.
  int64_t linked_bytes = 0;

  int64_t error_bytes() const { return predicted.total() - linked_bytes; }
  // The model's target: 1 % or 1 KiB, whichever is more.
  int64_t allowed_bytes() const;
  bool within() const;
};

// Emits `network`, which is valid, and links it for `board` with the export's flags. `folder` is an
// empty folder to work in. The errors of the emission and of the cross compiler. Blocks.
absl::StatusOr<LinkedFlash> LinkFlash(const engine::QuantisedNetwork& network,
                                      const FlashOptions& options,
                                      const board::EmulatedBoard& board, const std::string& folder);

}  // namespace niwaki::flash

#endif  // NIWAKI_TESTS_FLASH_LINKED_FLASH_H_
