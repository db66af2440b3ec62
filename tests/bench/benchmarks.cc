#include "tests/bench/benchmarks.h"

#include "absl/time/time.h"
#include "libs/arch/arch_benchmark.h"
#include "libs/arch/catalogue.h"
#include "libs/base/status_macros.h"
#include "libs/engine/plan_benchmark.h"
#include "libs/latency/estimate_benchmark.h"
#include "libs/search/search_benchmark.h"
#include "libs/store/group_commit_benchmark.h"

namespace niwaki::bench {
namespace {

using Figures = absl::StatusOr<std::vector<Figure>>;

constexpr int kSubnets = 20000;
constexpr uint64_t kSeed = 1;

Figures RunArch(const std::string& /*folder*/) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::CatalogueSpace("mcunet"));
  const engine::PlanRates plans = engine::MeasurePlans(space, kSubnets, kSeed);
  return std::vector<Figure>{
      {"sample, canonicalise and id", arch::SubnetsPerSecond(1.0), "subnets/s", 1e6},
      {"graph and MACs", arch::GraphsPerSecond(1.0), "subnets/s", std::nullopt},
      {"graph, MACs and memory plan", plans.subnets_per_second, "subnets/s", 20000},
      {"plans as small as their lower bound", plans.optimal, "share", std::nullopt},
  };
}

Figures RunEstimate(const std::string& /*folder*/) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::CatalogueSpace("mcunet"));
  NIWAKI_ASSIGN_OR_RETURN(const latency::EstimateRates rates,
                          latency::MeasureEstimates(space, kSubnets, kSeed));
  return std::vector<Figure>{
      {"all costs, latency by the model", rates.predicted_per_second, "subnets/s", std::nullopt},
      {"all costs, latency by table", rates.looked_up_per_second, "subnets/s", std::nullopt},
  };
}

Figures RunSearch(const std::string& /*folder*/) {
  return std::vector<Figure>{
      {"evolution, 500 generations of 100", search::EvolutionSeconds(), "s", 2.0, Better::kLower},
      {"NSGA-II, 500 generations of 100", search::Nsga2Seconds(), "s", 2.0, Better::kLower},
  };
}

Figures RunStore(const std::string& folder) {
  constexpr int kGroup = 32;
  NIWAKI_ASSIGN_OR_RETURN(const store::GroupCommitRates rates,
                          store::MeasureGroupCommit(folder, kGroup, absl::Seconds(2)));
  return std::vector<Figure>{
      {"durable commits of one row", rates.commits_per_second, "commits/s", std::nullopt},
      {"durable rows in groups of 32", rates.grouped_rows_per_second, "rows/s", std::nullopt},
      {"groups over single commits", rates.grouped_rows_per_second / rates.commits_per_second,
       "times", std::nullopt},
  };
}

}  // namespace

const std::vector<Benchmark>& Benchmarks() {
  static const auto* const benchmarks = new std::vector<Benchmark>{
      {"arch", "subnets, graphs and memory plans on one core", RunArch},
      {"estimate", "what an estimate costs before gRPC, on one core", RunEstimate},
      {"search", "a whole search with a table as scorer, on one core", RunSearch},
      {"store", "SQLite with WAL and synchronous=FULL on this disk", RunStore},
  };
  return *benchmarks;
}

}  // namespace niwaki::bench
