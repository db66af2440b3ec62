#include "libs/engine/plan/costs/cost.h"

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/digest.h"
#include "libs/base/log.h"
#include "libs/engine/plan/flash/flash.h"

namespace niwaki::engine {
namespace {

// Mobile blocks with and without squeeze-excite and hard-swish, and bottlenecks.
constexpr absl::string_view kProbes[] = {"kws", "cifar32", "mcunet", "ofa_mbv3_w10",
                                         "ofa_resnet50"};

}  // namespace

const ScheduleCost& ExactCosts::Within(int64_t limit_bytes) const {
  for (const ScheduleCost& schedule : schedules) {
    if (schedule.sram_bytes <= limit_bytes) return schedule;
  }
  return schedules.back();
}

ScheduleCost CostOfSchedule(const arch::Graph& graph, ScheduleKind kind,
                            const PlannedNetwork& planned) {
  return {kind, planned.plan.memory.arena_bytes, PlanFlash(graph, planned.plan).total(),
          planned.slowdown()};
}

ExactCosts ExactCostsOf(const arch::Graph& graph, NetworkPlanner& planner) {
  ExactCosts costs;
  costs.macs = arch::CountMacs(graph);
  costs.params = arch::CountParams(graph);
  const absl::Span<const NamedPlan> plans = planner.Schedules(graph);
  const FlashBytes constants = ConstantFlash(graph, plans[0].planned.plan.memory);
  for (const auto& [kind, planned] : plans) {
    costs.schedules.push_back({kind, planned.plan.memory.arena_bytes,
                               PlanFlash(graph, planned.plan, constants).total(),
                               planned.slowdown()});
  }
  return costs;
}

cost::Cost ToCost(const ExactCosts& costs, const ScheduleCost& schedule) {
  cost::Cost cost;
  cost.sram_bytes = schedule.sram_bytes;
  cost.flash_bytes = schedule.flash_bytes;
  cost.macs = costs.macs;
  cost.params = costs.params;
  cost.schedule = std::string(ScheduleKindName(schedule.kind));
  return cost;
}

const std::string& CostFingerprint() {
  static const auto* const fingerprint = [] {
    NetworkPlanner planner;
    std::string text;
    for (const absl::string_view name : kProbes) {
      const absl::StatusOr<arch::SearchSpace> space = arch::CatalogueSpace(name);
      NIWAKI_CHECK(space.ok());
      for (const arch::Subnet& subnet : {arch::MinSubnet(*space), arch::MaxSubnet(*space)}) {
        const ExactCosts costs = ExactCostsOf(arch::BuildGraph(*space, subnet), planner);
        absl::StrAppend(&text, costs.macs, " ", costs.params);
        for (const ScheduleCost& schedule : costs.schedules) {
          absl::StrAppend(&text, " ", ScheduleKindName(schedule.kind), " ", schedule.sram_bytes,
                          " ", schedule.flash_bytes, " ", schedule.slowdown);
        }
        absl::StrAppend(&text, "|");
      }
    }
    return new std::string(FingerprintOf(text.data(), text.size()).ToHex());
  }();
  return *fingerprint;
}

}  // namespace niwaki::engine
