// What streaming a network by rows takes: which operators can, how many rows of each tensor lie in
// a ring, and how far an output may follow behind the input that it overwrites. Closed forms.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_STREAMS_ROW_STREAMS_H_
#define NIWAKI_LIBS_ENGINE_PLAN_STREAMS_ROW_STREAMS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "libs/arch/graph.h"
#include "libs/engine/plan/lifetimes.h"
#include "libs/engine/plan/plan_options.h"

namespace niwaki::engine {

// How many rows the operators of a segment may compute in a call: from these a schedule chooses.
inline constexpr std::array<int, 6> kRowsOfCalls = {1, 2, 4, 6, 8, 12};

// Something for each of them.
template <typename T>
using ByRows = std::array<T, kRowsOfCalls.size()>;

// A tensor that ends in a segment and the output of its last operator, in one stretch of memory:
// the output begins `shift_bytes` below the input and grows behind the rows that nobody reads any
// more. Both have their channels innermost.
struct Overlap {
  // -1: none.
  arch::TensorId input = -1;
  arch::TensorId output = -1;
  int64_t shift_bytes = 0;
  // The operator goes element by element, over the very elements.
  bool in_place = false;
  // Against both lying apart; positive.
  int64_t saved_bytes = 0;
};

// What a segment [first_op, end_op) by rows needs.
struct SegmentMemory {
  // Rings, scratch memory, what lives before it, and its outputs that live on, less what overlaps.
  int64_t bytes = 0;
  Overlap overlap;
};

class RowStreams {
 public:
  // `lifetimes` are those of `graph` under `options`. All three are borrowed until the next call;
  // reuses memory.
  void Find(const arch::Graph& graph, const Lifetimes& lifetimes, const PlanOptions& options);

  // Whether the operator's rows can be computed one after the other.
  bool IsStreamable(int op) const { return streamable_[op]; }

  // Where a segment holds the writer of `tensor` (or is the first, and that is the image) and all
  // its readers: the segment must go on to `join`, the operator where all ways from it meet, and
  // `rows` of it are needed at once where calls compute one row, and `rows_more` more for each
  // further row of a call, as far as there are any. rows 0: it cannot be a ring.
  //
  // One reader: the rows of its windows. Else the distance, while `join` computes rows, between
  // the furthest row that a reader has asked for and the first that a reader still asks for:
  // windows and strides of the ways between, added up, without the edges of the image, where it is
  // smaller. What writes the ring writes no row before it is asked for.
  struct Ring {
    int rows = 0;
    int rows_more = 0;
    int join = 0;
    ByRows<int64_t> bytes = {};
    // The same, less what `output` needs where that lies in it.
    ByRows<int64_t> bytes_held = {};
    // What its only reader, a depthwise convolution, makes of it, where that may lie in the ring
    // too; else -1 (HoldsOutput).
    arch::TensorId output = -1;
  };
  const Ring& RingOf(arch::TensorId tensor) const { return rings_[tensor]; }

  // Where calls compute `rows_of_call` rows; of a tensor that can be a ring.
  int RowsOf(arch::TensorId tensor, int rows_of_call) const;

  // Whether RingOf(tensor).output lies in the ring of `tensor` in segments before `end_op` that
  // hold both: over the rows that its windows begin with, which nobody needs behind the call that
  // reads them. One operator reads it, the rows that were just computed, before the ring goes on.
  // For that the ring has as many rows as the windows of a call; those of a short map are fewer.
  bool HoldsOutput(arch::TensorId tensor, int end_op, int rows_of_call) const;

  // Aligned scratch memory of an operator.
  const ByRows<int64_t>& ScratchOf(int op) const { return scratch_[op]; }

  // Sum of what is needed behind operator `cut` - 1 and from operator `cut` on.
  int64_t AliveAt(int cut) const { return alive_[cut]; }

  // The image is a ring in segments from operator 0 on, and lies nowhere else.
  bool ImageIsRing() const { return options_->input_by_rows; }

