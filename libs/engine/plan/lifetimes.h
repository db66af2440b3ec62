// How long each tensor of a network is needed, how large it is, and what may overwrite what: the
// facts that plans are made of.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_LIFETIMES_H_
#define NIWAKI_LIBS_ENGINE_PLAN_LIFETIMES_H_

#include <cstdint>
#include <vector>

#include "libs/arch/graph.h"
#include "libs/engine/plan/plan_options.h"

namespace niwaki::engine {

// Bits of Lifetimes::layout_wishes.
inline constexpr uint8_t kBesideDepthwise = 1;
inline constexpr uint8_t kStaysInterleaved = 2;

struct Lifetimes {
  // By tensor: bytes, aligned; 0 for constants and for the caller's floats.
  std::vector<int64_t> bytes;
  // By tensor: the operators that write and read it last. Of the image first_op is 0.
  std::vector<int> first_op;
  std::vector<int> last_op;
  // By tensor: the one whose bytes it has, for outputs of reshapes; else itself.
  std::vector<arch::TensorId> root;
  // By such a root: the last operator that reads one of those with its bytes.
  std::vector<int> last_use;
  // By tensor: kBesideDepthwise and kStaysInterleaved.
  std::vector<uint8_t> layout_wishes;
  // By operator, where it runs whole: the tensor that its output overwrites, or -1.
  std::vector<arch::TensorId> overwrites;
  // By operator, where it runs whole: aligned bytes of scratch memory.
  std::vector<int64_t> scratch;

  int64_t Align(int64_t size, const PlanOptions& options) const {
    return (size + options.alignment - 1) & ~int64_t{options.alignment - 1};
  }

  // Reuses its memory.
  void Find(const arch::Graph& graph, const PlanOptions& options);

 private:
  void FindUses(const arch::Graph& graph, const PlanOptions& options);
  void FindOverwrites(const arch::Graph& graph, const PlanOptions& options);
  arch::TensorId Overwritten(const arch::Graph& graph, const arch::Op& op, int index,
                             const PlanOptions& options) const;
  bool ReshapesInPlace(const arch::Op& op) const;
};

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_LIFETIMES_H_
