// What holds between any two calls, and what would break without it:
//
// - told_ <= known_ <= next_slot_: slots below told_ were told to the optimizer, below known_ all
//   outcomes are there, below next_slot_ all are decided. decided_[i] is slot told_ + i, trials_[i]
//   slot next_slot_ + i.
// - A slot is asked only after exactly the slots below ToldBefore(slot) were told, never fewer and
//   never more, however many outcomes are known. Told earlier, the same seed would give another
//   search with faster workers. Slots asked side by side need the same version of the optimizer.
// - Attempts of a slot are numbered without gaps, and Decide takes the first that is feasible and
// not
//   in seen_: so how many probes were asked at once, or dropped again, changes nothing. Only
//   typical_attempts_ depends on it, and that only on how many are asked at once.
// - Decisions leave in slot order; a later slot is not decided before an earlier one is, because
//   what the earlier one takes is a duplicate for the later.
// - Restore does what Resolve and SetOutcome did, through the same Append: nothing else is state.

#include "libs/search/slot_scheduler.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::search {
namespace {

constexpr int64_t kMaxLag = 100'000;
constexpr int64_t kMaxAttempts = 10'000;
// Weight of the newest slot in the moving mean of attempts.
constexpr double kTypicalAttemptsRate = 0.1;

absl::Status Corrupt(int64_t slot, absl::string_view what) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field("slot")
      .Value(slot)
      .Message(absl::StrCat("slot ", slot, " cannot be restored: ", what));
}

}  // namespace

absl::StatusOr<std::unique_ptr<SlotScheduler>> SlotScheduler::Create(
    const arch::SearchSpace& space, const SlotSchedulerOptions& options) {
  NIWAKI_RETURN_IF_ERROR(CheckRange("max_slots", options.max_slots, 1, kMaxSlots));
  NIWAKI_RETURN_IF_ERROR(CheckRange("lag", options.lag, 0, kMaxLag));
  NIWAKI_RETURN_IF_ERROR(CheckRange("round", options.round, 0, kMaxLag));
  NIWAKI_RETURN_IF_ERROR(
      CheckRange("max_attempts_per_slot", options.max_attempts_per_slot, 1, kMaxAttempts));
  NIWAKI_ASSIGN_OR_RETURN(std::unique_ptr<Optimizer> optimizer,
                          MakeOptimizer(space, options.optimizer));
  return std::unique_ptr<SlotScheduler>(new SlotScheduler(space, options, std::move(optimizer)));
}

bool SlotScheduler::FitsOutcome(const Outcome& outcome) const {
  if (outcome.kind == Outcome::Kind::kFailed) return true;
  return outcome.kind == Outcome::Kind::kScored &&
         outcome.objectives.size() == static_cast<size_t>(options_.optimizer.num_objectives) &&
         std::all_of(outcome.objectives.begin(), outcome.objectives.end(),
                     [](double value) { return std::isfinite(value); });
}

absl::Status SlotScheduler::Restore(int64_t slot, const std::optional<arch::Subnet>& subnet,
                                    const std::optional<Outcome>& outcome) {
  NIWAKI_CHECK(trials_.empty());
  if (slot != next_slot_) return Corrupt(slot, absl::StrCat("slot ", next_slot_, " is next"));
  if (slot >= options_.max_slots) {
    return Corrupt(slot, absl::StrCat("the job has ", options_.max_slots, " slots"));
  }
  arch::SubnetId id;
  if (subnet.has_value()) {
    const absl::Status valid = arch::Validate(space_, *subnet);
    if (!valid.ok()) return Corrupt(slot, valid.message());
    arch::Subnet canonical = *subnet;
    arch::Canonicalise(space_, canonical);
    if (canonical != *subnet) return Corrupt(slot, "its subnet is not canonical");
    id = arch::IdOf(space_, *subnet);
    if (seen_.contains(id)) return Corrupt(slot, "an earlier slot has the same subnet");
    if (outcome.has_value() && !FitsOutcome(*outcome)) {
      return Corrupt(slot, "its outcome does not fit the job's objectives");
    }
  }
  Append(subnet, id);
  if (subnet.has_value() && outcome.has_value()) SetOutcome(slot, *outcome);
  // Keeps the window small; these are told before any later slot is asked anyway.
  TellUpTo(std::min(known_, ToldBefore(next_slot_)));
  return absl::OkStatus();
}

void SlotScheduler::TellUpTo(int64_t slot) {
  while (told_ < slot) {
    optimizer_->Tell(told_, decided_.front().subnet, *decided_.front().outcome);
    decided_.pop_front();
    ++told_;
  }
}

