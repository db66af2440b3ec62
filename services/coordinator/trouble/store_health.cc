#include "services/coordinator/trouble/store_health.h"

#include <string>

namespace niwaki::coordinator {

void StoreHealth::OnCommitFailed(const absl::Status& status) {
  {
    absl::MutexLock lock(&mutex_);
    failure_ = status;
    failed_at_ = clock_.Now();
  }
  feed_.SetTrouble(std::string(status.message()));
}

absl::Status StoreHealth::AfterProbe(const absl::Status& probed) {
  absl::Status health = probed;
  {
    absl::MutexLock lock(&mutex_);
    if (probed.ok() && clock_.Now() - failed_at_ >= kQuiet) failure_ = absl::OkStatus();
    if (probed.ok()) health = failure_;
  }
  feed_.SetTrouble(std::string(health.message()));
  return health;
}

}  // namespace niwaki::coordinator
