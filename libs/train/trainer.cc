#include "libs/train/trainer.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/arch/subnet.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/supernet/images.h"
#include "libs/supernet/runtime.h"
#include "libs/supernet/torch_guard.h"
#include "libs/supernet/weights.h"
#include "libs/train/channel_sort.h"
#include "libs/train/checkpoint.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/train/sgd.h"
#include "libs/train/tensor_io.h"
#include "libs/train/train_batches.h"
#include "libs/train/train_log.h"
#include "libs/train/train_step.h"
#include "libs/train/training_state.h"

namespace niwaki::train {
namespace {

constexpr int kLogInterval = 20;
// Weight of a step in the running averages that progress shows.
constexpr double kAverageWeight = 0.05;

int CoreCount() { return std::max(1u, std::thread::hardware_concurrency()); }

absl::Status Invalid(absl::string_view field, const absl::AlphaNum& value,
                     absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(field, " ", value.Piece(), " is not ", limit));
}

SgdOptions SgdOptionsOf(const Recipe& recipe) {
  SgdOptions options;
  options.momentum = recipe.momentum;
  options.weight_decay = recipe.weight_decay;
  options.gradient_clip = recipe.gradient_clip;
  return options;
}

// Throughput and exponential averages since this process began.
struct Meter {
  int64_t images = 0;
  double seconds = 0;
  double loss = 0;
  double accuracy = 0;
  int64_t steps = 0;

  void Add(const StepResult& result, int64_t count, double duration) {
    const double weight = std::max(kAverageWeight, 1.0 / ++steps);
    loss += weight * (result.loss - loss);
    accuracy += weight * (result.accuracy - accuracy);
    images += count;
    seconds += duration;
  }
};

class TorchTrainer : public Trainer {
 public:
  TorchTrainer(const data::PreparedData* data, const TrainOptions& options, Manifest manifest,
               TrainingState state, std::unique_ptr<supernet::Supernet> supernet)
      : data_(*data),
        options_(options),
        clock_(*options.clock),
        supernet_(std::move(supernet)),
        manifest_(std::move(manifest)),
        batches_(data, manifest_.recipe.batch_size, manifest_.recipe.augment, state.seed),
        sgd_(&supernet_->weights(), SgdOptionsOf(manifest_.recipe)),
        state_(state) {}

  absl::Status Begin(const tensorfile::TensorMap* checkpoint) {
    if (checkpoint != nullptr) {
      NIWAKI_RETURN_IF_ERROR(
          supernet::GuardTorch("read optimiser", [&] { return sgd_.Load(*checkpoint); }));
    } else if (options_.minutes > 0) {
      state_.budget_seconds = options_.minutes * 60;
    } else {
      const double steps = manifest_.recipe.epochs * batches_.steps_per_epoch();
      state_.total_steps = std::max<int64_t>(1, std::llround(steps));
    }
    NIWAKI_ASSIGN_OR_RETURN(log_, TrainLog::Open(LogPath(options_.output), checkpoint != nullptr));
    return absl::OkStatus();
  }

  absl::StatusOr<TrainSummary> Run() override {
    supernet::SetOperatorThreads(1);
    log_->Start(manifest_.ToJson(), state_.step);
    last_time_ = last_checkpoint_ = clock_.Now();
    next_evaluation_ = NextEvaluationAfter(state_.progress());
    while (state_.progress() < 1) {
      if (options_.stop != nullptr && options_.stop->load()) return Stop();
      NIWAKI_RETURN_IF_ERROR(Step());
      if (clock_.Now() - last_checkpoint_ >= absl::Seconds(options_.checkpoint_seconds)) {
        NIWAKI_RETURN_IF_ERROR(SaveCheckpoint());
      }
    }
    return Finish();
  }

  const supernet::Supernet& supernet() const override { return *supernet_; }

 private:
  const Recipe& recipe() const { return manifest_.recipe; }
  const arch::SearchSpace& space() const { return supernet_->space(); }
  int threads() const { return options_.threads > 0 ? options_.threads : CoreCount(); }

  double NextEvaluationAfter(double progress) const {
    if (options_.evaluations == 0) return 2;
    const double next = std::floor(progress * options_.evaluations + 1e-9) + 1;
    return next < options_.evaluations ? next / options_.evaluations : 2;
  }

  absl::Status Step() {
    const bool largest_only = state_.progress() < recipe().largest_only_fraction;
    if (!largest_only && !state_.channels_sorted) SortChannels();
    const double rate = LearningRateAt(recipe(), state_.progress());
    const absl::Time start = clock_.Now();
    const StepPlan plan = PlanStep(space(), recipe(), state_.seed, state_.step, largest_only);
    NIWAKI_ASSIGN_OR_RETURN(TrainBatch batch,
                            batches_.Load(state_.step, space().resolutions()[plan.resolution]));
    const at::Device device(options_.device);
    NIWAKI_ASSIGN_OR_RETURN(
        const StepResult result,
        AccumulateGradients(space(), supernet_->weights(), recipe(), plan, batch.images.to(device),
                            batch.labels.to(device), threads()));
    NIWAKI_RETURN_IF_ERROR(supernet::GuardTorch("optimiser step", [&] { sgd_.Step(rate); }));
    if (!std::isfinite(result.loss)) return Diverged(result.loss);
    ++state_.step;
    meter_.Add(result, batches_.batch_size(), absl::ToDoubleSeconds(clock_.Now() - start));
    return Report(rate);
  }

