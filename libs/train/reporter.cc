#include "libs/train/reporter.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "libs/base/status_macros.h"
#include "libs/data/prepared/metadata.h"
#include "libs/train/corner_scores.h"
#include "libs/train/end_scores.h"

namespace niwaki::train {
namespace {

constexpr int kLogInterval = 20;

}  // namespace

absl::StatusOr<std::unique_ptr<Reporter>> Reporter::Create(const TrainOptions* options,
                                                           const data::PreparedData* data,
                                                           const Learner* learner) {
  auto reporter = std::unique_ptr<Reporter>(new Reporter(options, data, learner));
  const std::string log = HasCompanions(options->output) ? LogPath(options->output) : "/dev/null";
  NIWAKI_ASSIGN_OR_RETURN(reporter->log_, TrainLog::Open(log, options->resume));
  return reporter;
}

void Reporter::Start() {
  log_->Start(learner_.initial_manifest().ToJson(), learner_.state().step);
  next_evaluation_ = NextEvaluationAfter(learner_.progress(), options_.evaluations);
}

TrainProgress Reporter::Progress(double learning_rate, const ProgressMeter& meter) const {
  const TrainingState& state = learner_.state();
  TrainProgress progress;
  progress.phase = learner_.phase().name;
  progress.phase_index = state.phase;
  progress.phases = learner_.schedule().phases();
  progress.step = state.step;
  progress.progress = state.progress();
  progress.learning_rate = learning_rate;
  progress.loss = meter.loss();
  progress.descended_loss = meter.descended_loss();
  progress.accuracy = meter.accuracy();
  progress.images_per_second = meter.images_per_second();
  progress.elapsed_seconds = state.elapsed_seconds;
  progress.eta_seconds = state.elapsed_seconds * (1 / progress.progress - 1);
  progress.total_steps = state.total_steps > 0
                             ? state.total_steps
                             : std::llround(state.step / std::max(progress.progress, 1e-9));
  return progress;
}

absl::Status Reporter::Step(double learning_rate, const ProgressMeter& meter) {
  TrainProgress progress = Progress(learning_rate, meter);
  if (progress.step % kLogInterval == 0) log_->Step(progress);
  if (progress.progress >= next_evaluation_) NIWAKI_RETURN_IF_ERROR(EvaluateEnds(progress));
  if (learner_.AtPhaseEnd()) NIWAKI_RETURN_IF_ERROR(EndPhase(progress));
  if (options_.on_progress) options_.on_progress(progress);
  return absl::OkStatus();
}

absl::Status Reporter::EvaluateEnds(TrainProgress& progress) {
  next_evaluation_ = NextEvaluationAfter(progress.progress, options_.evaluations);
  NIWAKI_ASSIGN_OR_RETURN(progress.evaluated, ScoreEnds(learner_.supernet(), data_,
                                                        ScoringOf(data::Split::kValidation,
                                                                  options_.evaluation_images)));
  log_->Evaluation(progress);
  return absl::OkStatus();
}

absl::Status Reporter::EndPhase(TrainProgress& progress) {
  if (options_.evaluations == 0) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(
      progress.corners,
      ScoreCorners(learner_.supernet(), data_, learner_.schedule().choices(learner_.state().phase),
                   learner_.recipe().phase_validation,
                   ScoringOf(data::Split::kValidation, options_.evaluation_images)));
  log_->PhaseEnd(progress);
  return absl::OkStatus();
}

supernet::ScoreOptions Reporter::ScoringOf(data::Split split, int64_t images) const {
  supernet::ScoreOptions options;
  options.split = split;
  options.evaluation_images = images;
  options.calibration_images = options_.calibration_images;
  options.threads = options_.work_threads();
  options.device = options_.device;
  return options;
}

absl::Status Reporter::Finish(TrainSummary& summary) {
  NIWAKI_ASSIGN_OR_RETURN(summary.validation, ScoreEnds(learner_.supernet(), data_,
                                                        ScoringOf(data::Split::kValidation, 0)));
  if (data_.size(data::Split::kTest) > 0) {
    NIWAKI_ASSIGN_OR_RETURN(
        summary.test, ScoreEnds(learner_.supernet(), data_, ScoringOf(data::Split::kTest, 0)));
  }
  log_->End(summary);
  summary.log_error = std::string(log_->status().message());
  return absl::OkStatus();
}

}  // namespace niwaki::train
