// How many networks a core can build, count and plan.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_PLAN_BENCHMARK_H_
#define NIWAKI_LIBS_ENGINE_PLAN_PLAN_BENCHMARK_H_

#include <cstdint>

#include "libs/arch/space.h"

namespace niwaki::engine {

struct PlanRates {
  // Graph, MACs and memory plan of different random subnets, per second on one core.
  double subnets_per_second = 0;
  // The part of them whose plan is as small as any plan can be, 0 to 1.
  double optimal = 0;
  // The largest arena over its lower bound.
  double worst_ratio = 1;
};

// Plans `count` random subnets of `space`, sampled from `seed` beforehand.
PlanRates MeasurePlans(const arch::SearchSpace& space, int count, uint64_t seed);

// Whole plans (PlanNetwork) of `count` such subnets, whose graphs are there, per second of
// processor time.
double NetworkPlansPerSecond(const arch::SearchSpace& space, int count, uint64_t seed);

// What SRAM and schedules of a network take on one core, in microseconds of processor time, graph
// and fingerprint included.
struct ScheduleTimes {
  // Of a network that the memo does not know, and of one that it knows.
  double cold_us = 0;
  double warm_us = 0;
  // Schedules of a network, on average.
  double schedules = 0;
};

// Of `count` random subnets of `space`.
ScheduleTimes MeasureSchedules(const arch::SearchSpace& space, int count, uint64_t seed);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_PLAN_BENCHMARK_H_
