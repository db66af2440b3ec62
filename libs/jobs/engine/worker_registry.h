// WorkerRegistry: the workers that have called, what they are doing and who is to leave.
//
//               takes a lease
//   IDLE ─────────────────────────► WORKING        drain asked for, from any state:
//    ▲ ▲ ◄──────── holds none ─────────┘             DRAINING while it holds leases, then DRAINED,
//    │ └── calls ── GONE ◄── silent, holds none      until that is taken back.
//    └──────────────────────── drain taken back

#ifndef NIWAKI_LIBS_JOBS_ENGINE_WORKER_REGISTRY_H_
#define NIWAKI_LIBS_JOBS_ENGINE_WORKER_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
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

  // A call of the worker, after which it holds `load`. `precision` is "" for a call that does not
  // say it.
  void Saw(absl::string_view worker, absl::string_view precision, const lease::HolderLoad& load,
           absl::Time now);

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

 private:
  static void SettleOne(WorkerInfo& info, const lease::HolderLoad& load, absl::Time now);
  WorkerInfo* FindInfo(absl::string_view worker);
  // Makes room for one more.
  void ForgetSomebody();

  std::map<std::string, WorkerInfo, std::less<>> workers_;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_ENGINE_WORKER_REGISTRY_H_
