// Instructions of a network on an emulated board, as a whole and by operator.

#ifndef NIWAKI_TESTS_LATENCY_COUNTED_NETWORK_H_
#define NIWAKI_TESTS_LATENCY_COUNTED_NETWORK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/engine/plan/kernel_choice.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::latency {

// The kernels that an export for `core` is made with: fast ones where the core has the DSP
// extension.
engine::KernelSet KernelsOfCore(absl::string_view core);

struct InstructionCount {
  // Of one invocation.
  uint64_t total = 0;
  // By operator of the network's graph; 0 for one that computes nothing.
  std::vector<uint64_t> operators;
  // The firmware that was run.
  std::string elf_path;
};

// Exports `network`, which is valid, with every operator whole and the kernels of the board's core,
// builds it with the export's flags and runs it. With hooks between operators, which make the total
// some instructions an operator larger; without, `operators` is empty. `folder` is an empty folder
// to work in. DataLoss where the board's bytes are not the host's; the errors of the emission, the
// cross compiler and the emulator. Blocks.
absl::StatusOr<InstructionCount> CountInstructions(const engine::QuantisedNetwork& network,
                                                   const board::EmulatedBoard& board,
                                                   bool by_operator, const std::string& folder);

// The same under a plan of the network.
absl::StatusOr<InstructionCount> CountInstructions(const engine::QuantisedNetwork& network,
                                                   const engine::NetworkPlan& plan,
                                                   const board::EmulatedBoard& board,
                                                   bool by_operator, const std::string& folder);

}  // namespace niwaki::latency

#endif  // NIWAKI_TESTS_LATENCY_COUNTED_NETWORK_H_
