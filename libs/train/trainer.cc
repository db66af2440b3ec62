#include "libs/train/trainer.h"

#include <ATen/ATen.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/prepared/metadata.h"
#include "libs/supernet/runtime.h"
#include "libs/supernet/scoring/images.h"
#include "libs/supernet/torch_guard.h"
#include "libs/train/checkpoint/checkpoint.h"
#include "libs/train/learner.h"
#include "libs/train/progress_meter.h"
#include "libs/train/ranks/gradient_exchange.h"
#include "libs/train/reporter.h"
#include "libs/train/training_start.h"

namespace niwaki::train {
namespace {

class TorchTrainer : public Trainer {
 public:
  TorchTrainer(const data::PreparedData* data, const TrainOptions& options)
      : data_(*data),
        options_(options),
        clock_(*options.clock),
        exchange_(options.exchange != nullptr ? *options.exchange : single_) {}

  absl::Status Begin(const arch::SearchSpace& space) {
    if (is_first()) NIWAKI_RETURN_IF_ERROR(options_.CheckOutputs());
    NIWAKI_ASSIGN_OR_RETURN(TrainingStart start, BeginTraining(space, data_, options_, exchange_));
    LearnerOptions learner;
    learner.device = options_.device;
    learner.threads = options_.work_threads();
    learner.exchange = &exchange_;
    NIWAKI_ASSIGN_OR_RETURN(learner_, Learner::Create(&data_, std::move(start), learner));
    if (!is_first()) return absl::OkStatus();
    NIWAKI_ASSIGN_OR_RETURN(reporter_, Reporter::Create(&options_, &data_, learner_.get()));
    return absl::OkStatus();
  }

  absl::StatusOr<TrainSummary> Run() override {
    supernet::SetOperatorThreads(1);
    if (is_first()) reporter_->Start();
    last_time_ = last_checkpoint_ = clock_.Now();
    while (true) {
      NIWAKI_ASSIGN_OR_RETURN(const bool stop, Agree());
      if (learner_->progress() >= 1) break;
      if (stop) return Stop();
      NIWAKI_RETURN_IF_ERROR(Step());
      if (clock_.Now() - last_checkpoint_ >= absl::Seconds(options_.checkpoint_seconds)) {
        NIWAKI_RETURN_IF_ERROR(SaveCheckpoint());
      }
    }
    return Finish();
  }

  const supernet::Supernet& supernet() const override { return learner_->supernet(); }

 private:
  bool is_first() const { return exchange_.rank() == 0; }

  // Whether some process has been asked to stop; all go by the clock of rank 0.
  absl::StatusOr<bool> Agree() {
    bool stop = options_.stop != nullptr && options_.stop->load();
    if (exchange_.world_size() == 1) return stop;
    at::Tensor votes = at::zeros({2}, at::kDouble);
    double* values = votes.data_ptr<double>();
    values[0] = stop ? 1 : 0;
    values[1] = is_first() ? learner_->elapsed_seconds() : 0;
    NIWAKI_RETURN_IF_ERROR(exchange_.Sum(votes));
    learner_->set_elapsed_seconds(values[1]);
    return values[0] > 0;
  }

  absl::Status Step() {
    const absl::Time start = clock_.Now();
    const double rate = learner_->learning_rate();
    NIWAKI_ASSIGN_OR_RETURN(const StepResult result, learner_->Step());
    meter_.Add(result, learner_->batch_size(), absl::ToDoubleSeconds(clock_.Now() - start));
    CountTime();
    return is_first() ? reporter_->Step(rate, meter_) : absl::OkStatus();
  }

  void CountTime() {
    const absl::Time now = clock_.Now();
    learner_->set_elapsed_seconds(learner_->elapsed_seconds() +
                                  absl::ToDoubleSeconds(now - last_time_));
    last_time_ = now;
  }

  absl::Status SaveCheckpoint() {
    last_checkpoint_ = clock_.Now();
    if (!is_first() || !HasCompanions(options_.output)) return absl::OkStatus();
    CountTime();
    return learner_->Save(CheckpointPath(options_.output));
  }

  absl::Status Stop() {
    NIWAKI_RETURN_IF_ERROR(SaveCheckpoint());
    const int64_t step = learner_->state().step;
    const std::string kept =
        HasCompanions(options_.output)
            ? absl::StrCat("checkpoint written to ", CheckpointPath(options_.output))
            : absl::StrCat("no checkpoint: ", options_.output, " is no file");
    return Error(absl::StatusCode::kCancelled, reason::kShuttingDown)
        .Field("step")
        .Value(step)
        .Message(absl::StrCat("stopped at step ", step, "; ", kept));
  }

  absl::StatusOr<TrainSummary> Finish() {
    TrainSummary summary;
    summary.output = options_.output;
    summary.steps = learner_->state().step;
    summary.epochs = static_cast<double>(summary.steps) / learner_->steps_per_epoch();
    summary.elapsed_seconds = learner_->elapsed_seconds();
    summary.images_per_second = meter_.images_per_second();
    if (!is_first()) return summary;
    NIWAKI_ASSIGN_OR_RETURN(
        summary.digest, SaveSupernet(options_.output, learner_->supernet(), learner_->manifest()));
    NIWAKI_RETURN_IF_ERROR(reporter_->Finish(summary));
    if (HasCompanions(options_.output)) unlink(CheckpointPath(options_.output).c_str());
    return summary;
  }

  // Constant after Begin.
  const data::PreparedData& data_;
  const TrainOptions options_;
  Clock& clock_;
  SingleProcess single_;
  GradientExchange& exchange_;
  std::unique_ptr<Learner> learner_;
  // On rank 0 only.
  std::unique_ptr<Reporter> reporter_;

  ProgressMeter meter_;
  absl::Time last_time_;
  absl::Time last_checkpoint_;
};

absl::Status CheckData(const arch::SearchSpace& space, const data::PreparedData& data) {
  NIWAKI_RETURN_IF_ERROR(supernet::CheckDataFits(space, data));
  for (const data::Split split :
       {data::Split::kTrain, data::Split::kCalibration, data::Split::kValidation}) {
    if (data.size(split) >= 2) continue;
    return Error(absl::StatusCode::kFailedPrecondition, reason::kArgumentInvalid)
        .Field("data")
        .Value(data::SplitName(split))
        .Message(absl::StrCat("the data has ", data.size(split), " examples in the split ",
                              data::SplitName(split), ", training needs at least 2"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Trainer>> Trainer::Create(const arch::SearchSpace& space,
                                                         const data::PreparedData* data,
                                                         const TrainOptions& options) {
  NIWAKI_CHECK(data != nullptr);
  NIWAKI_RETURN_IF_ERROR(options.Validate());
  NIWAKI_RETURN_IF_ERROR(CheckData(space, *data));
  return supernet::GuardTorch("start training", [&]() -> absl::StatusOr<std::unique_ptr<Trainer>> {
    auto trainer = std::make_unique<TorchTrainer>(data, options);
    NIWAKI_RETURN_IF_ERROR(trainer->Begin(space));
    return trainer;
  });
}

}  // namespace niwaki::train