  const arch::Graph& graph() const { return *graph_; }
  const Lifetimes& lifetimes() const { return *lifetimes_; }

 private:
  friend class SegmentScan;

  struct Edge {
    int reader;
    // Row y of the output reads rows [y * stride - padding, + window); window 0: all rows, always.
    int window;
    int stride;
    int padding;
  };

  Edge EdgeOf(int reader, arch::TensorId input) const;
  bool CanStream(const arch::Op& op) const;
  void FindReaders();
  void FindRing(arch::TensorId tensor, int writer);
  bool HasRoomForOutput(arch::TensorId tensor, int rows_of_call) const;
  arch::TensorId OutputInRing(arch::TensorId tensor) const;

  const arch::Graph* graph_ = nullptr;
  const Lifetimes* lifetimes_ = nullptr;
  const PlanOptions* options_ = nullptr;
  std::vector<bool> streamable_;
  // By tensor.
  std::vector<absl::InlinedVector<Edge, 2>> readers_;
  std::vector<Ring> rings_;
  std::vector<ByRows<int64_t>> scratch_;
  std::vector<int64_t> alive_;
  // By operator, while a ring is found: rows done behind row 0 of the join, and how many a row of
  // the join takes; stride 0 for none.
  struct Progress {
    int64_t done = 0;
    int64_t stride = 0;
  };
  std::vector<Progress> progress_;
};

// All segments that end at one operator, from the shortest to longer ones.
class SegmentScan {
 public:
  // Segments that end before operator `end_op`, at first without any operator.
  SegmentScan(const RowStreams& streams, int end_op);

  // Adds the operator before. False where it cannot be, nor any longer segment: each tensor inside
  // is a ring or lives on, whole.
  bool Extend();

  int first_op() const { return first_op_; }
  // Rings and scratch alone, of calls of one row, which longer segments only add to.
  int64_t RingBytes() const { return ring_bytes_[0] + scratch_bytes_[0]; }
  // Memory() is no less: what overlaps saves an output at most.
  int64_t LeastBytes() const { return RingBytes() + streams_.AliveAt(first_op_); }
  // Where calls compute one row. Takes as long as all else together: for segments that LeastBytes
  // does not rule out.
  SegmentMemory Memory();
  // The same by index of kRowsOfCalls, from 1 on, behind `memory`, that of one row; the same input
  // overlaps.
  SegmentMemory MemoryOf(size_t rows, const SegmentMemory& memory) const;

 private:
  // Rows that an operator has done behind row r of the last: min(most, stride * r + first).
  struct Flow {
    int64_t stride = 0;
    int64_t first = 0;
    int64_t most = 0;
  };

  Flow FlowOf(int op) const;
  void CatchUp();
  void AddInput(arch::TensorId input);
  bool AddRing(arch::TensorId tensor);
  bool TakesImageAsRing() const;
  int64_t BytesApart(size_t rows) const;
  int64_t ShiftOf(arch::TensorId input, int rows_of_call, bool in_place) const;
  int64_t ShiftFor(const RowStreams::Edge& edge, arch::TensorId input, int rows_of_call,
                   bool in_place) const;
  Overlap OverlapOf(arch::TensorId input, int rows_of_call) const;

  const RowStreams& streams_;
  const int end_op_;
  int first_op_;
  ByRows<int64_t> ring_bytes_ = {};
  ByRows<int64_t> scratch_bytes_ = {};
  // Outputs of the segment that live on, whole.
  int64_t outputs_bytes_ = 0;
  // Something besides the last operator's output lives on.
  bool has_tail_ = false;
  // By operator of the segment, the last first; of as many as the last Memory() saw.
  absl::InlinedVector<Flow, 32> flows_;
  // What these read of before.
  absl::InlinedVector<arch::TensorId, 4> inputs_;
};

// Whether the image can be handed over row after row: operators that stream are the first to read
// it.
bool InputByRowsIsPossible(const arch::Graph& graph);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_STREAMS_ROW_STREAMS_H_
