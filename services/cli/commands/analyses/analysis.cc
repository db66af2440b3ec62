#include "services/cli/commands/analyses/analysis.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/units.h"
#include "libs/cost/cost_message.h"
#include "libs/cost/provenance.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/latency/estimate.h"
#include "libs/latency/latency_model.h"
#include "libs/latency/snapshot.h"
#include "proto/niwaki/v1/cost.pb.h"
#include "services/cli/show/cost_text.h"
#include "services/cli/show/networks/operator_table.h"

namespace niwaki::cli {
namespace {

std::vector<std::string> ProblemsOf(const Analysis& analysis, const arch::Op& op,
                                    int64_t live_bytes, const latency::LatencyModel* model) {
  std::vector<std::string> problems;
  const int64_t sram = analysis.device.sram_bytes();
  if (live_bytes > sram) {
    problems.push_back(absl::StrCat("needs ", FormatBytes(live_bytes),
                                    " while it runs whole, the SRAM is ", FormatBytes(sram)));
  }
  const int64_t params = arch::ParamsOf(analysis.graph, op);
  if (params > analysis.device.flash_bytes()) {
    problems.push_back(absl::StrCat("its weights alone are more than the flash, ",
                                    FormatBytes(analysis.device.flash_bytes())));
  }
  const absl::string_view kind = latency::CostKindOf(op);
  if (model != nullptr && model->coefficients.find(kind) == model->coefficients.end()) {
    problems.push_back(absl::StrCat("the latency model of ", model->target, " has no ", kind));
  }
  return problems;
}

std::string LatencyText(const cost::Cost& cost) {
  v1::Cost message;
  cost::ToMessage(cost, message);
  return FormatLatency(message.latency_us());
}

// The smallest arena whose input lies in it.
int64_t StreamedBytes(const Analysis& analysis) {
  int64_t least = analysis.arena_bytes();
  for (const engine::Arena& arena : analysis.arenas) {
    if (arena.kind == engine::ArenaKind::kInputByRows) continue;
    least = std::min(least, arena.plan.memory.arena_bytes);
  }
  return least;
}

bool PatchesHelp(const Analysis& analysis) {
  return analysis.patches.has_value() && analysis.patches->least_bytes < StreamedBytes(analysis);
}

std::string PatchesText(const Analysis& analysis) {
  if (!analysis.patches.has_value()) {
    return "cannot be: the first operators are no windows, or need more MACs than allowed";
  }
  const engine::PatchCost& patches = *analysis.patches;
  const std::string figures =
      absl::StrCat("at least ", FormatBytes(patches.least_bytes), ", the first ",
                   patches.grid.end_op, patches.grid.end_op == 1 ? " operator" : " operators",
                   " in ", patches.grid.down, "x", patches.grid.across, " patches",
                   absl::StrFormat(", %.1f %% more MACs: ", 100 * patches.extra_macs));
  return absl::StrCat(figures, PatchesHelp(analysis)
                                   ? "less than by rows, but exports do not run patches"
                                   : "cannot help, by rows it is no more");
}

std::string TableOf(const Analysis& analysis) {
  std::vector<std::string> problems;
  for (const AnalysedOperator& row : analysis.operators) {
    problems.push_back(absl::StrJoin(row.problems, "; "));
  }
  return OperatorTable(analysis.graph, analysis.arenas[0].plan.memory, problems);
}

}  // namespace

bool Analysis::fits() const { return CheckFits(*this).ok(); }

std::optional<int64_t> Analysis::arena_rows_bytes() const {
  for (const engine::Arena& arena : arenas) {
    if (arena.kind == engine::ArenaKind::kInputByRows) return arena.plan.memory.arena_bytes;
  }
  return std::nullopt;
}

Analysis Analyse(const arch::Graph& graph, const device::Device& device, double max_extra_macs) {
  Analysis analysis;
  analysis.graph = graph;
  analysis.device = device;
  analysis.arenas = engine::ArenasOf(graph);
  analysis.patches = engine::SmallestPatches(graph, max_extra_macs);
  const auto snapshot = latency::DefaultSnapshot();
  latency::CostEstimator estimator(device, snapshot);
  analysis.cost = estimator.Estimate(graph, /*sram_limit_bytes=*/0, analysis.schedules);
  if (!analysis.cost.latency_us.known()) {
    analysis.latency_unknown = std::string(estimator.WhyLatencyUnknown(graph).message());
  }
  const latency::LatencyModel* const model = snapshot->ModelFor(device);
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    AnalysedOperator row;
    row.live_bytes = engine::LiveBytes(analysis.arenas[0].plan.memory, static_cast<int>(i));
    row.problems = ProblemsOf(analysis, graph.ops[i], row.live_bytes, model);
    analysis.operators.push_back(std::move(row));
  }
  return analysis;
}

