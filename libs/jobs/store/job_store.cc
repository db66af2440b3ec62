#include "libs/jobs/store/job_store.h"

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::jobs {

absl::Status LeaderFenced(LeaderEpoch stale, LeaderEpoch current) {
  return Error(absl::StatusCode::kAborted, reason::kLeaderFenced)
      .Field("epoch")
      .Value(stale)
      .Limit(current)
      .Message(absl::StrCat("a write of leader epoch ", stale, " came when epoch ", current,
                            " had begun: another coordinator leads"));
}

}  // namespace niwaki::jobs
