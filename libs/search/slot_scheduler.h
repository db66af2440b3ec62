// SlotScheduler: turns an optimizer into a row of decided slots.
//
// It stands between the optimizer and whoever looks up costs and has subnets scored. For every slot
// it takes the first proposal that the job does not have yet and that the caller finds feasible; a
// slot whose every attempt is refused is infeasible. It tells the optimizer outcomes in slot order,
// and only those below `slot - lag`, however early others are known. Hence
//
//   the sequence of decisions depends only on space, options, max_slots, lag, max_attempts and on
//   which subnets are feasible and what they score: not on the order or time of SetOutcome, not on
//   max_probes, not on rebuilding the scheduler with Restore at any point. (tested)
//
// Usage, whenever an outcome has come in and at the start:
//
//   while (true) {
//     std::vector<Probe> probes = scheduler->NextProbes(64);
//     std::vector<Decision> decisions = scheduler->Resolve(LookUpCosts(probes));
//     if (probes.empty() && decisions.empty()) break;   // done, or waiting for outcomes
//     …persist the decisions, have the decided subnets scored…
//   }
//   scheduler->SetOutcome(slot, outcome);               // once for each decided subnet
//
// At most lag + 1 (or one round of) decided subnets wait for their outcome at any time. No I/O, no
// clock, no threads.

#ifndef NIWAKI_LIBS_SEARCH_SLOT_SCHEDULER_H_
#define NIWAKI_LIBS_SEARCH_SLOT_SCHEDULER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/search/make_optimizer.h"
#include "libs/search/optimizer.h"

namespace niwaki::search {

// A proposal whose feasibility the scheduler wants to know.
struct Probe {
  int64_t slot = 0;
  int attempt = 0;
  arch::Subnet subnet;
  arch::SubnetId id;
};

// What a slot became.
struct Decision {
  int64_t slot = 0;
  // The chosen subnet and its id; nullopt when the slot is infeasible.
  std::optional<arch::Subnet> subnet;
  arch::SubnetId id;
  // Attempts refused before: already in the job, and not feasible.
  int duplicates = 0;
  int over_limit = 0;
};

inline constexpr int64_t kMaxSlots = 10'000'000;

struct SlotSchedulerOptions {
  OptimizerOptions optimizer;
  // Slots of the job, 1 to kMaxSlots.
  int64_t max_slots = 0;
  // How many slots may be decided beyond the first one whose outcome is not known; 0 is one after
  // another. 0 to 100000.
  int64_t lag = 0;
  // Above 0: slots are decided in rounds of this many instead, and `lag` is ignored. Every slot of
  // a round is asked with the outcomes of all earlier rounds and of none of its own. Up to 100000.
  int64_t round = 0;
  // 1 to 10000.
  int max_attempts_per_slot = 256;
};

// Not thread-safe.
class SlotScheduler {
 public:
  // `space` must outlive the scheduler. InvalidArgument with reason ARGUMENT_INVALID names the
  // option, its value and its range.
  static absl::StatusOr<std::unique_ptr<SlotScheduler>> Create(const arch::SearchSpace& space,
                                                               const SlotSchedulerOptions& options);

  // Puts back the decision of the next slot, and its outcome where it is known; slots in order from
  // 0, before the first NextProbes. A nullopt subnet is an infeasible slot (its outcome is
  // ignored). DataLoss with reason DATA_CORRUPT when it cannot have come from this search: a slot
  // out of order or range, a subnet outside the space, not canonical or in the job already,
  // objectives of wrong number or not finite.
  absl::Status Restore(int64_t slot, const std::optional<arch::Subnet>& subnet,
                       const std::optional<Outcome>& outcome);

  // Proposals whose feasibility decides the next slots, at most `max_probes` (at least 1), by slot,
  // then attempt. Calling it again before Resolve drops the probes given before. May be empty while
  // there is something to decide (every proposal was a duplicate): call Resolve all the same.
  std::vector<Probe> NextProbes(int max_probes);

  // The answers to the last NextProbes, one for each probe in order. Returns the slots that this
  // decides, in slot order without gaps; the others go on with further attempts.
  std::vector<Decision> Resolve(absl::Span<const bool> feasible);

  // The outcome (scored or failed) of a slot that was decided with a subnet; once for each slot, in
  // any order. Wrong slots, infeasible outcomes and objectives of wrong number or not finite are
  // the caller's defect and end the process.
  void SetOutcome(int64_t slot, Outcome outcome);

  // Every slot is decided; and every outcome is known, too.
  bool all_decided() const { return next_slot_ == options_.max_slots; }
  bool done() const { return all_decided() && known_ == options_.max_slots; }

  // Slots below are decided.
  int64_t next_slot() const { return next_slot_; }
  // Slots below have an outcome; more may have one.
  int64_t known() const { return known_; }

 private:
  // A decided slot whose outcome the optimizer has not been told.
  struct Decided {
    arch::Subnet subnet;
    std::optional<Outcome> outcome;
  };
  // One attempt of an undecided slot.
  struct Trial {
    arch::Subnet subnet;
    arch::SubnetId id;
    bool feasible = false;
  };

  SlotScheduler(const arch::SearchSpace& space, const SlotSchedulerOptions& options,
                std::unique_ptr<Optimizer> optimizer)
      : space_(space), options_(options), optimizer_(std::move(optimizer)) {}

  bool FitsOutcome(const Outcome& outcome) const;
  // Outcomes that must be told before `slot` is asked.
  int64_t ToldBefore(int64_t slot) const {
    if (options_.round > 0) return slot - slot % options_.round;
    return slot > options_.lag ? slot - options_.lag : 0;
  }
  void TellUpTo(int64_t slot);
  // Whether `slot`, not below next_slot_, can be asked now.
  bool Askable(int64_t slot) const;
  // Asks attempts of `slot` until `count` of them need a probe, or the attempts end.
  void Extend(int64_t slot, int count, std::vector<Probe>& probes);
  bool NeedsMore(const std::vector<Trial>& trials) const;
  // Decides next_slot_ from `trials`, or nullopt when more attempts are needed.
  std::optional<Decision> Decide(const std::vector<Trial>& trials) const;
  // Records the decision of next_slot_.
  void Append(const std::optional<arch::Subnet>& subnet, const arch::SubnetId& id);
  void AdvanceKnown();

  const arch::SearchSpace& space_;
  const SlotSchedulerOptions options_;
  const std::unique_ptr<Optimizer> optimizer_;

  absl::flat_hash_set<arch::SubnetId> seen_;
  // told_ <= known_ <= next_slot_ <= told_ + decided_.size(), with equality at the end:
  // decided_[i] is slot told_ + i.
  int64_t told_ = 0;
  int64_t known_ = 0;
  int64_t next_slot_ = 0;
  std::deque<Decided> decided_;

  // trials_[i] are the attempts asked of slot next_slot_ + i; all but the pending ones are
  // answered.
  std::deque<std::vector<Trial>> trials_;
  // Where the answers to the pending probes go: slot and attempt of each.
  struct PendingProbe {
    int64_t slot = 0;
    int attempt = 0;
  };
  std::vector<PendingProbe> pending_;
  // Attempts per slot before the last NextProbes, to drop what it asked.
  std::vector<size_t> asked_before_;
  // How many probes a fresh slot gets: follows how many attempts slots needed lately. Steers the
  // amount of work only, never a decision.
  double typical_attempts_ = 1;
};

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_SLOT_SCHEDULER_H_
