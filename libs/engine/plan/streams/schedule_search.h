// The best schedules of a network: whole operators and segments by rows, cut by dynamic
// programming.
//
// A schedule needs as much memory as the segment or whole operator that needs most, and costs what
// streaming adds to each operator that streams. Both are closed forms of a segment alone, so the
// best way to operator e is the best way to some f and the segment from f to e. The more rows a
// segment's calls compute, the more memory it needs and the less it costs.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_STREAMS_SCHEDULE_SEARCH_H_
#define NIWAKI_LIBS_ENGINE_PLAN_STREAMS_SCHEDULE_SEARCH_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "libs/arch/graph.h"
#include "libs/engine/plan/lifetimes.h"
#include "libs/engine/plan/plan_options.h"
#include "libs/engine/plan/schedule.h"
#include "libs/engine/plan/streams/row_streams.h"
#include "libs/engine/plan/streams/stream_price.h"

namespace niwaki::engine {

// A segment that a schedule may have.
struct SegmentChoice {
  RunMode mode = RunMode::kWhole;
  int first_op = 0;
  int end_op = 0;
  int rows_at_a_time = 1;
  int64_t bytes = 0;
  // Instructions more than its operators whole.
  int64_t price = 0;
  Overlap overlap;
};

struct ScheduleChoice {
  // False: no schedule needs as little; the rest is empty.
  bool possible = false;
  Schedule schedule;
  // Its segments by rows, in order.
  std::vector<SegmentChoice> rows;
  // No placement needs less.
  int64_t bytes = 0;
  int64_t price = 0;
};

// Searches many networks, reusing its memory. Not thread-safe.
class ScheduleSearch {
 public:
  static constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

  // Lists the segments of `graph`, which has operators. The arguments are borrowed until the next
  // call. Left out are segments that need more than all operators whole, as long as the image is
  // whole, and those that need no less than the parts they can be cut into at the first
  // or the last place where a cut costs nothing: they cost as much.
  void Prepare(const arch::Graph& graph, const Lifetimes& lifetimes, const PlanOptions& options,
               const StreamPrices& prices = {});

  // The least memory that a schedule can have.
  int64_t SmallestBytes();

  // The cheapest schedule of at most `limit_bytes`, and of at most `more_rows_bytes` where calls
  // compute more than one row; of equally cheap ones that of the least memory at its largest
  // segment, then that with the shortest last segments.
  ScheduleChoice Cheapest(int64_t limit_bytes, int64_t more_rows_bytes = kNoLimit) {
    return Best(limit_bytes, more_rows_bytes, /*roomy=*/false);
  }

  // That with the least sum of memory over its operators, whatever it costs: where places are hard
  // to find in little memory, the one with the most room.
  ScheduleChoice Roomiest(int64_t limit_bytes) { return Best(limit_bytes, 0, /*roomy=*/true); }

  const RowStreams& streams() const { return streams_; }

  // WholeInstructions of all operators.
  int64_t whole_instructions() const { return whole_instructions_; }

 private:
  // The choices [first, end) of one segment, by how many rows its calls compute: each needs more
  // memory and costs less than the one before.
  struct Range {
    int first = 0;
    int end = 0;
  };

  ScheduleChoice Best(int64_t limit_bytes, int64_t more_rows_bytes, bool roomy);
  int64_t WholeBytes(int op) const;
  void FindPrices(const StreamPrices& prices);
  void AddWhole(int op);
  int64_t& LeastOf(int first_op, int end_op);
  void AddRows(int end_op, int64_t limit_bytes);
  void AddSegment(const SegmentScan& scan, int end_op, const SegmentMemory& memory,
                  int64_t limit_bytes);
  void FindFewestAlive();

  const arch::Graph* graph_ = nullptr;
  const Lifetimes* lifetimes_ = nullptr;
  const PlanOptions* options_ = nullptr;
  RowStreams streams_;
  int64_t whole_instructions_ = 0;
  // Sums: of operators [0, i).
  std::vector<ByRows<int64_t>> price_before_;
  // By operator: what a segment costs more that ends with it.
  std::vector<int64_t> seam_price_;
  // By tensor: a depthwise convolution reads it.
  std::vector<bool> feeds_depthwise_;
  // By operator: the least that lives before it or before an earlier one.
  std::vector<int64_t> fewest_alive_;
  // By operator: the next place behind it, and the last place before one that ends with it, where a
  // cut costs nothing.
  std::vector<int> next_cut_;
  std::vector<int> last_cut_;
  // By end and first operator: the least that these operators need, as listed so far, in parts that
  // cost as much as one.
  std::vector<int64_t> least_;
  std::vector<SegmentChoice> choices_;
  // Segments by rows and single operators, by end, then from the shortest.
  std::vector<Range> segments_;
  // By operators done: the best so far, and the choice that leads there.
  std::vector<int64_t> best_bytes_;
  std::vector<int64_t> best_sum_;
  std::vector<int> best_choice_;
};

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_STREAMS_SCHEDULE_SEARCH_H_
