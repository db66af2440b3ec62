// Training progress for people: one line that is rewritten on a terminal, a plain line now and then
// in a pipe.

#ifndef NIWAKI_SERVICES_TRAINER_PROGRESS_LINE_H_
#define NIWAKI_SERVICES_TRAINER_PROGRESS_LINE_H_

#include <cstdio>
#include <string>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/train/trainer.h"

namespace niwaki::trainer {

// "[#####·····]  48%  phase 2/4 kernel  step 310/640  loss 1.02  train acc 71.2%  212 img/s  ETA
// 2:05"; without the phase where there is one only.
std::string FormatProgress(const train::TrainProgress& progress);

// "validation after 50%: largest 82.1%, smallest 70.3%".
std::string FormatEvaluation(const train::TrainProgress& progress);

// "phase kernel done: mean top-1 76.2% of 4 subnets (R25 70.1%, …)".
std::string FormatPhaseEnd(const train::TrainProgress& progress);

// Not thread-safe.
class ProgressLine {
 public:
  // Writes to `out` (borrowed); `terminal` says whether it is one.
  ProgressLine(std::FILE* out, bool terminal, Clock* clock)
      : out_(out), terminal_(terminal), clock_(*clock) {}

  void Show(const train::TrainProgress& progress);
  // Ends a line that is being rewritten.
  void Finish();

 private:
  std::FILE* const out_;
  const bool terminal_;
  Clock& clock_;
  absl::Time next_ = absl::InfinitePast();
  bool open_ = false;
};

}  // namespace niwaki::trainer

#endif  // NIWAKI_SERVICES_TRAINER_PROGRESS_LINE_H_
