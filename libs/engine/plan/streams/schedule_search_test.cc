#include "libs/engine/plan/streams/schedule_search.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/plan/streams/test_streams.h"

namespace niwaki::engine {
namespace {

using arch::Graph;

// Every way to cut a network, one after the other.
class Exhaustive {
 public:
  Exhaustive(const Graph& graph, const PlanOptions& options) : graph_(graph), options_(options) {
    lifetimes_.Find(graph_, options_);
    streams_.Find(graph_, lifetimes_, options_);
  }

  int64_t SmallestBytes() {
    Visit(0, 0, 0);
    int64_t smallest = ScheduleSearch::kNoLimit;
    for (const auto& [bytes, price] : found_) smallest = std::min(smallest, bytes);
    return smallest;
  }

  // The least price of at most `limit` bytes.
  std::optional<int64_t> Cheapest(int64_t limit) const {
    std::optional<int64_t> cheapest;
    for (const auto& [bytes, price] : found_) {
      if (bytes <= limit && (!cheapest.has_value() || price < *cheapest)) cheapest = price;
    }
    return cheapest;
  }

  const std::vector<std::pair<int64_t, int64_t>>& found() const { return found_; }

 private:
  void Visit(int op, int64_t bytes, int64_t price) {
    const int operators = static_cast<int>(graph_.ops.size());
    if (op == operators) {
      found_.emplace_back(bytes, price);
      return;
    }
    Visit(op + 1, std::max(bytes, WholeBytes(op)), price);
    for (int end = op + 1; end <= operators; ++end) {
      SegmentScan scan(streams_, end);
      while (scan.first_op() > op && scan.Extend()) {
      }
      if (scan.first_op() > op) continue;
      const SegmentMemory memory = scan.Memory();
      const arch::Op& last = graph_.ops[end - 1];
      const bool feeds_depthwise =
          std::any_of(graph_.ops.begin(), graph_.ops.end(), [&](const arch::Op& op) {
            return op.kind == arch::OpKind::kDepthwiseConv2d && op.input == last.output;
          });
      for (size_t rows = 0; rows < kRowsOfCalls.size(); ++rows) {
        int64_t more = price + SeamInstructions(graph_, last, feeds_depthwise);
        for (int i = op; i < end; ++i) {
          more += StreamingInstructions(graph_, graph_.ops[i], kRowsOfCalls[rows],
                                        WholeInstructions(graph_, graph_.ops[i]));
        }
        const SegmentMemory of = rows == 0 ? memory : scan.MemoryOf(rows, memory);
        Visit(end, std::max(bytes, of.bytes), more);
      }
    }
  }

  // Everything that lives, counted tensor by tensor.
  int64_t WholeBytes(int op) const {
    int64_t bytes = lifetimes_.scratch[op];
    for (size_t t = 0; t < graph_.tensors.size(); ++t) {
      const bool written = static_cast<int>(t) == graph_.ops[op].output;
      const bool lives = lifetimes_.first_op[t] <= op && lifetimes_.last_op[t] >= op;
      if (written ? lifetimes_.overwrites[op] < 0 : lives) bytes += lifetimes_.bytes[t];
    }
    return bytes;
  }

  const Graph& graph_;
  const PlanOptions& options_;
  Lifetimes lifetimes_;
  RowStreams streams_;
  std::vector<std::pair<int64_t, int64_t>> found_;
};

TEST(ScheduleSearchTest, NoCutOfASmallNetworkIsBetter) {
  constexpr uint64_t kSeed = 5;
  Random random(kSeed);
  const PlanOptions options;
  for (int i = 0; i < 60; ++i) {
    SCOPED_TRACE(absl::StrCat("network ", i, " of seed ", kSeed));
    const Graph graph = RandomStream(random, 5);
    Lifetimes lifetimes;
    lifetimes.Find(graph, options);
    ScheduleSearch search;
    search.Prepare(graph, lifetimes, options);
    Exhaustive exhaustive(graph, options);
    const int64_t smallest = search.SmallestBytes();
    ASSERT_EQ(smallest, exhaustive.SmallestBytes());
    EXPECT_FALSE(search.Cheapest(smallest - 1).possible);
    for (size_t k = 0; k < exhaustive.found().size(); k += 1 + exhaustive.found().size() / 20) {
      const int64_t limit = exhaustive.found()[k].first;
      const ScheduleChoice choice = search.Cheapest(limit);
      ASSERT_TRUE(choice.possible);
      EXPECT_LE(choice.bytes, limit);
      EXPECT_EQ(choice.price, exhaustive.Cheapest(limit));
    }
  }
}

TEST(ScheduleSearchTest, WithoutALimitEveryOperatorIsWhole) {
  Graph graph = ImageOf(16, 16, 3);
  AddBlock(graph, 0, 24, 8, 3, 1, /*shortcut=*/false);
  Lifetimes lifetimes;
  const PlanOptions options;
  lifetimes.Find(graph, options);
  ScheduleSearch search;
  search.Prepare(graph, lifetimes, options);

  const ScheduleChoice choice = search.Cheapest(ScheduleSearch::kNoLimit);

  EXPECT_EQ(choice.schedule, WholeSchedule(graph));
  EXPECT_EQ(choice.price, 0);
  EXPECT_EQ(search.Cheapest(search.SmallestBytes()).schedule, (Schedule{{{RunMode::kRows, 0, 3}}}));
}

TEST(ScheduleSearchTest, ImageByRowsIsReadInTheFirstSegmentAlone) {
  Graph graph = ImageOf(32, 32, 3);
  const arch::TensorId stem = AddOp(graph, arch::OpKind::kConv2d, 0, 4, 3, 2);
  AddBlock(graph, stem, 24, 4, 3, 1, /*shortcut=*/true);
  PlanOptions options;
  Lifetimes lifetimes;
  lifetimes.Find(graph, options);
  ScheduleSearch search;
  search.Prepare(graph, lifetimes, options);
  const int64_t with_image = search.SmallestBytes();
  options.input_by_rows = true;
  search.Prepare(graph, lifetimes, options);

  EXPECT_LT(search.SmallestBytes(), with_image);
  const ScheduleChoice choice = search.Cheapest(ScheduleSearch::kNoLimit);
  ASSERT_TRUE(choice.possible);
  const Segment& first = choice.schedule.segments[0];
  EXPECT_EQ(first, (Segment{RunMode::kRows, 0, 1, first.rows_at_a_time}));
}

}  // namespace
}  // namespace niwaki::engine
