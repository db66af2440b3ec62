// What an operator costs, whole and by some rows a call: the second aim of schedules.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_STREAMS_STREAM_PRICE_H_
#define NIWAKI_LIBS_ENGINE_PLAN_STREAMS_STREAM_PRICE_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "libs/arch/graph.h"

namespace niwaki::engine {

enum class StreamClass : uint8_t { kDepthwise, kPointwise, kWindow, kOther };
inline constexpr size_t kStreamClasses = 4;

// What a kernel does that takes time, counted; what a class has less of is 0:
//
//   depthwise   calls; channels of calls; fours of inputs widened, again for each call; rows of
//               channels; fours of outputs; these times the window's taps
//   pointwise   calls; weights widened, again for each chunk of pixels; outputs; products; inputs
//   window      the same; inputs are those of windows
//   other       calls; outputs
inline constexpr size_t kStreamWorks = 6;
using StreamWork = std::array<int64_t, kStreamWorks>;

StreamClass StreamClassOf(const arch::Op& op);

// Of `op` where each call computes `rows` rows, at least 1; all of them: whole.
StreamWork StreamWorkOf(const arch::Graph& graph, const arch::Op& op, int rows);

// Instructions of the kernels, roughly: for comparing schedules of one network, and for the ratio
// of their times. README.md says how they were fitted.
struct StreamPrices {
  // Hundredths, by class: of each part of a StreamWork.
  std::array<StreamWork, kStreamClasses> work = {{
      // depthwise
      {{293144, 15918, 2026, 0, 1577, 399}},
      // pointwise
      {{332089, 427, 854, 58, 583, 0}},
      // window
      {{425761, 472, 989, 42, 1223, 0}},
      // other
      {{0, 50, 0, 0, 0, 0}},
  }};
  // Hundredths an element of a tensor between a segment and what follows, where a depthwise kernel
  // writes or reads it: it lies pixel by pixel then, not in planes.
  int64_t scattered_output = 500;
  int64_t scattered_input = 700;
};

// Of `op` where each call computes `rows` rows.
int64_t Instructions(const arch::Graph& graph, const arch::Op& op, int rows,
                     const StreamPrices& prices = {});

// When all its rows are computed by one call.
int64_t WholeInstructions(const arch::Graph& graph, const arch::Op& op,
                          const StreamPrices& prices = {});

// What is added where each call computes `rows` rows to `whole`, its WholeInstructions; at least 0.
int64_t StreamingInstructions(const arch::Graph& graph, const arch::Op& op, int rows, int64_t whole,
                              const StreamPrices& prices = {});

// What is added where `last` is the last operator of a segment; `feeds_depthwise`: a depthwise
// convolution reads its output.
int64_t SeamInstructions(const arch::Graph& graph, const arch::Op& last, bool feeds_depthwise,
                         const StreamPrices& prices = {});

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_STREAMS_STREAM_PRICE_H_
