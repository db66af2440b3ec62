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
#include "libs/engine/plan/lifetimes.h"
#include "libs/engine/plan/plan_options.h"
#include "libs/engine/plan/streams/row_streams.h"
#include "libs/engine/plan/streams/schedule_search.h"

namespace niwaki::engine {

// The order of a tensor's bytes. Kernels take steps, so either will do for most of them.
enum class Layout : uint8_t {
  // [H, W, C]: what the caller sees, and operators that read memory as one row of bytes.
  kInterleaved,
  // [C, H, W]: input and output of a depthwise convolution. A range of rows of it is a range of
  // rows of each plane.
  kPlanar,
};

// Bytes [offset, offset + size) hold the tensor from operator `first_op` to `last_op`, both
// included. For the operator that overwrites it in place (its last), the bytes hold input and then
// output. A reshape's output has the bytes of its input, and both may live on.
struct TensorPlacement {
  int64_t offset_bytes = 0;
  int64_t size_bytes = 0;
  int first_op = 0;
  int last_op = 0;
  Layout layout = Layout::kInterleaved;
  // 0: the whole tensor lies there. Else as many rows as this: row y where (y + turn) mod ring_rows
  // says (TurnOfRing).
  int ring_rows = 0;

  friend bool operator==(const TensorPlacement& a, const TensorPlacement& b) {
    return a.offset_bytes == b.offset_bytes && a.size_bytes == b.size_bytes &&
           a.first_op == b.first_op && a.last_op == b.last_op && a.layout == b.layout &&
           a.ring_rows == b.ring_rows;
  }
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

  friend bool operator==(const MemoryPlan& a, const MemoryPlan& b) {
    return a.arena_bytes == b.arena_bytes && a.lower_bound_bytes == b.lower_bound_bytes &&
           a.peak_op == b.peak_op && a.tensors == b.tensors && a.scratch == b.scratch &&
           a.overwrites == b.overwrites;
  }
};

// The turn of the ring of `tensor` while a call computes or reads its rows from `first_row` on: 0,
// but for an output of a depthwise convolution that overwrites, row by row, the ring of its input.
// There it begins where the input's row does that the window of `first_row` begins with.
struct RingTurn {
  // turn = first_row * by_row + offset, in [0, ring_rows) by mod.
  int by_row = 0;
  int offset = 0;
};
RingTurn TurnOfRing(const arch::Graph& graph, const MemoryPlan& plan, arch::TensorId tensor);

// Bytes of the arena that hold something while operator `index` runs.
int64_t LiveBytes(const MemoryPlan& plan, int index);

// Plans many networks, reusing its memory. Not thread-safe; one for each thread.
class Planner {
 public:
  explicit Planner(const PlanOptions& options = {}) : options_(options) {}

  // The plan of `graph` with every operator whole, valid until the next call. Deterministic. Tries
  // placement orders until one reaches the lower bound, else keeps the best.
  const MemoryPlan& Plan(const arch::Graph& graph);

  // The same, where the graph's lifetimes under this planner's options are known. They are borrowed
  // until the next call.
  const MemoryPlan& Plan(const arch::Graph& graph, const Lifetimes& lifetimes);

  // The same under a schedule that a search of `streams` has found. Outputs lie over inputs where
  // the schedule's largest segment is of that kind, and everywhere where that makes a smaller
  // arena.
  // The first placement of at most `enough_bytes` will do, and few are tried; 0: the best of many.
  const MemoryPlan& Plan(const RowStreams& streams, const ScheduleChoice& choice,
                         int64_t enough_bytes = 0);

 private:
  // A stretch of time with one place and size.
  struct Piece {
    int first_op;
    int last_op;
    // From where the item begins.
    int64_t begin;
    int64_t size;
  };
  // What must lie at one offset: a chain of tensors that overwrite each other, or one scratch
  // buffer.
  struct Item {
    int first_piece;
    int num_pieces;
    int64_t size;  // to the end of the furthest piece
    int first_op;
    int last_op;
    int64_t pressure;  // largest live sum over the item's operators
    int64_t offset;
    Layout layout;
  };
  enum class Order { kSize, kPressure, kTime, kReverseTime };
  // An item where it is sorted: those of the largest keys first, of equal ones the lowest rank.
  struct Sorted {
    int64_t key;
    int rank;
    int item;
  };
  struct Range {
    int64_t begin;
    int64_t end;
  };
  void StartPlan(const arch::Graph& graph, const Lifetimes& lifetimes);
  void ApplySegment(const RowStreams& streams, const SegmentChoice& segment);
  void PlaceItems(const arch::Graph& graph);
  void StartChain(const arch::Graph& graph, arch::TensorId id);
  arch::TensorId FollowOverlap(arch::TensorId id, int item, int64_t& begin);
  void FinishChain(int item);
  void MakeItems(const arch::Graph& graph);
  void StartItem(int first_op, int last_op, int64_t size);
  void ContinueItem(Item& item, int last_op, int64_t begin, int64_t size);
  void FindLowerBound(size_t num_ops);
  void SortBySize();
  void SortItems(Order order);
  void SortByKeys();
  bool PutHighestFirst();
  int64_t PlaceAll(size_t num_ops, bool best_fit);
  int64_t FindOffset(const Item& item, bool best_fit);
  void Occupy(const Item& item, int piece_index);
  void CollectForbidden(const Item& item);
  void WriteOffsets(const arch::Graph& graph);

  PlanOptions options_;
  MemoryPlan plan_;
  // Of one schedule, with other overlaps.
  MemoryPlan other_plan_;
  // Placements from one order: more where something streams, since that is harder to place.
  int turns_ = 1;
  // No better placement is looked for.
  int64_t enough_bytes_ = 0;
  Lifetimes own_lifetimes_;
  // Of the network at hand.
  const Lifetimes* lifetimes_ = nullptr;
  std::vector<Piece> pieces_;
  std::vector<Item> items_;
  // By root tensor: the last operator while which it is in memory.
  std::vector<int> last_use_;
  // By operator that ends a segment: what overlaps there.
  std::vector<Overlap> overlaps_;
  // By operator: the first of its segment by rows, or -1.
  std::vector<int> segment_of_;
  std::vector<int> item_of_tensor_;
  // By tensor: from where its item begins.
  std::vector<int64_t> place_in_item_;
  std::vector<int> item_of_scratch_;
  std::vector<Sorted> sorted_;
  std::vector<int> by_size_;
  std::vector<int> order_;
  // Of those placed: the first that reaches as far up as any.
  int highest_ = 0;
  std::vector<int64_t> best_offsets_;
  std::vector<int64_t> live_bytes_;
  // Of what has a place: by operator, where the pieces that are there at it lie, and of these those
  // that begin at it. Each has room for as many as there are items.
  struct Placed {
    int alive = 0;
    int begins = 0;
  };
  std::vector<Placed> placed_;
  std::vector<Range> alive_;
  std::vector<Range> begins_;
  // The first num_forbidden_ of them.
  std::vector<Range> forbidden_;
  size_t num_forbidden_ = 0;
};

// One network. Loops use a Planner.
MemoryPlan PlanMemory(const arch::Graph& graph, const PlanOptions& options = {});

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_MEMORY_PLAN_H_
