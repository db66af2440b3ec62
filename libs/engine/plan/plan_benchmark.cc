#include "libs/engine/plan/plan_benchmark.h"

#include <time.h>

#include <algorithm>
#include <vector>

#include "absl/time/clock.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/digest.h"
#include "libs/base/log.h"
#include "libs/base/random.h"
#include "libs/engine/plan/costs/cost.h"
#include "libs/engine/plan/costs/cost_memo.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/engine/plan/network_plan.h"

namespace niwaki::engine {
namespace {

// Of this thread: what else the machine does is not counted.
double CpuSeconds() {
  timespec cpu = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
  return static_cast<double>(cpu.tv_sec) + 1e-9 * static_cast<double>(cpu.tv_nsec);
}

}  // namespace

PlanRates MeasurePlans(const arch::SearchSpace& space, int count, uint64_t seed) {
  Random random(seed);
  std::vector<arch::Subnet> subnets;
  for (int i = 0; i < count; ++i) subnets.push_back(arch::SampleSubnet(space, random));
  Planner planner;
  arch::Graph graph;
  PlanRates rates;
  int optimal = 0;
  int64_t macs = 0;
  const absl::Time start = absl::Now();
  for (const arch::Subnet& subnet : subnets) {
    arch::BuildGraphInto(space, subnet, graph);
    macs += arch::CountMacs(graph);
    const MemoryPlan& plan = planner.Plan(graph);
    if (plan.arena_bytes == plan.lower_bound_bytes) ++optimal;
    rates.worst_ratio =
        std::max(rates.worst_ratio, static_cast<double>(plan.arena_bytes) / plan.lower_bound_bytes);
  }
  rates.subnets_per_second = count / absl::ToDoubleSeconds(absl::Now() - start);
  rates.optimal = static_cast<double>(optimal) / count;
  NIWAKI_CHECK(macs > 0);
  return rates;
}

double NetworkPlansPerSecond(const arch::SearchSpace& space, int count, uint64_t seed) {
  Random random(seed);
  std::vector<arch::Graph> graphs;
  graphs.reserve(count);
  for (int i = 0; i < count; ++i) {
    graphs.push_back(arch::BuildGraph(space, arch::SampleSubnet(space, random)));
  }
  int64_t bytes = 0;
  const double start = CpuSeconds();
  for (const arch::Graph& graph : graphs) bytes += PlanNetwork(graph).memory.arena_bytes;
  const double seconds = CpuSeconds() - start;
  NIWAKI_CHECK(bytes > 0);
  return count / seconds;
}

ScheduleTimes MeasureSchedules(const arch::SearchSpace& space, int count, uint64_t seed) {
  Random random(seed);
  std::vector<arch::Subnet> subnets;
  for (int i = 0; i < count; ++i) subnets.push_back(arch::SampleSubnet(space, random));
  CostMemo memo(count);
  NetworkPlanner planner;
  arch::Graph graph;
  ExactCosts costs;
  int64_t schedules = 0;
  const auto microseconds = [&] {
    const double start = CpuSeconds();
    for (const arch::Subnet& subnet : subnets) {
      arch::BuildGraphInto(space, subnet, graph);
      const Fingerprint key = GraphFingerprint(graph);
      if (!memo.Find(key, costs)) {
        costs = ExactCostsOf(graph, planner);
        memo.Put(key, costs);
      }
      schedules += static_cast<int64_t>(costs.schedules.size());
    }
    return 1e6 * (CpuSeconds() - start) / count;
  };
  ScheduleTimes times;
  times.cold_us = microseconds();
  times.schedules = static_cast<double>(schedules) / count;
  times.warm_us = microseconds();
  return times;
}

}  // namespace niwaki::engine
