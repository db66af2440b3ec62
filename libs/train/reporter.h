// Reporter: what rank 0 says about a training: its log, the evaluations on its way and at its end,
// and the progress that the caller sees.

#ifndef NIWAKI_LIBS_TRAIN_REPORTER_H_
#define NIWAKI_LIBS_TRAIN_REPORTER_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/data/prepared/prepared.h"
#include "libs/supernet/scoring/scorer.h"
#include "libs/train/evaluation_cadence.h"
#include "libs/train/learner.h"
#include "libs/train/progress_meter.h"
#include "libs/train/train_log.h"
#include "libs/train/train_options.h"
#include "libs/train/train_progress.h"

namespace niwaki::train {

// Not thread-safe.
class Reporter {
 public:
  // All borrowed. Opens the log, to go on with when the training is resumed. The errors of
  // TrainLog.
  static absl::StatusOr<std::unique_ptr<Reporter>> Create(const TrainOptions* options,
                                                          const data::PreparedData* data,
                                                          const Learner* learner);

  void Start();

  // After a step with `learning_rate`: a line now and then, the evaluations that are due, the
  // caller's on_progress. The errors of Scorer.
  absl::Status Step(double learning_rate, const ProgressMeter& meter);

  // Scores both ends on every image of the validation and test splits, which complete `summary`,
  // and writes the last line. The errors of Scorer.
  absl::Status Finish(TrainSummary& summary);

 private:
  Reporter(const TrainOptions* options, const data::PreparedData* data, const Learner* learner)
      : options_(*options), data_(*data), learner_(*learner) {}

  TrainProgress Progress(double learning_rate, const ProgressMeter& meter) const;
  absl::Status EvaluateEnds(TrainProgress& progress);
  absl::Status EndPhase(TrainProgress& progress);
  supernet::ScoreOptions ScoringOf(data::Split split, int64_t images) const;

  const TrainOptions& options_;
  const data::PreparedData& data_;
  const Learner& learner_;
  std::unique_ptr<TrainLog> log_;
  double next_evaluation_ = kNeverEvaluate;
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_REPORTER_H_
