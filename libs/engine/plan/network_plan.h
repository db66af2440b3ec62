// NetworkPlan: how a network runs on a device: its schedule, and where every byte lies meanwhile.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_NETWORK_PLAN_H_
#define NIWAKI_LIBS_ENGINE_PLAN_NETWORK_PLAN_H_

#include <array>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "libs/arch/graph.h"
#include "libs/engine/plan/lifetimes.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/engine/plan/plan_options.h"
#include "libs/engine/plan/schedule.h"
#include "libs/engine/plan/schedule_kind.h"
#include "libs/engine/plan/streams/schedule_search.h"

namespace niwaki::engine {

struct NetworkPlan {
  Schedule schedule;
  MemoryPlan memory;

  friend bool operator==(const NetworkPlan& a, const NetworkPlan& b) {
    return a.schedule == b.schedule && a.memory == b.memory;
  }
};

// Every operator whole. `graph` has operators.
NetworkPlan PlanNetwork(const arch::Graph& graph, const PlanOptions& options = {});

// A network's way between memory and time.
struct PlannedNetwork {
  NetworkPlan plan;
  // Instructions of the kernels, roughly (stream_price.h), and those of them that streaming adds.
  int64_t instructions = 0;
  int64_t streaming_instructions = 0;

  // What streaming makes of the time that the operators take whole: 1 without it.
  double slowdown() const {
    return static_cast<double>(instructions) /
           static_cast<double>(instructions - streaming_instructions);
  }
};

// One of the few that a network has.
struct NamedPlan {
  ScheduleKind kind = ScheduleKind::kWhole;
  PlannedNetwork planned;
};

// Plans networks under limits of memory, reusing its memory. Not thread-safe; one for each thread.
class NetworkPlanner {
 public:
  explicit NetworkPlanner(const PlanOptions& options = {}) : options_(options), planner_(options) {}

  // Of the plans whose arena is at most `limit_bytes` one with the fewest instructions; where there
  // is none, that with the smallest arena. `graph` has operators and, for options.input_by_rows,
  // InputByRowsIsPossible. Valid until the next call.
  const PlannedNetwork& Fastest(const arch::Graph& graph, int64_t limit_bytes);
  const PlannedNetwork& Smallest(const arch::Graph& graph) { return Fastest(graph, 0); }

  // The plan with every operator whole where its arena is at most `limit_bytes`, else nullptr.
  // Valid until the next call; not for options.input_by_rows.
  const PlannedNetwork* WholeWithin(const arch::Graph& graph, int64_t limit_bytes);

  // The schedules of `graph`, which has operators, from the fastest on: the whole one, and of the
  // others those with a smaller arena and more instructions than each before. They depend on
  // nothing but the graph, so a name stands for one of them. Valid until the next call; not for
  // options.input_by_rows.
  absl::Span<const NamedPlan> Schedules(const arch::Graph& graph);

  // What a cost of `sram_bytes` and the name `schedule` is of: that one of Schedules; where there
  // is no such one (costs of before had no names), the fastest within `sram_bytes`. Valid until the
  // next call; not for options.input_by_rows.
  const PlannedNetwork& OfCost(const arch::Graph& graph, absl::string_view schedule,
                               int64_t sram_bytes);

 private:
  void StartGraph(const arch::Graph& graph);
  void TakeWhole(const arch::Graph& graph, const MemoryPlan& plan);
  bool TryWhole(const arch::Graph& graph, int64_t limit_bytes);
  void Place(ScheduleChoice choice, int64_t enough_bytes = 0);
  bool PlaceWithin(int64_t limit_bytes, int tries, int64_t enough_bytes = 0);
  void FindSmallest();
  void FindSmallestArena();
  void AddNamed(ScheduleKind kind, PlannedNetwork& planned);

  PlanOptions options_;
  Planner planner_;
  Lifetimes lifetimes_;
  ScheduleSearch search_;
  // Of the graph at hand, whole.
  int64_t whole_instructions_ = 0;
  PlannedNetwork found_;
  PlannedNetwork candidate_;
  std::array<NamedPlan, kScheduleKinds.size()> named_;
  size_t num_named_ = 0;
};

// OK where the plan's arena is at most `limit_bytes`. FailedPrecondition with reason
// BUDGET_UNSATISFIABLE otherwise: the limit, the smallest arena that any schedule has, and the
// operator that holds it. `limit_name` says whose limit it is: "stm32f746's SRAM".
absl::Status CheckFits(const arch::Graph& graph, const MemoryPlan& plan, int64_t limit_bytes,
                       absl::string_view limit_name);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_NETWORK_PLAN_H_
