#include "libs/engine/plan/network_plan.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/arch/describe.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/text/units.h"
#include "libs/engine/plan/streams/stream_price.h"

namespace niwaki::engine {
namespace {

// Placements of a schedule between the whole one and the smallest.
constexpr int kTriesBetween = 3;
// Placements of the fewest instructions in the smallest arena.
constexpr int kTriesSmallest = 3;

}  // namespace

NetworkPlan PlanNetwork(const arch::Graph& graph, const PlanOptions& options) {
  return {WholeSchedule(graph), PlanMemory(graph, options)};
}

void NetworkPlanner::StartGraph(const arch::Graph& graph) {
  whole_instructions_ = 0;
  for (const arch::Op& op : graph.ops) whole_instructions_ += WholeInstructions(graph, op);
}

void NetworkPlanner::Place(ScheduleChoice choice, int64_t enough_bytes) {
  candidate_.plan.memory = planner_.Plan(search_.streams(), choice, enough_bytes);
  candidate_.plan.schedule = std::move(choice.schedule);
  candidate_.streaming_instructions = choice.price;
  candidate_.instructions = whole_instructions_ + choice.price;
}

// What fits whole needs no search.
bool NetworkPlanner::TryWhole(const arch::Graph& graph, int64_t limit_bytes) {
  const MemoryPlan& plan = planner_.Plan(graph);
  if (plan.arena_bytes > limit_bytes) return false;
  TakeWhole(graph, plan);
  return true;
}

void NetworkPlanner::TakeWhole(const arch::Graph& graph, const MemoryPlan& plan) {
  found_.plan.memory = plan;
  found_.plan.schedule.segments.assign(1, WholeSegment(graph));
  found_.streaming_instructions = 0;
  found_.instructions = whole_instructions_;
}

// What is placed may need more than the sum of what lives: then a little less is looked for.
bool NetworkPlanner::PlaceWithin(int64_t limit_bytes, int tries, int64_t enough_bytes) {
  int64_t limit = limit_bytes;
  for (int i = 0; i < tries; ++i) {
    ScheduleChoice choice = search_.Cheapest(limit);
    if (!choice.possible) return false;
    Place(std::move(choice), enough_bytes);
    const int64_t more = candidate_.plan.memory.arena_bytes - limit_bytes;
    if (more <= 0) return true;
    limit -= more;
  }
  return false;
}

const PlannedNetwork& NetworkPlanner::Fastest(const arch::Graph& graph, int64_t limit_bytes) {
  StartGraph(graph);
  if (limit_bytes > 0 && !options_.input_by_rows && TryWhole(graph, limit_bytes)) return found_;
  lifetimes_.Find(graph, options_);
  search_.Prepare(graph, lifetimes_, options_);
  if (PlaceWithin(limit_bytes, std::numeric_limits<int>::max())) {
    std::swap(found_, candidate_);
  } else {
    FindSmallest();
  }
  return found_;
}

// The smallest arena, then the fewest instructions that fit it.
void NetworkPlanner::FindSmallest() {
  FindSmallestArena();
  const int64_t limit = found_.plan.memory.arena_bytes;
  // Calls of more rows leave less room to place things in: then a little less is looked for.
  int64_t more_rows = limit;
  for (int i = 0; i < kTriesSmallest; ++i) {
    ScheduleChoice choice = search_.Cheapest(limit, more_rows);
    if (!choice.possible || choice.price >= found_.streaming_instructions) return;
    Place(std::move(choice), limit);
    const int64_t too_much = candidate_.plan.memory.arena_bytes - limit;
    if (too_much <= 0) {
      std::swap(found_, candidate_);
      return;
    }
    more_rows -= too_much;
  }
}

// Where what needs least cannot be placed without gaps, others that need little more may. A row a
// call takes the least.
void NetworkPlanner::FindSmallestArena() {
  const int64_t smallest = search_.SmallestBytes();
  NIWAKI_CHECK(smallest != ScheduleSearch::kNoLimit);
  int64_t best = std::numeric_limits<int64_t>::max();
  for (const int percent : {0, 3, 6, 10}) {
    const int64_t limit = smallest + smallest * percent / 100;
    if (limit >= best) return;
    for (const bool roomy : {false, true}) {
      Place(roomy ? search_.Roomiest(limit) : search_.Cheapest(limit, 0));
      if (candidate_.plan.memory.arena_bytes >= best) continue;
      best = candidate_.plan.memory.arena_bytes;
      std::swap(found_, candidate_);
      if (best == smallest) return;
    }
  }
}

const PlannedNetwork* NetworkPlanner::WholeWithin(const arch::Graph& graph, int64_t limit_bytes) {
  StartGraph(graph);
  return TryWhole(graph, limit_bytes) ? &found_ : nullptr;
}

// Takes the content of `planned`. What came before and is no faster goes.
void NetworkPlanner::AddNamed(ScheduleKind kind, PlannedNetwork& planned) {
  while (num_named_ > 0 && named_[num_named_ - 1].planned.instructions >= planned.instructions) {
    --num_named_;
  }
  named_[num_named_].kind = kind;
  std::swap(named_[num_named_].planned, planned);
  ++num_named_;
}

absl::Span<const NamedPlan> NetworkPlanner::Schedules(const arch::Graph& graph) {
  NIWAKI_CHECK(!options_.input_by_rows);
  num_named_ = 0;
  lifetimes_.Find(graph, options_);
  search_.Prepare(graph, lifetimes_, options_);
  whole_instructions_ = search_.whole_instructions();
  TakeWhole(graph, planner_.Plan(graph, lifetimes_));
  const int64_t whole = found_.plan.memory.arena_bytes;
  AddNamed(ScheduleKind::kWhole, found_);
  FindSmallest();
  const int64_t smallest = found_.plan.memory.arena_bytes;
  if (smallest < whole) {
    int64_t last = whole;
    for (const auto& [kind, limit] : {std::pair(ScheduleKind::kStreamed75, whole / 4 * 3),
                                      std::pair(ScheduleKind::kStreamed50, whole / 2)}) {
      if (limit <= smallest || last <= limit || !PlaceWithin(limit, kTriesBetween, limit)) continue;
      last = candidate_.plan.memory.arena_bytes;
      if (candidate_.instructions < found_.instructions) AddNamed(kind, candidate_);
    }
    AddNamed(ScheduleKind::kStreamed, found_);
  }
  return {named_.data(), num_named_};
}

const PlannedNetwork& NetworkPlanner::OfCost(const arch::Graph& graph, absl::string_view schedule,
                                             int64_t sram_bytes) {
  if (!schedule.empty()) {
    for (const NamedPlan& named : Schedules(graph)) {
      if (ScheduleKindName(named.kind) == schedule &&
          named.planned.plan.memory.arena_bytes == sram_bytes) {
        return named.planned;
      }
    }
  }
  return Fastest(graph, sram_bytes);
}

absl::Status CheckFits(const arch::Graph& graph, const MemoryPlan& plan, int64_t limit_bytes,
                       absl::string_view limit_name) {
  if (plan.arena_bytes <= limit_bytes) return absl::OkStatus();
  NetworkPlanner planner;
  const MemoryPlan& least = planner.Smallest(graph).plan.memory;
  const arch::Op& peak = graph.ops[least.peak_op];
  return Error(absl::StatusCode::kFailedPrecondition, reason::kBudgetUnsatisfiable)
      .Field("sram_bytes")
      .Value(plan.arena_bytes)
      .Limit(absl::StrCat(limit_bytes))
      .Message(absl::StrCat(
          "the network needs ", FormatBytes(plan.arena_bytes), " of SRAM, ", limit_name, " is ",
          FormatBytes(limit_bytes), "; the smallest arena that it can have",
          least.arena_bytes <= limit_bytes ? ", row by row," : "", " is ",
          FormatBytes(least.arena_bytes), " (", least.arena_bytes, " bytes), held by operator ",
          least.peak_op, " (", arch::OpKindName(peak.kind), " ", arch::OpName(graph, peak), ")"));
}

}  // namespace niwaki::engine