absl::Status CheckFits(const Analysis& analysis) {
  const device::Device& device = analysis.device;
  const engine::Arena& smallest = engine::SmallestOf(analysis.arenas);
  NIWAKI_RETURN_IF_ERROR(engine::CheckFits(analysis.graph, smallest.plan.memory,
                                           device.sram_bytes(),
                                           absl::StrCat("the SRAM of ", device.name)));
  if (analysis.cost.flash_bytes <= device.flash_bytes()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, reason::kBudgetUnsatisfiable)
      .Field("flash_bytes")
      .Value(analysis.cost.flash_bytes)
      .Limit(absl::StrCat(device.flash_bytes()))
      .Message(absl::StrCat("the network needs about ", FormatBytes(analysis.cost.flash_bytes),
                            " of flash; the flash of ", device.name, " is ",
                            FormatBytes(device.flash_bytes())));
}

std::string AnalysisText(const Analysis& analysis, absl::string_view name) {
  const cost::Cost& cost = analysis.cost;
  std::string text = absl::StrCat("network  ", name, "\n", "device   ", analysis.device.name, ": ",
                                  FormatBytes(analysis.device.sram_bytes()), " of SRAM, ",
                                  FormatBytes(analysis.device.flash_bytes()), " of flash\n");
  for (const engine::Arena& arena : analysis.arenas) {
    const int peak = arena.plan.memory.peak_op + arena.left_to_caller;
    absl::StrAppend(&text, "arena    ", FormatBytes(arena.plan.memory.arena_bytes), ", ",
                    engine::ArenaKindName(arena.kind), "; operator ", peak, " (",
                    arch::OpKindName(analysis.graph.ops[peak].kind), ") needs the most\n");
  }
  absl::StrAppend(&text, "patched  ", PatchesText(analysis), "\n");
  for (const cost::ScheduleCost& schedule : analysis.schedules) {
    absl::StrAppend(&text, "schedule ", schedule.name, ": SRAM ", FormatBytes(schedule.sram_bytes),
                    ", flash ", FormatBytes(schedule.flash_bytes),
                    absl::StrFormat(", %.1f %% more instructions", 100 * (schedule.slowdown - 1)),
                    schedule.name == cost.schedule ? "; what follows is of it" : "", "\n");
  }
  absl::StrAppend(&text, "flash    ", FormatBytes(cost.flash_bytes), "\n", "MACs     ",
                  FormatCount(cost.macs), "\n", "params   ", FormatCount(cost.params), "\n",
                  "latency  ",
                  cost.latency_us.known() ? LatencyText(cost)
                                          : absl::StrCat("unknown: ", analysis.latency_unknown),
                  "\n", "fits     ", analysis.fits() ? "yes" : "no", "\n\n", TableOf(analysis));
  return text;
}

Json AnalysisToJson(const Analysis& analysis, absl::string_view name) {
  const arch::Graph& graph = analysis.graph;
  const cost::Cost& cost = analysis.cost;
  Json json;
  json["network"] = std::string(name);
  json["device"] = analysis.device.name;
  json["arena_bytes"] = analysis.arena_bytes();
  json["arena_rows_bytes"] = nullptr;
  if (analysis.arena_rows_bytes().has_value()) {
    json["arena_rows_bytes"] = *analysis.arena_rows_bytes();
  }
  for (const engine::Arena& arena : analysis.arenas) {
    json["arenas"][std::string(engine::ArenaKindName(arena.kind))] = arena.plan.memory.arena_bytes;
  }
  json["patched"] = nullptr;
  if (analysis.patches.has_value()) {
    const engine::PatchCost& patches = *analysis.patches;
    json["patched"] = {{"least_arena_bytes", patches.least_bytes},
                       {"extra_macs", patches.extra_macs},
                       {"operators", patches.grid.end_op},
                       {"down", patches.grid.down},
                       {"across", patches.grid.across},
                       {"helps", PatchesHelp(analysis)}};
  }
  json["smallest_arena_bytes"] = engine::SmallestOf(analysis.arenas).plan.memory.arena_bytes;
  json["sram_bytes"] = analysis.device.sram_bytes();
  json["schedule"] = cost.schedule;
  json["flash_bytes"] = cost.flash_bytes;
  json["schedules"] = Json::array();
  for (const cost::ScheduleCost& schedule : analysis.schedules) {
    Json row = {{"name", schedule.name},
                {"arena_bytes", schedule.sram_bytes},
                {"flash_bytes", schedule.flash_bytes},
                {"slowdown", schedule.slowdown},
                {"latency_us", nullptr}};
    if (schedule.latency_us.known()) row["latency_us"] = schedule.latency_us.value();
    json["schedules"].push_back(std::move(row));
  }
  json["device_flash_bytes"] = analysis.device.flash_bytes();
  json["macs"] = cost.macs;
  json["params"] = cost.params;
  json["latency_us"] = nullptr;
  json["latency_provenance"] = nullptr;
  if (cost.latency_us.known()) {
    json["latency_us"] = cost.latency_us.value();
    json["latency_provenance"] = std::string(cost::ProvenanceName(cost.latency_us.provenance()));
  }
  json["fits"] = analysis.fits();
  json["peak_operator"] = analysis.arenas[0].plan.memory.peak_op;
  json["operators"] = Json::array();
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    Json row = OperatorToJson(graph, analysis.arenas[0].plan.memory, static_cast<int>(i));
    row["problems"] = analysis.operators[i].problems;
    json["operators"].push_back(std::move(row));
  }
  return json;
}

}  // namespace niwaki::cli
