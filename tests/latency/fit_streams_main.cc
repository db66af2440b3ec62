// Fits what the planner believes operators cost, whole and by rows, on instructions counted on an
// emulated Cortex-M7.
//
//   fit_streams [SHARED]
//
// prints the rows of StreamPrices as libs/engine/plan/streams/stream_price.h has them; on standard
// error, for each network and schedule, what was counted and what the fit says. SHARED is the
// folder of reference figures, whose networks are held against the fit.

#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "libs/base/process/standard_streams.h"
#include "libs/base/process/temporary_folder.h"
#include "libs/base/status_macros.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/plan/schedule.h"
#include "libs/engine/plan/schedule_kind.h"
#include "libs/engine/plan/streams/stream_price.h"
#include "libs/latency/fit/least_squares.h"
#include "tests/latency/core_counts.h"
#include "tests/latency/counted_layers.h"
#include "tests/latency/counted_network.h"

namespace niwaki::latency {
namespace {

constexpr const char* kNames[engine::kStreamClasses] = {"depthwise", "pointwise", "window",
                                                        "other"};

// One operator under one schedule.
struct Counted {
  size_t stream_class = 0;
  engine::StreamWork work = {};
  double instructions = 0;
};

// A network under one schedule.
struct Run {
  std::string name;
  double counted = 0;
  std::vector<Counted> operators;
};

int RowsOfCall(const engine::Schedule& schedule, int op, int height) {
  for (const engine::Segment& segment : schedule.segments) {
    if (op < segment.first_op || op >= segment.end_op) continue;
    return segment.mode == engine::RunMode::kRows ? segment.rows_at_a_time : height;
  }
  return height;
}

// The schedules of a network.
absl::StatusOr<std::vector<Run>> CountRuns(const CountedCase& one,
                                           const board::EmulatedBoard& board) {
  engine::NetworkPlanner planner;
  const arch::Graph& graph = one.network.graph;
  std::vector<Run> runs;
  for (const engine::NamedPlan& named : planner.Schedules(graph)) {
    const engine::NetworkPlan& plan = named.planned.plan;
    NIWAKI_ASSIGN_OR_RETURN(const auto folder, TemporaryFolder::Create());
    NIWAKI_ASSIGN_OR_RETURN(
        const InstructionCount count,
        CountInstructions(one.network, plan, board, /*by_operator=*/true, folder->path()));
    Run run;
    run.name = absl::StrFormat("%s %s", one.name, engine::ScheduleKindName(named.kind));
    run.counted = static_cast<double>(count.total);
    for (size_t i = 0; i < graph.ops.size(); ++i) {
      if (count.operators[i] == 0) continue;
      const arch::Op& op = graph.ops[i];
      const int rows =
          RowsOfCall(plan.schedule, static_cast<int>(i), graph.shape(op.output).height);
      run.operators.push_back({static_cast<size_t>(engine::StreamClassOf(op)),
                               engine::StreamWorkOf(graph, op, rows),
                               static_cast<double>(count.operators[i])});
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

// Of one class; parts that no operator has get no price.
absl::StatusOr<std::array<double, engine::kStreamWorks>> FitClass(const std::vector<Run>& runs,
                                                                  size_t stream_class) {
  std::array<bool, engine::kStreamWorks> used = {};
  for (const Run& run : runs) {
    for (const Counted& counted : run.operators) {
      if (counted.stream_class != stream_class) continue;
      for (size_t i = 0; i < used.size(); ++i) used[i] = used[i] || counted.work[i] > 0;
    }
  }
  std::vector<std::vector<double>> rows;
  std::vector<double> targets;
  for (const Run& run : runs) {
    for (const Counted& counted : run.operators) {
      if (counted.stream_class != stream_class) continue;
      std::vector<double> row;
      for (size_t i = 0; i < used.size(); ++i) {
        if (used[i]) row.push_back(static_cast<double>(counted.work[i]));
      }
      rows.push_back(std::move(row));
      targets.push_back(counted.instructions);
    }
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<double> fitted, FitRelative(rows, targets));
  std::array<double, engine::kStreamWorks> prices = {};
  size_t next = 0;
  for (size_t i = 0; i < used.size(); ++i) {
    if (used[i]) prices[i] = fitted[next++];
  }
  return prices;
}

using Prices = std::array<std::array<double, engine::kStreamWorks>, engine::kStreamClasses>;

void Report(const std::vector<Run>& runs, const Prices& prices) {
  for (const Run& run : runs) {
    double fitted = 0;
    for (const Counted& counted : run.operators) {
      for (size_t i = 0; i < engine::kStreamWorks; ++i) {
        fitted += prices[counted.stream_class][i] * static_cast<double>(counted.work[i]);
      }
    }
    std::fprintf(stderr, "%-52s %8.2f M, fitted %+5.1f %%\n", run.name.c_str(), run.counted / 1e6,
                 100 * (fitted / run.counted - 1));
  }
}

absl::StatusOr<std::vector<Run>> CountAll(const std::vector<CountedCase>& cases,
                                          const board::EmulatedBoard& board) {
  std::vector<Run> runs;
  for (const CountedCase& one : cases) {
    NIWAKI_ASSIGN_OR_RETURN(std::vector<Run> more, CountRuns(one, board));
    for (Run& run : more) runs.push_back(std::move(run));
  }
  return runs;
}

absl::Status Fit(const std::string& shared) {
  NIWAKI_ASSIGN_OR_RETURN(const board::EmulatedBoard board, board::FindEmulatedBoard("cortex-m7"));
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<CountedCase> cases, FitCases());
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<Run> runs, CountAll(cases, board));
  Prices prices = {};
  for (size_t i = 0; i < engine::kStreamClasses; ++i) {
    NIWAKI_ASSIGN_OR_RETURN(prices[i], FitClass(runs, i));
  }
  Report(runs, prices);
  for (size_t i = 0; i < engine::kStreamClasses; ++i) {
    std::printf("      // %s\n      {{", kNames[i]);
    for (size_t j = 0; j < engine::kStreamWorks; ++j) {
      std::printf("%s%.0f", j == 0 ? "" : ", ", 100 * prices[i][j]);
    }
    std::printf("}},\n");
  }
  if (shared.empty()) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<CountedCase> published, PublishedCases(shared));
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<Run> others, CountAll(published, board));
  Report(others, prices);
  return absl::OkStatus();
}

}  // namespace
}  // namespace niwaki::latency

int main(int argc, char** argv) {
  niwaki::PrepareStandardStreams();
  const absl::Status status = niwaki::latency::Fit(argc > 1 ? argv[1] : "");
  if (!status.ok()) std::fprintf(stderr, "fit_streams: %s\n", status.ToString().c_str());
  return niwaki::ExitCodeAfterOutput("fit_streams", status.ok() ? 0 : 1);
}
