// Many operators as C, each to be counted by itself: one folder, one arena, one entry.
//
// The folder has the form of an exported network (emit_c.h), so that the firmware around networks
// runs it: its input is a seed of 4 bytes (little-endian), its output the CRC-32 of each operator's
// output, 4 bytes each. Between operators inputs are drawn from the seed and outputs are summed up;
// the profiling hook is called with index -1 where an operator begins, and with its index behind
// it.
//
// An operator is called as in a network: on planes where the network would have planes, over its
// input where the planner would, with the scratch memory that the planner sets aside and
// kSpareScratch more.

#ifndef NIWAKI_LIBS_ENGINE_EMIT_OPERATORS_C_H_
#define NIWAKI_LIBS_ENGINE_EMIT_OPERATORS_C_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/engine/emit/emit_c.h"
#include "libs/engine/emit/emit_options.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {

// Free memory beside an operator: what networks have but where they need the most.
inline constexpr int64_t kSpareScratch = 16 * 1024;
// Of the input of such a folder, and for each operator of its output.
inline constexpr int kSeedBytes = 4;
inline constexpr int kCheckBytes = 4;

// An operator as it stands in a network.
struct LoneOperator {
  // A chain: the operator, and the table behind it where it has one (HasTable). A second operand is
  // a constant here, whose place the device fills anew.
  QuantisedNetwork network;
  // Whether what it reads and writes lies as planes of channels.
  bool planar_input = false;
  bool planar_output = false;
};

struct OperatorsC {
  FileTree files;
  int64_t arena_bytes = 0;
  // SHA-256 of the sources, the kernels apart.
  std::string digest;
};

// Bytes of the arena that the operator needs by itself. Its network is valid.
int64_t ArenaOf(const LoneOperator& op);

// The whole folder; `operators` has one at least. InvalidArgument as Validate and CheckPrefix.
absl::StatusOr<OperatorsC> EmitOperators(absl::Span<const LoneOperator> operators,
                                         const EmitOptions& options);

// What the device must give for operator `index` from `seed`: the CRC-32 of its output, by the host
// runner. Errors of HostRunner.
absl::StatusOr<uint32_t> ExpectedCheck(const LoneOperator& op, int index, uint32_t seed);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_EMIT_OPERATORS_C_H_
