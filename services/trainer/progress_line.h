// What the progress bar of a training says.

#ifndef NIWAKI_SERVICES_TRAINER_PROGRESS_LINE_H_
#define NIWAKI_SERVICES_TRAINER_PROGRESS_LINE_H_

#include <ostream>
#include <string>

#include "libs/base/clock.h"
#include "libs/base/process/terminal.h"
#include "libs/base/text/progress_bar.h"
#include "libs/train/trainer.h"

namespace niwaki::trainer {

// "validation after 50%: largest 82.1%, smallest 70.3%".
std::string FormatEvaluation(const train::TrainProgress& progress);

// "phase kernel done: mean top-1 76.2% of 4 subnets (R25 70.1%, …)".
std::string FormatPhaseEnd(const train::TrainProgress& progress);

// Not thread-safe.
class ProgressLine {
 public:
  // Writes to `out`, which is drawn on `terminal`, behind `fd` where that is not -1. Stream and
  // clock are borrowed.
  ProgressLine(std::ostream& out, const Terminal& terminal, int fd, Clock* clock);

  // "train [####----]  48%  310/640  2.10/s  ETA 2m05s  loss 1.020  train acc 71.2%  212 img/s",
  // after a line with the evaluation where there was one.
  void Show(const train::TrainProgress& progress);
  // Ends a line that is being rewritten.
  void Finish() { bar_.Finish(); }

 private:
  std::ostream& out_;
  ProgressBar bar_;
};

}  // namespace niwaki::trainer

#endif  // NIWAKI_SERVICES_TRAINER_PROGRESS_LINE_H_
