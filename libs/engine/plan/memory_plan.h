// The memory plan: where every tensor of a network lies in one arena, operator by operator.
//
// The oracle's SRAM figure and the emitted code come from this one planner. The input image and the
// kernels' scratch memory are counted; code, weights and stack are not, nor constants, which lie in
// flash, nor the floats that kQuantize reads and kDequantize writes: they are the caller's.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_MEMORY_PLAN_H_
#define NIWAKI_LIBS_ENGINE_PLAN_MEMORY_PLAN_H_

#include <cstdint>
#include <vector>

#include "libs/arch/graph.h"

namespace niwaki::engine {

struct PlanOptions {
  // Bytes of one activation; 1 for int8.
  int element_bytes = 1;
  // A depthwise convolution writes over its input when nobody reads that later. Safe with any
  // window: with [H, W, C] layout a channel's outputs land only on that channel's inputs, which the
  // scratch plane holds.
  bool in_place_depthwise = true;
  // An addition, or the gate of squeeze-excite, writes over an operand that nobody reads later.
  bool in_place_add = true;
  // Count what ScratchBytes says. Off: tensors alone, for comparison with published activation
  // peaks.
  bool scratch = true;
  // Offsets and sizes are multiples of this power of two.
  int alignment = 4;
};

// Bytes [offset, offset + size) hold the tensor from operator `first_op` to `last_op`, both
// included. For the operator that overwrites it in place (its last), the bytes hold input and then
// output.
struct TensorPlacement {
  int64_t offset_bytes = 0;
  int64_t size_bytes = 0;
  int first_op = 0;
  int last_op = 0;
};

struct MemoryPlan {
  // Size of the arena: all that the network needs while it runs.
  int64_t arena_bytes = 0;
  // No plan can be smaller: the largest sum, over the operators, of what lives while it runs.
  int64_t lower_bound_bytes = 0;
  // The operator where that sum is (the first of several): index into Graph::ops.
  int peak_op = 0;
  // By tensor id.
  std::vector<TensorPlacement> tensors;
  // By operator; size 0 for none.
  std::vector<TensorPlacement> scratch;
  // By operator: the tensor that its output overwrites, or -1.
  std::vector<arch::TensorId> overwrites;
};

// Plans many networks, reusing its memory. Not thread-safe; one for each thread.
class Planner {
 public:
  explicit Planner(const PlanOptions& options = {}) : options_(options) {}

  // The plan of `graph`, valid until the next call. Deterministic. Tries placement orders until one
  // reaches the lower bound, else keeps the best.
  const MemoryPlan& Plan(const arch::Graph& graph);

 private:
  // A stretch of time with one size.
  struct Piece {
    int first_op;
    int last_op;
    int64_t size;
  };
  // What must lie at one offset: a chain of tensors that overwrite each other, or one scratch
  // buffer.
  struct Item {
    int first_piece;
    int num_pieces;
    int64_t size;  // of the largest piece, which is the first
    int first_op;
    int last_op;
    int64_t pressure;  // largest live sum over the item's operators
    int64_t offset;
  };
  struct Range {
    int64_t begin;
    int64_t end;
  };
  enum class Order { kSize, kPressure, kTime, kReverseTime };

  int64_t Align(int64_t bytes) const;
  void FindLifetimes(const arch::Graph& graph);
  void FindOverwrites(const arch::Graph& graph);
  arch::TensorId Overwritten(const arch::Op& op, int index) const;
  void MakeItems(const arch::Graph& graph);
  void StartItem(int first_op, int last_op, int64_t size);
  void ContinueItem(Item& item, int last_op, int64_t size);
  void FindLowerBound(size_t num_ops);
  void SortItems(Order order);
  int64_t PlaceAll(size_t num_ops, bool best_fit);
  int64_t FindOffset(const Item& item, bool best_fit);
  void CollectForbidden(const Item& item);
  void WriteOffsets(const arch::Graph& graph);

  PlanOptions options_;
  MemoryPlan plan_;
  std::vector<Piece> pieces_;
  std::vector<Item> items_;
  std::vector<int> item_of_tensor_;
  std::vector<int> item_of_scratch_;
  std::vector<int> order_;
  std::vector<int64_t> best_offsets_;
  std::vector<int64_t> live_bytes_;
  // Items placed so far, by operator that they live at.
  std::vector<std::vector<int>> placed_at_;
  std::vector<Range> forbidden_;
};

// One network. Loops use a Planner.
MemoryPlan PlanMemory(const arch::Graph& graph, const PlanOptions& options = {});

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_MEMORY_PLAN_H_
