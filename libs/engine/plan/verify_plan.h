// An independent check of plans: replays a network byte by byte and says whether every operator
// reads what was written for it. It knows kernels' contracts, and nothing of how plans are made.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_VERIFY_PLAN_H_
#define NIWAKI_LIBS_ENGINE_PLAN_VERIFY_PLAN_H_

#include "absl/status/status.h"
#include "libs/arch/graph.h"
#include "libs/engine/plan/network_plan.h"

namespace niwaki::engine {

struct VerifyOptions {
  // Offsets are multiples of it.
  int alignment = 4;
  // Every operator has the scratch memory that its kernel needs.
  bool scratch = true;
  // Larger arenas are refused: the replay holds 8 bytes for each.
  int64_t most_arena_bytes = int64_t{1} << 28;
};

// OK where `plan` is safe for int8 tensors of `graph`. Every byte of the arena has an owner, an
// element of a tensor or an operator's scratch memory. The schedule's steps run in order: each
// finds every element of the rows that it reads where the plan says, then takes its scratch, then
// writes its rows. It writes over nothing that a later step reads, nor over what it reads itself,
// but for the tensor that the plan says it overwrites, and that only in the order of its kernel:
//
//   element by element    over that very element
//   channel by channel    over channels that are in the scratch plane or done; scratch is needed
//
// In a ring, the output of such a channel-by-channel operator is where TurnOfRing says for the rows
// of each call that writes or reads it.
//
// An image that lies in a ring is handed over row after row, each when a step asks for it.
//
// A reshape whose output has the bytes and the order of its input writes nothing. At the end the
// network's output is there. Offsets are aligned and inside of the arena, sizes hold the tensors,
// lifetimes those that read and write.
//
// Otherwise InvalidArgument: "operator 7 (add) reads tensor 3 at bytes [120, 124), which hold
// tensor 5". Also for plans whose parts are not as many as the graph's, and for schedules that
// StepsOf refuses, by its code.
absl::Status VerifyPlan(const arch::Graph& graph, const NetworkPlan& plan,
                        const VerifyOptions& options = {});

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_VERIFY_PLAN_H_
