#include "libs/engine/plan/cost.h"

#include <cstdint>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
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

cost::Cost ExactCostOf(const arch::Graph& graph, const PlannedNetwork& planned) {
  cost::Cost cost;
  const MemoryPlan& plan = planned.plan.memory;
  cost.sram_bytes = plan.arena_bytes;
  cost.flash_bytes = PlanFlash(graph, planned.plan).total();
  cost.macs = arch::CountMacs(graph);
  cost.params = arch::CountParams(graph);
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
        const arch::Graph graph = arch::BuildGraph(*space, subnet);
        // Of the fastest schedule, and of the smallest.
        for (const int64_t limit : {std::numeric_limits<int64_t>::max(), int64_t{0}}) {
          const cost::Cost cost = ExactCostOf(graph, planner.Fastest(graph, limit));
          absl::StrAppend(&text, cost.sram_bytes, " ", cost.flash_bytes, " ", cost.macs, "|");
        }
      }
    }
    return new std::string(FingerprintOf(text.data(), text.size()).ToHex());
  }();
  return *fingerprint;
}

}  // namespace niwaki::engine
