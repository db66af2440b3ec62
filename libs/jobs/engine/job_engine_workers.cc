// The part of JobEngine that knows workers: who calls, who is to leave.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/jobs/engine/job_engine.h"
#include "libs/jobs/job_events.h"

namespace niwaki::jobs {

void JobEngine::LoadDrains(const std::vector<DrainedWorker>& drained) {
  for (const DrainedWorker& worker : drained) {
    workers_.Restore(worker);
    leases_.SetDraining(worker.name, true);
  }
}

WorkerRegistry::LoadOf JobEngine::LoadOf() const {
  return [this](absl::string_view worker) { return leases_.LoadOf(worker); };
}

void JobEngine::NoteCall(absl::string_view worker, absl::string_view precision, absl::Time now) {
  workers_.Saw(worker, precision, leases_.LoadOf(worker), now);
}

absl::StatusOr<WorkerInfo> JobEngine::DrainWorker(absl::string_view worker, bool drain,
                                                  absl::Time now) {
  if (!workers_.Knows(worker)) {
    return Error(absl::StatusCode::kNotFound, reason::kWorkerUnknown)
        .Field("name")
        .Value(worker)
        .Message(absl::StrCat("no worker '", worker, "' has called"));
  }
  const bool changed = workers_.SetDrain(worker, drain, now);
  WorkerInfo info = *workers_.Find(worker, LoadOf(), now);
  if (!changed) return info;
  leases_.SetDraining(worker, drain);
  std::optional<DrainedWorker>& row = rows_.pending().drained_workers[info.name];
  row.reset();
  if (drain) row = DrainedWorker{info.name, info.precision, now};
  Happened(WorkerDrainChanged{info.name, drain, info.load.held});
  return info;
}

std::vector<WorkerInfo> JobEngine::ListWorkers(absl::string_view after, size_t limit,
                                               absl::Time now) const {
  return workers_.List(after, limit, LoadOf(), now);
}

}  // namespace niwaki::jobs
