// WorkerRegistry: the workers that have called, what they are doing and who is to leave.
//
//               takes a lease
//   IDLE ─────────────────────────► WORKING        drain asked for, from any state:
//    ▲ ▲ ◄──────── holds none ─────────┘             DRAINING while it holds leases, then DRAINED,
//    │ └── asks ─── GONE ◄── holds none, and is      until that is taken back.
//    └── drain taken back │  silent or has left
//        before the worker └─ drain taken back after it
//        was told
//
// Processes that call under one name are told apart by their instance: the newest has the name.

#ifndef NIWAKI_LIBS_JOBS_ENGINE_WORKER_REGISTRY_H_
#define NIWAKI_LIBS_JOBS_ENGINE_WORKER_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/jobs/store/mutations.h"
#include "libs/lease/lease_table.h"

namespace niwaki::jobs {

// The numbers are those of the wire.
enum class WorkerState { kIdle = 1, kWorking = 2, kDraining = 3, kDrained = 4, kGone = 5 };

// "IDLE", ….
absl::string_view WorkerStateName(WorkerState state);

// What a worker says it can do when it asks for candidates.
struct WorkerAbilities {
  // Of evaluations; one that does not is given candidates for the validation split only.
  bool knows_split = true;
  bool scores = true;
  bool proves = false;
  // Of its quantiser, where it proves.
  int64_t quantiser_version = 0;

  bool ProvesWith(int64_t version) const { return proves && quantiser_version == version; }
};

struct WorkerInfo {
  std::string name;
  // What it said last that it computes in; "" when it has not said so.
  std::string precision;
  WorkerState state = WorkerState::kIdle;
  absl::Time state_since;
  // Its last call; InfinitePast when it has not called since the start.
  absl::Time last_seen = absl::InfinitePast();
  lease::HolderLoad load;
  // Since the start: scores that were used, candidates that it said it could not score, and
  // candidates that it vanished from or hung on while scoring them.
  int64_t scored = 0;
  int64_t failed = 0;
  int64_t lost = 0;
  // Set while a drain is asked for: since when.
  std::optional<absl::Time> drain_time;
  // Of the process that has the name, and of some that had it before it, oldest first.
  std::string instance;
  std::vector<std::string> former;
  // It ends, or has ended: it was told to, or said so.
  bool leaving = false;
  // Why it ended, where it said so.
  std::string trouble;
  // What it said last that it can do.
  WorkerAbilities abilities;
};

// What a worker's call means for whether it stays.
enum class WorkerCall {
  // It asks for candidates.
  kAsks,
  // It learns that it is drained: it ends once it holds nothing.
  kToldToLeave,
  kOther
};

// Not thread-safe.
class WorkerRegistry {
 public:
  // A worker that holds nothing is gone after this long without a call; an idle one calls at least
  // every 30 s.
  static constexpr absl::Duration kPatience = absl::Minutes(1);
  // Gone for this long, it is forgotten, unless a drain is asked for.
  static constexpr absl::Duration kMemory = absl::Hours(24);
  // Known ones, at most; beyond it whoever was silent for the longest is forgotten.
  static constexpr size_t kMaxWorkers = 10000;

  using LoadOf = std::function<lease::HolderLoad(absl::string_view worker)>;

  // Processes that had a name, at most.
  static constexpr size_t kMaxFormer = 8;

  // A call of the worker, after which it holds `load`. `precision` is "" for a call that does not
  // say it.
  void Saw(absl::string_view worker, absl::string_view precision, const lease::HolderLoad& load,
           absl::Time now, WorkerCall call = WorkerCall::kOther);

  // What the worker says it can do; nothing for an unknown one.
  void NoteAbilities(absl::string_view worker, const WorkerAbilities& abilities);

  // Who calls under a name: the process that has it (or none is known, or the caller does not say),
  // a new one, which has it from now on, or one that had it before.
  enum class Meeting { kHolder, kSuccessor, kFormer };
  Meeting Meet(absl::string_view worker, absl::string_view instance, absl::Time now);

  // The worker has ended, for `trouble` where that is not "". Nothing for an unknown one.
  void Left(absl::string_view worker, absl::string_view trouble, absl::Time now);

  // What became of a candidate; nothing for an unknown worker.
  void CountScored(absl::string_view worker);
  void CountFailed(absl::string_view worker);
  void CountLost(absl::string_view worker);

  bool Knows(absl::string_view worker) const { return workers_.find(worker) != workers_.end(); }

  // Asks for a drain or takes it back; whether that is a change. The worker is known.
  bool SetDrain(absl::string_view worker, bool drain, absl::Time now);
  // As it was asked for before a restart.
  void Restore(const DrainedWorker& drained);

  // Notes who has gone and forgets who is gone for long. To be called now and then.
  void Settle(const LoadOf& load_of, absl::Time now);

  // Nullopt for an unknown worker.
  std::optional<WorkerInfo> Find(absl::string_view worker, const LoadOf& load_of,
                                 absl::Time now) const;
  // Up to `limit` by name, after `after` ("" for the first).
  std::vector<WorkerInfo> List(absl::string_view after, size_t limit, const LoadOf& load_of,
                               absl::Time now) const;
  std::vector<std::string> Names() const;
  // All of them, as they were seen last.
  const std::map<std::string, WorkerInfo, std::less<>>& all() const { return workers_; }

  // The last call of one that computes in `precision` and may be given candidates; InfinitePast
  // where there is none.
  absl::Time LastCall(absl::string_view precision) const;
  // The last call of one that computes in `precision`, proves with this quantiser and may be given
  // candidates; InfinitePast where there is none.
  absl::Time LastCallOfProver(absl::string_view precision, int64_t quantiser_version) const;
  // Whether one that computes in `precision`, is none of `tried` and may be given candidates has
  // called within kPatience.
  bool HasOther(const std::set<std::string>& tried, absl::string_view precision,
                absl::Time now) const;

 private:
  static void SettleOne(WorkerInfo& info, const lease::HolderLoad& load, absl::Time now);
  WorkerInfo* FindInfo(absl::string_view worker);
  WorkerInfo& FindOrAdd(absl::string_view worker, absl::Time now);
  // Makes room for one more.
  void ForgetSomebody();

  std::map<std::string, WorkerInfo, std::less<>> workers_;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_ENGINE_WORKER_REGISTRY_H_