  void SortChannels() {
    // With fraction 0 there is nothing trained yet to sort by.
    if (state_.step > 0) {
      SortExpansionChannels(space(), supernet_->weights());
      sgd_.ResetMomentum();
    }
    state_.channels_sorted = true;
  }

  absl::Status Diverged(double loss) const {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kScoreNotFinite)
        .Field("learning_rate")
        .Value(recipe().learning_rate)
        .Message(absl::StrCat("the training diverged at step ", state_.step, " (loss ", loss,
                              "); train with a lower learning_rate than ", recipe().learning_rate));
  }

  void CountTime() {
    const absl::Time now = clock_.Now();
    state_.elapsed_seconds += absl::ToDoubleSeconds(now - last_time_);
    last_time_ = now;
  }

  absl::Status Report(double rate) {
    CountTime();
    TrainProgress progress;
    progress.step = state_.step;
    progress.progress = state_.progress();
    progress.learning_rate = rate;
    progress.loss = meter_.loss;
    progress.accuracy = meter_.accuracy;
    progress.images_per_second = meter_.images / std::max(meter_.seconds, 1e-9);
    progress.elapsed_seconds = state_.elapsed_seconds;
    progress.eta_seconds = state_.elapsed_seconds * (1 / progress.progress - 1);
    progress.total_steps = state_.total_steps > 0
                               ? state_.total_steps
                               : std::llround(state_.step / std::max(progress.progress, 1e-9));
    if (state_.step % kLogInterval == 0) log_->Step(progress);
    if (progress.progress >= next_evaluation_) NIWAKI_RETURN_IF_ERROR(EvaluateEnds(progress));
    if (options_.on_progress) options_.on_progress(progress);
    return absl::OkStatus();
  }

  absl::Status EvaluateEnds(TrainProgress& progress) {
    next_evaluation_ = NextEvaluationAfter(progress.progress);
    NIWAKI_ASSIGN_OR_RETURN(progress.evaluated, ScoreEnds(*supernet_, data_,
                                                          ScoringOf(data::Split::kValidation,
                                                                    options_.evaluation_images)));
    log_->Evaluation(progress);
    return absl::OkStatus();
  }

  supernet::ScoreOptions ScoringOf(data::Split split, int64_t images) const {
    supernet::ScoreOptions options;
    options.split = split;
    options.evaluation_images = images;
    options.calibration_images = options_.calibration_images;
    options.threads = threads();
    options.device = options_.device;
    return options;
  }

  Manifest CurrentManifest() const {
    Manifest manifest = manifest_;
    manifest.step = state_.step;
    manifest.progress = state_.progress();
    return manifest;
  }

  absl::Status SaveCheckpoint() {
    CountTime();
    NIWAKI_ASSIGN_OR_RETURN(const std::string bytes, supernet::GuardTorch("save checkpoint", [&] {
                              TensorWriter writer;
                              std::as_const(*supernet_)
                                  .weights()
                                  .ForEach([&](const std::string& name, const at::Tensor& tensor) {
                                    writer.Add(name, tensor);
                                  });
                              sgd_.Save(writer);
                              return writer.Serialize({{kManifestKey, CurrentManifest().ToJson()},
                                                       {kTrainingKey, state_.ToJson()}});
                            }));
    NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(CheckpointPath(options_.output), bytes));
    last_checkpoint_ = clock_.Now();
    return absl::OkStatus();
  }

  absl::Status Stop() {
    NIWAKI_RETURN_IF_ERROR(SaveCheckpoint());
    return Error(absl::StatusCode::kCancelled, reason::kShuttingDown)
        .Field("step")
        .Value(state_.step)
        .Message(absl::StrCat("stopped at step ", state_.step, "; checkpoint written to ",
                              CheckpointPath(options_.output)));
  }

  absl::StatusOr<TrainSummary> Finish() {
    CountTime();
    TrainSummary summary;
    summary.output = options_.output;
    summary.steps = state_.step;
    summary.epochs = static_cast<double>(state_.step) / batches_.steps_per_epoch();
    summary.elapsed_seconds = state_.elapsed_seconds;
    summary.images_per_second = meter_.images / std::max(meter_.seconds, 1e-9);
    NIWAKI_RETURN_IF_ERROR(SaveSupernet(options_.output, *supernet_, CurrentManifest()));
    NIWAKI_ASSIGN_OR_RETURN(summary.digest, Sha256HexOfFile(options_.output));
    NIWAKI_ASSIGN_OR_RETURN(summary.validation,
                            ScoreEnds(*supernet_, data_, ScoringOf(data::Split::kValidation, 0)));
    if (data_.size(data::Split::kTest) > 0) {
      NIWAKI_ASSIGN_OR_RETURN(summary.test,
                              ScoreEnds(*supernet_, data_, ScoringOf(data::Split::kTest, 0)));
    }
    log_->End(summary);
    unlink(CheckpointPath(options_.output).c_str());
    return summary;
  }

  // Constant after Begin.
  const data::PreparedData& data_;
  const TrainOptions options_;
  Clock& clock_;
  const std::unique_ptr<supernet::Supernet> supernet_;
  const Manifest manifest_;
  std::unique_ptr<TrainLog> log_;

  TrainBatches batches_;
  Sgd sgd_;
  TrainingState state_;
  Meter meter_;
  absl::Time last_time_;
  absl::Time last_checkpoint_;
  double next_evaluation_ = 2;
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

