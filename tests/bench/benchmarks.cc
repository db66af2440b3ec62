#include "tests/bench/benchmarks.h"

#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/arch/arch_benchmark.h"
#include "libs/arch/catalogue.h"
#include "libs/base/file.h"
#include "libs/base/status_macros.h"
#include "libs/engine/plan/plan_benchmark.h"
#include "libs/latency/estimate_benchmark.h"
#include "libs/predictor/predictor_benchmark.h"
#include "libs/predictor/score_table.h"
#include "libs/search/search_benchmark.h"
#include "libs/store/group_commit_benchmark.h"
#include "services/coordinator/coordinator_benchmark.h"
#include "services/oracle/oracle_benchmark.h"
#include "tests/bench/engine_benchmark.h"
#include "tests/bench/host_benchmark.h"
#include "tests/bench/ofa_benchmark.h"
#include "tests/bench/ofa_problem.h"
#include "tests/bench/oracle_program.h"
#include "tests/bench/score_benchmark.h"
#include "tests/bench/train_benchmark.h"

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
      {"all costs and schedules of known subnets", rates.known_per_second, "subnets/s", 100000},
  };
}

Figures RunSearch(const std::string& /*folder*/) {
  return std::vector<Figure>{
      {"evolution, 500 generations of 100", search::EvolutionSeconds(), "s", 2.0, Better::kLower},
      {"NSGA-II, 500 generations of 100", search::Nsga2Seconds(), "s", 2.0, Better::kLower},
  };
}

// One budget: ours and, with the reference's settings, ours again, beside the reference.
absl::Status AddOfaBudget(const OfaProblem& problem, const OfaBudget& budget,
                          std::vector<Figure>& figures) {
  constexpr int kSeeds = 10;
  constexpr int kReferenceSeeds = 2;
  constexpr double kMillion = 1e6;
  NIWAKI_ASSIGN_OR_RETURN(const OfaRuns ours,
                          RunOfaBudget(problem, budget, OfaEvolution(), kOfaEvaluations, kSeeds));
  NIWAKI_ASSIGN_OR_RETURN(const OfaRuns like,
                          RunOfaBudget(problem, budget, search::EvolutionOptions(),
                                       kReferenceEvaluations, kReferenceSeeds));
  const auto add = [&](const std::string& what, double value, const std::string& unit,
                       std::optional<double> target = std::nullopt,
                       Better better = Better::kHigher) {
    figures.push_back({budget.name + ": " + what, value, unit, target, better});
  };
  add("best top-1, mean of 10 seeds", 100 * ours.mean, "%", 100 * budget.reference_mean);
  add("its deviation", 100 * ours.deviation, "%");
  add("deviation of the reference's 5", 100 * budget.reference_deviation, "%");
  add("CPU of a run", ours.cpu_seconds, "s", std::nullopt, Better::kLower);
  // No target: another machine's seconds.
  add("CPU of the reference, on another machine", budget.reference_cpu_seconds, "s", std::nullopt,
      Better::kLower);
  add("distinct networks of a run", ours.evaluations, "networks");
  add("true MACs of the best", ours.true_macs / kMillion, "MMACs");
  add("reference's settings, best, mean of 2", 100 * like.mean, "%");
  add("reference's settings, CPU of a run", like.cpu_seconds, "s");
  return absl::OkStatus();
}

Figures RunOfa(const std::string& /*folder*/) {
  const char* const shared = std::getenv("NIWAKI_SHARED");
  if (shared == nullptr) {
    return absl::FailedPreconditionError(
        "NIWAKI_SHARED is not set: it must name the folder that holds ofa/predictors, "
        "ofa/lut_note10 and ofa/reference_macs_table.json");
  }
  NIWAKI_ASSIGN_OR_RETURN(const auto problem, LoadOfaProblem(std::string(shared) + "/ofa"));
  std::vector<Figure> figures;
  for (const OfaBudget& budget : OfaBudgets()) {
    NIWAKI_RETURN_IF_ERROR(AddOfaBudget(*problem, budget, figures));
  }
  return figures;
}

