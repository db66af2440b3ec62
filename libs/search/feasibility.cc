#include "libs/search/feasibility.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::search {
namespace {

constexpr size_t kBatch = 256;
constexpr int kMaxSamples = 1'000'000;

// How far a subnet is from the limits; less is nearer. The sum guides where the worst ratio does
// not change.
struct Excess {
  double worst = std::numeric_limits<double>::infinity();
  double sum = std::numeric_limits<double>::infinity();
  friend bool operator<(const Excess& a, const Excess& b) {
    return a.worst != b.worst ? a.worst < b.worst : a.sum < b.sum;
  }
};

Excess ExcessOf(absl::Span<const Constraint> constraints, const Metrics& metrics) {
  Excess excess{0, 0};
  for (const Constraint& constraint : constraints) {
    const std::optional<double>& value = metrics[constraint.metric];
    if (!value.has_value() || std::isnan(*value)) return Excess();
    const double ratio = *value / constraint.max;
    excess.worst = std::max(excess.worst, ratio);
    excess.sum += ratio;
  }
  return excess;
}

struct Candidate {
  arch::Subnet subnet;
  Metrics metrics;
  Excess excess;
  bool feasible = false;
};

class Assessor {
 public:
  Assessor(const arch::SearchSpace& space, absl::Span<const Constraint> constraints,
           const CostFunction& costs)
      : space_(space), constraints_(constraints), costs_(costs) {}

  // The nearest of `subnets` (the first of equals), at least one.
  absl::StatusOr<Candidate> Nearest(absl::Span<const arch::Subnet> subnets) {
    std::optional<Candidate> nearest;
    for (size_t begin = 0; begin < subnets.size(); begin += kBatch) {
      const auto batch = subnets.subspan(begin, kBatch);
      NIWAKI_ASSIGN_OR_RETURN(const std::vector<Metrics> metrics, costs_(batch));
      if (metrics.size() != batch.size()) {
        return absl::InternalError(
            absl::StrCat("asked the costs of ", batch.size(), " subnets, got ", metrics.size()));
      }
      for (size_t i = 0; i < batch.size(); ++i) {
        const bool feasible = !FirstViolation(constraints_, metrics[i]).has_value();
        if (feasible) ++num_feasible_;
        const Excess excess = ExcessOf(constraints_, metrics[i]);
        if (nearest.has_value() && !(excess < nearest->excess)) continue;
        nearest = Candidate{batch[i], metrics[i], excess, feasible};
      }
    }
    return *std::move(nearest);
  }

  // Moves to the nearest neighbour until none is nearer or one is feasible.
  absl::StatusOr<Candidate> Descend(Candidate candidate, int max_steps) {
    for (int step = 0; step < max_steps && !candidate.feasible; ++step) {
      const std::vector<arch::Subnet> neighbours = NeighboursOf(candidate.subnet);
      if (neighbours.empty()) break;
      NIWAKI_ASSIGN_OR_RETURN(Candidate next, Nearest(neighbours));
      if (!(next.excess < candidate.excess)) break;
      candidate = std::move(next);
    }
    return candidate;
  }

  int64_t num_feasible() const { return num_feasible_; }

 private:
  // Every subnet that differs by one step of one gene.
  std::vector<arch::Subnet> NeighboursOf(const arch::Subnet& subnet) const {
    std::vector<arch::Subnet> neighbours;
    for (size_t i = 0; i < subnet.genes.size(); ++i) {
      for (const int step : {-1, 1}) {
        const int gene = subnet.genes[i] + step;
        if (gene < 0 || gene >= space_.gene_sizes()[i]) continue;
        arch::Subnet neighbour = subnet;
        neighbour.genes[i] = static_cast<uint8_t>(gene);
        arch::Canonicalise(space_, neighbour);
        if (neighbour != subnet) neighbours.push_back(std::move(neighbour));
      }
    }
    return neighbours;
  }