absl::StatusOr<std::unique_ptr<Trainer>> StartNew(const arch::SearchSpace& space,
                                                  const data::PreparedData* data,
                                                  const TrainOptions& options) {
  Manifest manifest;
  manifest.space_textproto = space.ToTextproto();
  manifest.space_structure = space.structure().ToHex();
  manifest.data_digest = data->digest();
  manifest.data = data->metadata();
  manifest.recipe = options.recipe;
  manifest.seed = options.seed;
  TrainingState state;
  state.seed = options.seed;
  auto supernet = supernet::Supernet::Random(space, options.seed);
  supernet->weights().To(at::Device(options.device), at::kFloat);
  auto trainer =
      std::make_unique<TorchTrainer>(data, options, manifest, state, std::move(supernet));
  NIWAKI_RETURN_IF_ERROR(trainer->Begin(nullptr));
  return trainer;
}

absl::StatusOr<std::unique_ptr<Trainer>> Resume(const arch::SearchSpace& space,
                                                const data::PreparedData* data,
                                                const TrainOptions& options) {
  const std::string path = CheckpointPath(options.output);
  NIWAKI_ASSIGN_OR_RETURN(LoadedSupernet loaded, LoadSupernetOf(space, path));
  if (loaded.manifest.data_digest != data->digest()) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
        .Field("data")
        .Value(data->digest())
        .Limit(loaded.manifest.data_digest)
        .Message(absl::StrCat(path, " was trained on other data: ", loaded.manifest.data_digest));
  }
  NIWAKI_ASSIGN_OR_RETURN(const auto file, tensorfile::SafetensorsFile::Open(path));
  const auto text = file->metadata().find(kTrainingKey);
  NIWAKI_ASSIGN_OR_RETURN(
      const TrainingState state,
      TrainingState::FromJson(text == file->metadata().end() ? "" : text->second));
  loaded.supernet->weights().To(at::Device(options.device), at::kFloat);
  auto trainer = std::make_unique<TorchTrainer>(data, options, std::move(loaded.manifest), state,
                                                std::move(loaded.supernet));
  NIWAKI_RETURN_IF_ERROR(trainer->Begin(&file->tensors()));
  return trainer;
}

}  // namespace

absl::Status TrainOptions::Validate() const {
  constexpr double kMaxMinutes = 60 * 24 * 365;
  NIWAKI_RETURN_IF_ERROR(recipe.Validate());
  if (!(minutes >= 0 && minutes <= kMaxMinutes))
    return Invalid("minutes", minutes, "in [0, a year]");
  if (output.empty()) return Invalid("output", output, "a file name");
  if (threads < 0) return Invalid("threads", threads, "0 or more");
  if (evaluations < 0) return Invalid("evaluations", evaluations, "0 or more");
  if (!(checkpoint_seconds > 0))
    return Invalid("checkpoint_seconds", checkpoint_seconds, "above 0");
  return supernet::CheckDevice(device);
}

absl::StatusOr<std::unique_ptr<Trainer>> Trainer::Create(const arch::SearchSpace& space,
                                                         const data::PreparedData* data,
                                                         const TrainOptions& options) {
  NIWAKI_CHECK(data != nullptr);
  NIWAKI_RETURN_IF_ERROR(options.Validate());
  NIWAKI_RETURN_IF_ERROR(CheckData(space, *data));
  return supernet::GuardTorch("start training", [&] {
    return options.resume ? Resume(space, data, options) : StartNew(space, data, options);
  });
}

absl::StatusOr<EndScores> ScoreEnds(const supernet::Supernet& supernet,
                                    const data::PreparedData& data,
                                    const supernet::ScoreOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const auto scorer, supernet::Scorer::Create(&supernet, &data, options));
  EndScores scores;
  NIWAKI_ASSIGN_OR_RETURN(scores.largest, scorer->ScoreSubnet(arch::MaxSubnet(supernet.space())));
  NIWAKI_ASSIGN_OR_RETURN(scores.smallest, scorer->ScoreSubnet(arch::MinSubnet(supernet.space())));
  return scores;
}

std::string CheckpointPath(const std::string& output) { return output + ".checkpoint"; }

std::string LogPath(const std::string& output) { return output + ".log.jsonl"; }

}  // namespace niwaki::train
