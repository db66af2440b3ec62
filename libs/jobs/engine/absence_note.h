// What a job says while no worker is there for it, and what its owner can do.

#ifndef NIWAKI_LIBS_JOBS_ENGINE_ABSENCE_NOTE_H_
#define NIWAKI_LIBS_JOBS_ENGINE_ABSENCE_NOTE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/jobs/engine/worker_registry.h"

namespace niwaki::jobs {

// One line, for a job of `precision` that no worker is there for: who is drained, who ended and
// why, who computes in something else, or that none has come, with the command that helps.
std::string AbsenceNote(const WorkerRegistry& workers, absl::string_view precision, absl::Time now);

// The same for a job whose front no worker is there to prove.
std::string ProverAbsenceNote(absl::string_view precision, int64_t quantiser_version);

// Under which Attendance knows workers that prove.
std::string ProverKey(absl::string_view precision, int64_t quantiser_version);

// Whether a state_reason is such a line, also of an earlier version.
bool IsAbsenceNote(absl::string_view state_reason);

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_ENGINE_ABSENCE_NOTE_H_
