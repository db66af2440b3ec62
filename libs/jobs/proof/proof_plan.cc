#include "libs/jobs/proof/proof_plan.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/text/units.h"
#include "libs/search/front/objectives.h"

namespace niwaki::jobs {
namespace {

using search::Metric;
using search::Objectives;

// All of them to be minimised.
bool Dominates(const Objectives& a, const Objectives& b) {
  bool better = false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    better = better || a[i] < b[i];
  }
  return better;
}

// Costs as the search knows them, accuracy as the int8 network has it.
Objectives Int8ObjectivesOf(const JobSpec& spec, const Candidate& candidate) {
  return ObjectivesOf(spec.objectives, candidate.cost, candidate.proof->network->score);
}

bool IsIn(const Candidate& candidate, ProofState state) {
  return candidate.proof.has_value() && candidate.proof->state == state;
}

// A figure of the board that a limit of `metric` can be held against.
std::optional<double> ComparableFigure(const Candidate& candidate, Metric metric) {
  const BoardFigures& figures = *candidate.proof->figures;
  if (metric == Metric::kSramBytes) return static_cast<double>(figures.arena_bytes);
  if (metric == Metric::kFlashBytes) return static_cast<double>(figures.flash_bytes);
  const cost::Figure latency = figures.latency_us();
  if (metric == Metric::kLatencyUs && latency.known() &&
      latency.provenance() == candidate.cost.latency_us.provenance()) {
    return latency.value();
  }
  return std::nullopt;
}

std::string FigureText(Metric metric, double value) {
  if (metric == Metric::kLatencyUs) return absl::StrFormat("%.0f us", value);
  return FormatBytes(static_cast<int64_t>(value));
}

std::string DominatedBy(const Candidate& loser, const Candidate& winner) {
  return absl::StrFormat(
      "its int8 network is dominated by that of slot %d: top-1 %.2f %% against %.2f %%",
      winner.slot, 100 * loser.proof->network->score.top1, 100 * winner.proof->network->score.top1);
}

// By slot.
std::map<int64_t, std::string> Verdicts(const Job& job, const std::vector<Candidate>& scored) {
  std::map<int64_t, std::string> refused;
  std::vector<const Candidate*> proven;
  for (const Candidate& candidate : scored) {
    if (IsIn(candidate, ProofState::kFailed)) refused[candidate.slot] = candidate.proof->reason;
    if (!IsIn(candidate, ProofState::kProven)) continue;
    const std::string broken = BrokenLimit(job.spec, candidate);
    if (broken.empty()) {
      proven.push_back(&candidate);
    } else {
      refused[candidate.slot] = broken;
    }
  }
  for (const Candidate* loser : proven) {
    for (const Candidate* winner : proven) {
      if (!Dominates(Int8ObjectivesOf(job.spec, *winner), Int8ObjectivesOf(job.spec, *loser))) {
        continue;
      }
      refused[loser->slot] = DominatedBy(*loser, *winner);
      break;
    }
  }
  return refused;
}

// How many more may be proven.
int64_t ProofsLeft(const Job& job, const std::vector<Candidate>& scored) {
  int64_t first = 0;
  int64_t later = 0;
  int64_t first_round = 0;
  for (const Candidate& candidate : scored) {
    if (!candidate.proof.has_value()) continue;
    const int64_t round = candidate.proof->round;
    if (first_round == 0 || round < first_round) first_round = round;
  }
  for (const Candidate& candidate : scored) {
    if (!candidate.proof.has_value()) continue;
    ++(candidate.proof->round == first_round ? first : later);
  }
  // The first round is as large as its members are.
  return first == 0 ? static_cast<int64_t>(scored.size()) : job.spec.proof.extra_slots - later;
}

}  // namespace

std::string BrokenLimit(const JobSpec& spec, const Candidate& candidate) {
  if (!candidate.proof->figures.has_value()) return "";
  for (const search::Constraint& limit : spec.constraints) {
    const std::optional<double> figure = ComparableFigure(candidate, limit.metric);
    if (!figure.has_value() || *figure <= limit.max) continue;
    return absl::StrCat(search::MetricName(limit.metric), " is ", FigureText(limit.metric, *figure),
                        " on board '", candidate.proof->figures->board, "', the limit is ",
                        FigureText(limit.metric, limit.max));
  }
  return "";
}

ProofPlan PlanProofs(const Job& job, const std::vector<Candidate>& scored) {
  ProofPlan plan{JobFront(job.spec.objectives)};
  plan.round = job.proof_round + 1;
  const std::map<int64_t, std::string> verdicts = Verdicts(job, scored);
  for (const auto& [slot, reason] : verdicts) plan.refusals.push_back({slot, reason});
  std::map<int64_t, const Candidate*> by_slot;
  bool any_refused = !verdicts.empty();
  for (const Candidate& candidate : scored) {
    any_refused = any_refused || candidate.refused();
    if (candidate.refused() || verdicts.count(candidate.slot) > 0) continue;
    plan.front.Add(candidate);
    by_slot[candidate.slot] = &candidate;
  }
  if (any_refused && job.extra_slots == 0 && job.spec.proof.extra_slots > 0) {
    plan.extra_slots = job.spec.proof.extra_slots;
    return plan;
  }
  const std::vector<int64_t> slots = plan.front.Slots();
  const auto wanted = static_cast<size_t>(
      std::min<int64_t>(job.spec.proof.limit().value_or(slots.size()), slots.size()));
  const auto left = static_cast<size_t>(std::max<int64_t>(0, ProofsLeft(job, scored)));
  for (size_t i = 0; i < wanted && plan.members.size() < left; ++i) {
    const Candidate& candidate = *by_slot.at(slots[i]);
    if (!candidate.proof.has_value()) plan.members.push_back(candidate);
  }
  plan.done = plan.members.empty();
  return plan;
}

}  // namespace niwaki::jobs