  const arch::SearchSpace& space_;
  const absl::Span<const Constraint> constraints_;
  const CostFunction& costs_;
  int64_t num_feasible_ = 0;
};

Feasibility ToFeasibility(Candidate candidate, double share,
                          absl::Span<const Constraint> constraints) {
  Feasibility result;
  result.feasible_share = share;
  result.possible = candidate.feasible;
  result.violations = AllViolations(constraints, candidate.metrics);
  result.nearest = std::move(candidate.subnet);
  result.nearest_metrics = candidate.metrics;
  return result;
}

// As people write it: "64 kB", "10.712 ms"; exact enough to tell a near miss from its limit.
std::string ValueText(Metric metric, double value) {
  const auto scaled = [value](double factor, absl::string_view unit) {
    return absl::StrFormat("%.6g %s", value * factor, unit);
  };
  switch (FactsOf(metric).unit) {
    case Unit::kBytes:
      return value < 1024 ? scaled(1, "B") : scaled(1.0 / 1024, "kB");
    case Unit::kMicroseconds:
      return value < 1000 ? scaled(1, "us") : scaled(1e-3, "ms");
    case Unit::kMillijoules:
      return scaled(1, "mJ");
    case Unit::kCount:
      return value < 1e6 ? absl::StrFormat("%.6g", value) : scaled(1e-6, "M");
    default:
      return absl::StrCat(value);
  }
}

std::string NeededText(const Violation& violation) {
  return violation.value.has_value() ? ValueText(violation.metric, *violation.value) : "unknown";
}

}  // namespace

absl::StatusOr<Feasibility> AssessFeasibility(const arch::SearchSpace& space,
                                              absl::Span<const Constraint> constraints,
                                              const CostFunction& costs,
                                              const FeasibilityOptions& options) {
  NIWAKI_CHECK(options.samples >= 1 && options.samples <= kMaxSamples);
  std::vector<arch::Subnet> sample;
  Random random(options.seed);
  for (int i = 0; i < options.samples; ++i) sample.push_back(arch::SampleSubnet(space, random));
  Assessor assessor(space, constraints, costs);
  NIWAKI_ASSIGN_OR_RETURN(Candidate best, assessor.Nearest(sample));
  const double share = static_cast<double>(assessor.num_feasible()) / options.samples;
  if (best.feasible) return ToFeasibility(std::move(best), share, constraints);

  NIWAKI_ASSIGN_OR_RETURN(Candidate smallest, assessor.Nearest({arch::MinSubnet(space)}));
  NIWAKI_ASSIGN_OR_RETURN(smallest, assessor.Descend(std::move(smallest), options.max_steps));
  if (!smallest.feasible) {
    NIWAKI_ASSIGN_OR_RETURN(best, assessor.Descend(std::move(best), options.max_steps));
    if (smallest.excess < best.excess) best = std::move(smallest);
  } else {
    best = std::move(smallest);
  }
  return ToFeasibility(std::move(best), share, constraints);
}

absl::Status CheckPossible(const Feasibility& feasibility) {
  if (feasibility.possible) return absl::OkStatus();
  NIWAKI_CHECK(!feasibility.violations.empty());
  const Violation& first = feasibility.violations[0];
  const std::string needs =
      absl::StrJoin(feasibility.violations, ", ", [](std::string* out, const Violation& violation) {
        absl::StrAppend(out, FactsOf(violation.metric).title, " ", NeededText(violation), " over ",
                        ValueText(violation.metric, violation.max));
      });
  return Error(absl::StatusCode::kFailedPrecondition, reason::kBudgetUnsatisfiable)
      .Field(absl::StrCat("constraints[", first.constraint, "].max"))
      .Value(ValueText(first.metric, first.max))
      .Limit(NeededText(first))
      .Message(absl::StrCat("no subnet within the limits was found; the nearest one has ", needs));
}

}  // namespace niwaki::search