// The table of measured networks lies in the folder that NIWAKI_SHARED names; where it is not there
// only speeds are measured.
Figures RunPredictor(const std::string& /*folder*/) {
  constexpr double kSeconds = 1.5;
  constexpr int kSplits = 5;
  NIWAKI_ASSIGN_OR_RETURN(const predictor::PredictionRates rates,
                          predictor::MeasurePredictions(kSeconds));
  const double floor_us = rates.mlp_multiply_adds / rates.peak_multiply_adds_per_second * 1e6;
  std::vector<Figure> figures = {
      {"network 128-400-400-400-1, one core", rates.mlp_us, "us/subnet", 8.0, Better::kLower},
      {"its multiply-adds at the core's peak", floor_us, "us/subnet", std::nullopt, Better::kLower},
      {"share of that peak", floor_us / rates.mlp_us, "share", std::nullopt},
      {"structured predictor, one core", rates.structured_us, "us/subnet", std::nullopt,
       Better::kLower},
  };
  const char* shared = std::getenv("NIWAKI_SHARED");
  const std::string path =
      absl::StrCat(shared == nullptr ? "" : shared, "/ofa/acc_tables/moofa_MIT_OFA_imagenet.csv");
  if (!FileExists(path)) return figures;
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_mbv3_w10"));
  NIWAKI_ASSIGN_OR_RETURN(const predictor::ScoreTable table, predictor::ReadScores(space, path));
  NIWAKI_ASSIGN_OR_RETURN(const predictor::SplitFigures split,
                          predictor::MeasureSplits(space, table, kSplits));
  figures.push_back(
      {"held-out Kendall, mean of five splits", 100 * split.kendall, "tau x 100", 90.5});
  figures.push_back({"the least of them", 100 * split.least_kendall, "tau x 100", std::nullopt});
  figures.push_back({"within one input size", 100 * split.within, "tau x 100", 75.0});
  figures.push_back({"linear regression within one input size", 100 * split.linear_within,
                     "tau x 100", std::nullopt});
  figures.push_back({"order by MACs", 100 * split.macs.kendall, "tau x 100", std::nullopt});
  figures.push_back({"order by MACs within one input size",
                     100 * split.macs.kendall_within.value_or(0), "tau x 100", std::nullopt});
  figures.push_back(
      {"order by parameters", 100 * split.parameters.kendall, "tau x 100", std::nullopt});
  figures.push_back({"order by parameters within one input size",
                     100 * split.parameters.kendall_within.value_or(0), "tau x 100", std::nullopt});
  figures.push_back({"linear regression on one-hot, same splits", 100 * split.linear_kendall,
                     "tau x 100", std::nullopt});
  figures.push_back(
      {"held-out error", 100 * split.rmse, "points RMSE", std::nullopt, Better::kLower});
  figures.push_back({"linear regression on one-hot", 100 * split.linear_rmse, "points RMSE",
                     std::nullopt, Better::kLower});
  figures.push_back({"one training on 2,088 networks", split.training_seconds, "s", std::nullopt,
                     Better::kLower});
  return figures;
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

Figures RunOracle(const std::string& folder) {
  constexpr double kSeconds = 3;
  constexpr int kQueries = 2000;
  NIWAKI_ASSIGN_OR_RETURN(const double genes, oracle::BatchedSubnetsPerSecond(
                                                  folder, 2, oracle::SubnetForm::kGenes, kSeconds));
  NIWAKI_ASSIGN_OR_RETURN(const double json, oracle::BatchedSubnetsPerSecond(
                                                 folder, 2, oracle::SubnetForm::kJson, kSeconds));
  NIWAKI_ASSIGN_OR_RETURN(const auto program, OracleProgram::Start(folder));
  NIWAKI_ASSIGN_OR_RETURN(const double p99_ms,
                          oracle::SingleQueryP99Ms(program->address(), kQueries));
  NIWAKI_ASSIGN_OR_RETURN(const double within_ms,
                          oracle::SingleQueryP99MsWithinProcess(folder, kQueries));
  return std::vector<Figure>{
      {"batches of 256 as genes, two clients, known subnets", genes, "subnets/s", 50000},
      {"batches of 256 as JSON, two clients, known subnets", json, "subnets/s", std::nullopt},
      {"single query, 99th percentile", p99_ms, "ms", 2.0, Better::kLower},
      {"the same, oracle within the client's process", within_ms, "ms", std::nullopt},
  };
}

Figures RunCoordinator(const std::string& folder) {
  constexpr int64_t kLoadedCandidates = 100000;
  constexpr int kLeases = 2000;
  constexpr double kBytesPerMegabyte = 1 << 20;
  NIWAKI_ASSIGN_OR_RETURN(const coordinator::Throughput throughput,
                          coordinator::MeasureThroughput(folder + "/throughput", {}));
  NIWAKI_ASSIGN_OR_RETURN(
      const coordinator::LoadedLatency loaded,
      coordinator::MeasureLoadedLatency(folder + "/loaded", kLoadedCandidates, kLeases));
  return std::vector<Figure>{
      {"lease and report, 10,000 candidates, durable", throughput.candidates_per_second,
       "candidates/s", 1000},
      {"lease at 100,000 candidates, median", loaded.lease_p50_ms, "ms", std::nullopt},
      {"lease at 100,000 candidates, 99th percentile", loaded.lease_p99_ms, "ms", 20,
       Better::kLower},
      {"resident memory then, workers included", loaded.rss_bytes / kBytesPerMegabyte, "MB", 200,
       Better::kLower},
  };
}

// The published networks lie in the folder that NIWAKI_SHARED names; where it is not there a row
// says so, and what needs none of them is measured.
Figures RunEngine(const std::string& folder) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  const double plans = engine::NetworkPlansPerSecond(space, kSubnets, kSeed);
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace mcunet, arch::CatalogueSpace("mcunet"));
  const engine::ScheduleTimes schedules = engine::MeasureSchedules(mcunet, kSubnets / 4, kSeed);
  NIWAKI_ASSIGN_OR_RETURN(const double seconds, EmissionSeconds());
  NIWAKI_ASSIGN_OR_RETURN(const HostTimes host, MeasureHost(folder + "/host"));
  std::vector<Figure> figures = {
      {"plans of networks of kws, one core", plans, "plans/s", 50000},
      {"SRAM and schedules of a subnet of mcunet, new, one core", schedules.cold_us, "us", 100.0,
       Better::kLower},
      {"the same of one that is known", schedules.warm_us, "us", 15.0, Better::kLower},
      {"schedules of a subnet, mean", schedules.schedules, "schedules", std::nullopt},
      {"C source of 1 M parameters", seconds, "s", 2.0, Better::kLower},
      {"largest network of kws, emitted C by gcc -O2", host.emitted_ms, "ms", std::nullopt},
      {"the same by the host runner", host.runner_ms, "ms", std::nullopt},
      {"host runner over emitted C", host.emitted_ms / host.runner_ms, "times", 1.0},
  };
  const char* const shared = std::getenv("NIWAKI_SHARED");
  if (shared == nullptr || !FileExists(absl::StrCat(shared, "/models"))) {
    figures.push_back(AbsentFigure("published networks on emulated boards",
                                   "no models in the folder that NIWAKI_SHARED names"));
    return figures;
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<Figure> boards, BoardFigures(shared, folder));
  figures.insert(figures.end(), boards.begin(), boards.end());
  return figures;
}

}  // namespace

const std::vector<Benchmark>& Benchmarks() {
  static const auto* const benchmarks = new std::vector<Benchmark>{
      {"arch", "subnets, graphs and memory plans on one core", RunArch},
      {"engine", "plans, emission, host runner; emitted C on emulated boards beside peers",
       RunEngine},
      {"estimate", "what an estimate costs before gRPC, on one core", RunEstimate},
      {"oracle", "the oracle over gRPC on loopback", RunOracle},
      {"coordinator", "the coordinator over gRPC, its database durable", RunCoordinator},
      {"search", "a whole search with a table as scorer, on one core", RunSearch},
      {"predictor", "accuracy predictors: speed, and order of measured networks", RunPredictor},
      {"score", "scoring a subnet, against eager PyTorch in the same run, on one core", RunScore},
      {"train", "a training step, against eager PyTorch in the same run, on one core", RunTrain},
      {"store", "SQLite with WAL and synchronous=FULL on this disk", RunStore},
      {"ofa", "OFA's own search problem beside its released finder, on one core", RunOfa},
  };
  return *benchmarks;
}

}  // namespace niwaki::bench