bool SlotScheduler::Askable(int64_t slot) const {
  if (slot >= options_.max_slots || ToldBefore(slot) > known_) return false;
  // Slots that need the same version of the optimizer can be asked side by side.
  return optimizer_->VersionAfter(ToldBefore(slot)) ==
         optimizer_->VersionAfter(ToldBefore(next_slot_));
}

bool SlotScheduler::NeedsMore(const std::vector<Trial>& trials) const {
  if (static_cast<int>(trials.size()) == options_.max_attempts_per_slot) return false;
  return std::none_of(trials.begin(), trials.end(), [&](const Trial& trial) {
    return trial.feasible && !seen_.contains(trial.id);
  });
}

std::vector<Probe> SlotScheduler::NextProbes(int max_probes) {
  NIWAKI_CHECK(max_probes >= 1);
  for (size_t i = 0; i < asked_before_.size(); ++i) trials_[i].resize(asked_before_[i]);
  pending_.clear();
  asked_before_.clear();
  std::vector<Probe> probes;
  if (!Askable(next_slot_)) return probes;
  TellUpTo(ToldBefore(next_slot_));
  for (int64_t slot = next_slot_; Askable(slot); ++slot) {
    const int left = max_probes - static_cast<int>(probes.size());
    if (left == 0) break;
    const size_t index = slot - next_slot_;
    if (index == trials_.size()) trials_.emplace_back();
    asked_before_.push_back(trials_[index].size());
    if (!NeedsMore(trials_[index])) continue;
    // A slot that goes on gets as many attempts again as it had.
    const int wanted = std::max(static_cast<int>(typical_attempts_ + 0.5),
                                static_cast<int>(trials_[index].size()));
    Extend(slot, std::min(left, wanted), probes);
  }
  return probes;
}

void SlotScheduler::Extend(int64_t slot, int count, std::vector<Probe>& probes) {
  std::vector<Trial>& trials = trials_[slot - next_slot_];
  while (count > 0 && static_cast<int>(trials.size()) < options_.max_attempts_per_slot) {
    const int attempt = static_cast<int>(trials.size());
    Trial trial;
    trial.subnet = optimizer_->Ask(slot, attempt);
    trial.id = arch::IdOf(space_, trial.subnet);
    if (!seen_.contains(trial.id)) {
      --count;
      pending_.push_back({slot, attempt});
      probes.push_back({slot, attempt, trial.subnet, trial.id});
    }
    trials.push_back(std::move(trial));
  }
}

std::vector<Decision> SlotScheduler::Resolve(absl::Span<const bool> feasible) {
  NIWAKI_CHECK(feasible.size() == pending_.size());
  for (size_t i = 0; i < feasible.size(); ++i) {
    trials_[pending_[i].slot - next_slot_][pending_[i].attempt].feasible = feasible[i];
  }
  pending_.clear();
  asked_before_.clear();
  std::vector<Decision> decisions;
  while (!trials_.empty()) {
    std::optional<Decision> decision = Decide(trials_.front());
    if (!decision.has_value()) break;
    const int attempts = 1 + decision->duplicates + decision->over_limit;
    typical_attempts_ += kTypicalAttemptsRate * (attempts - typical_attempts_);
    trials_.pop_front();
    Append(decision->subnet, decision->id);
    decisions.push_back(*std::move(decision));
  }
  return decisions;
}

std::optional<Decision> SlotScheduler::Decide(const std::vector<Trial>& trials) const {
  Decision decision;
  decision.slot = next_slot_;
  for (const Trial& trial : trials) {
    if (seen_.contains(trial.id)) {
      ++decision.duplicates;
    } else if (!trial.feasible) {
      ++decision.over_limit;
    } else {
      decision.subnet = trial.subnet;
      decision.id = trial.id;
      return decision;
    }
  }
  if (static_cast<int>(trials.size()) < options_.max_attempts_per_slot) return std::nullopt;
  return decision;
}

void SlotScheduler::Append(const std::optional<arch::Subnet>& subnet, const arch::SubnetId& id) {
  Decided decided;
  if (subnet.has_value()) {
    decided.subnet = *subnet;
    seen_.insert(id);
  } else {
    decided.outcome = Outcome{Outcome::Kind::kInfeasible, {}};
  }
  decided_.push_back(std::move(decided));
  ++next_slot_;
  AdvanceKnown();
}

void SlotScheduler::AdvanceKnown() {
  while (known_ < next_slot_ && decided_[known_ - told_].outcome.has_value()) ++known_;
}

void SlotScheduler::SetOutcome(int64_t slot, Outcome outcome) {
  NIWAKI_CHECK(slot >= told_ && slot < next_slot_);
  NIWAKI_CHECK(FitsOutcome(outcome));
  Decided& decided = decided_[slot - told_];
  NIWAKI_CHECK(!decided.outcome.has_value());
  decided.outcome = std::move(outcome);
  AdvanceKnown();
}

}  // namespace niwaki::search
