#include "libs/train/trainer.h"

#include <ATen/ATen.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/arch/subnet.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/log.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/supernet/runtime.h"
#include "libs/supernet/scoring/images.h"
#include "libs/supernet/torch_guard.h"
#include "libs/supernet/weights.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/train/checkpoint/checkpoint.h"
#include "libs/train/checkpoint/tensor_io.h"
#include "libs/train/checkpoint/training_state.h"
#include "libs/train/corner_scores.h"
#include "libs/train/rank_sync.h"
#include "libs/train/ranks/gradient_exchange.h"
#include "libs/train/recipe/schedule.h"
#include "libs/train/recipe/step_plan.h"
#include "libs/train/step/channel_sort.h"
#include "libs/train/step/loss_scale.h"
#include "libs/train/step/sgd.h"
#include "libs/train/step/train_batches.h"
#include "libs/train/step/train_step.h"
#include "libs/train/train_log.h"
#include "libs/train/training_start.h"

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

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Throughput and exponential averages since this process began.
struct Meter {
  int64_t images = 0;
  double seconds = 0;
  double loss = 0;
  double descended_loss = 0;
  double accuracy = 0;
  int64_t steps = 0;

  void Add(const StepResult& result, int64_t count, double duration) {
    const double weight = std::max(kAverageWeight, 1.0 / ++steps);
    loss += weight * (Mean(result.label_losses) - loss);
    descended_loss += weight * (Mean(result.losses) - descended_loss);
    accuracy += weight * (result.accuracy - accuracy);
    images += count;
    seconds += duration;
  }
};

at::ScalarType ComputeType(const std::string& precision) {
  if (precision == "bf16") return at::kBFloat16;
  return precision == "f16" ? at::kHalf : at::kFloat;
}

LossScale LossScaleOf(const TrainingState& state) {
  return LossScale(state.loss_scale, state.good_steps, state.precision == "f16");
}

class TorchTrainer : public Trainer {
 public:
  TorchTrainer(const data::PreparedData* data, const TrainOptions& options, TrainingStart start,
               TrainBatches batches, Schedule schedule)
      : data_(*data),
        options_(options),
        clock_(*options.clock),
        exchange_(options.exchange != nullptr ? *options.exchange : single_),
        supernet_(std::move(start.supernet)),
        manifest_(std::move(start.manifest)),
        schedule_(std::move(schedule)),
        shards_(ShardsOf(batches.batch_size(), manifest_.recipe.shard_size, exchange_.rank(),
                         exchange_.world_size())),
        batches_(std::move(batches)),
        sgd_(&supernet_->weights(), SgdOptionsOf(manifest_.recipe)),
        state_(start.state),
        loss_scale_(LossScaleOf(state_)) {}

  // Reads what the checkpoint of rank 0 holds beside the weights, and gives it to all.
  absl::Status Begin(const tensorfile::SafetensorsFile* file,
                     const std::vector<std::string>& momentum) {
    if (file != nullptr) NIWAKI_RETURN_IF_ERROR(sgd_.Load(file->tensors()));
    if (state_.has_teacher) NIWAKI_RETURN_IF_ERROR(LoadTeacher(file));
    if (exchange_.world_size() > 1 && state_.step > 0) {
      if (file == nullptr) sgd_.TakePart(momentum);
      NIWAKI_RETURN_IF_ERROR(BroadcastWeights(exchange_, supernet_->weights()));
      NIWAKI_RETURN_IF_ERROR(BroadcastMomentum(exchange_, sgd_));
    }
    if (!is_first()) return absl::OkStatus();
    NIWAKI_ASSIGN_OR_RETURN(log_, TrainLog::Open(LogPath(options_.output), file != nullptr));
    return absl::OkStatus();
  }

  absl::StatusOr<TrainSummary> Run() override {
    supernet::SetOperatorThreads(1);
    if (is_first()) log_->Start(manifest_.ToJson(), state_.step);
    last_time_ = last_checkpoint_ = clock_.Now();
    next_evaluation_ = NextEvaluationAfter(state_.progress());
    while (true) {
      NIWAKI_ASSIGN_OR_RETURN(const bool stop, Agree());
      if (state_.progress() >= 1) break;
      if (stop) return Stop();
      while (state_.phase < schedule_.PhaseAt(position())) {
        NIWAKI_RETURN_IF_ERROR(EnterPhase(state_.phase + 1));
      }
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
  const Phase& phase() const { return schedule_.phase(state_.phase); }
  bool is_first() const { return exchange_.rank() == 0; }
  int threads() const { return options_.threads > 0 ? options_.threads : CoreCount(); }
  // In the schedule.
  double position() const {
    return state_.total_steps > 0 ? static_cast<double>(state_.step) : state_.progress();
  }

  double NextEvaluationAfter(double progress) const {
    if (options_.evaluations == 0) return 2;
    const double next = std::floor(progress * options_.evaluations + 1e-9) + 1;
    return next < options_.evaluations ? next / options_.evaluations : 2;
  }

  // Whether some process has been asked to stop; all go by the clock of rank 0.
  absl::StatusOr<bool> Agree() {
    bool stop = options_.stop != nullptr && options_.stop->load();
    if (exchange_.world_size() == 1) return stop;
    at::Tensor votes = at::zeros({2}, at::kDouble);
    double* values = votes.data_ptr<double>();
    values[0] = stop ? 1 : 0;
    values[1] = is_first() ? state_.elapsed_seconds : 0;
    NIWAKI_RETURN_IF_ERROR(exchange_.Sum(votes));
    state_.elapsed_seconds = values[1];
    return values[0] > 0;
  }

  absl::Status EnterPhase(int index) {
    return supernet::GuardTorch("begin phase", [&] {
      if (schedule_.TakesTeacher(index)) {
        teacher_ = std::make_unique<supernet::SharedWeights>(supernet_->weights().Clone());
        state_.has_teacher = true;
      }
      // Before the first step there is nothing to sort by, and nothing to forget.
      if (state_.step > 0) {
        const int sort = schedule_.phase(index).sort_channels;
        if (sort >= 0) SortExpansionChannels(space(), sort, supernet_->weights());
        if (schedule_.StartsAnew(index)) sgd_.Restart();
      }
      state_.phase = index;
    });
  }

  absl::StatusOr<StepInput> NextInput() {
    StepInput input;
    input.plan =
        PlanStep(space(), schedule_.choices(state_.phase), phase(), state_.seed, state_.step);
    NIWAKI_ASSIGN_OR_RETURN(TrainBatch batch,
                            batches_.Load(state_.step, space().resolutions()[input.plan.resolution],
                                          shards_.first_image(), shards_.images()));
    const at::Device device(options_.device);
    input.images = batch.images.to(device);
    input.labels = batch.labels.to(device);
    input.shards = shards_;
    input.seed = state_.seed;
    input.step = state_.step;
    if (schedule_.UsesKeptTeacher(state_.phase)) input.teacher = teacher_.get();
    // One stream of work keeps a GPU busy.
    input.threads = device.is_cpu() ? threads() : 1;
    input.compute_type = ComputeType(state_.precision);
    input.loss_scale = loss_scale_.scale();
    return input;
  }

  absl::Status Step() {
    const absl::Time start = clock_.Now();
    const double rate = schedule_.LearningRateAt(position());
    NIWAKI_ASSIGN_OR_RETURN(const StepInput input, NextInput());
    NIWAKI_ASSIGN_OR_RETURN(
        const StepResult result,
        AccumulateGradients(space(), supernet_->weights(), recipe(), phase(), input, exchange_));
    NIWAKI_ASSIGN_OR_RETURN(const double norm, supernet::GuardTorch("optimiser step", [&] {
                              return sgd_.Step(rate, loss_scale_.scale());
                            }));
    const double loss = Mean(result.losses);
    const bool overflow = !std::isfinite(norm) && loss_scale_.MayOverflow();
    if (!std::isfinite(loss) || (!std::isfinite(norm) && !overflow)) return Diverged(loss, norm);
    loss_scale_.Update(!overflow);
    state_.loss_scale = loss_scale_.scale();
    state_.good_steps = loss_scale_.good_steps();
    ++state_.step;
    meter_.Add(result, batches_.batch_size(), absl::ToDoubleSeconds(clock_.Now() - start));
    CountTime();
    return is_first() ? Report(rate) : absl::OkStatus();
  }

  absl::Status Diverged(double loss, double norm) const {
    const double rate = schedule_.LearningRateAt(position());
    return Error(absl::StatusCode::kFailedPrecondition, reason::kScoreNotFinite)
        .Field("learning_rate")
        .Value(rate)
        .Message(absl::StrCat("the training diverged at step ", state_.step, " in phase '",
                              phase().name, "' (loss ", loss, ", gradient norm ", norm,
                              "); train with a lower learning_rate than ", rate));
  }

  void CountTime() {
    const absl::Time now = clock_.Now();
    state_.elapsed_seconds += absl::ToDoubleSeconds(now - last_time_);
    last_time_ = now;
  }

  TrainProgress Progress(double rate) const {
    TrainProgress progress;
    progress.phase = phase().name;
    progress.phase_index = state_.phase;
    progress.phases = schedule_.phases();
    progress.step = state_.step;
    progress.progress = state_.progress();
    progress.learning_rate = rate;
    progress.loss = meter_.loss;
    progress.descended_loss = meter_.descended_loss;
    progress.accuracy = meter_.accuracy;
    progress.images_per_second = meter_.images / std::max(meter_.seconds, 1e-9);
    progress.elapsed_seconds = state_.elapsed_seconds;
    progress.eta_seconds = state_.elapsed_seconds * (1 / progress.progress - 1);
    progress.total_steps = state_.total_steps > 0
                               ? state_.total_steps
                               : std::llround(state_.step / std::max(progress.progress, 1e-9));
    return progress;
  }

  absl::Status Report(double rate) {
    TrainProgress progress = Progress(rate);
    if (state_.step % kLogInterval == 0) log_->Step(progress);
    if (progress.progress >= next_evaluation_) NIWAKI_RETURN_IF_ERROR(EvaluateEnds(progress));
    if (position() >= schedule_.end(state_.phase)) NIWAKI_RETURN_IF_ERROR(EndPhase(progress));
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

  absl::Status EndPhase(TrainProgress& progress) {
    if (options_.evaluations == 0) return absl::OkStatus();
    NIWAKI_ASSIGN_OR_RETURN(
        progress.corners,
        ScoreCorners(*supernet_, data_, schedule_.choices(state_.phase), recipe().phase_validation,
                     ScoringOf(data::Split::kValidation, options_.evaluation_images)));
    log_->PhaseEnd(progress);
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

  static void AddWeights(const supernet::SharedWeights& weights, absl::string_view prefix,
                         TensorWriter& writer) {
    weights.ForEach([&](const std::string& name, const at::Tensor& tensor) {
      writer.Add(absl::StrCat(prefix, name), tensor);
    });
  }

  absl::Status SaveCheckpoint() {
    last_checkpoint_ = clock_.Now();
    if (!is_first()) return absl::OkStatus();
    CountTime();
    NIWAKI_ASSIGN_OR_RETURN(const std::string bytes, supernet::GuardTorch("save checkpoint", [&] {
                              TensorWriter writer;
                              AddWeights(supernet_->weights(), "", writer);
                              sgd_.Save(writer);
                              if (teacher_) AddWeights(*teacher_, kTeacherPrefix, writer);
                              return writer.Serialize({{kManifestKey, CurrentManifest().ToJson()},
                                                       {kTrainingKey, state_.ToJson()}});
                            }));
    return WriteFileAtomically(CheckpointPath(options_.output), bytes);
  }

  absl::Status LoadTeacher(const tensorfile::SafetensorsFile* file) {
    teacher_ = std::make_unique<supernet::SharedWeights>(supernet_->weights().Clone());
    absl::Status status;
    if (file != nullptr) {
      teacher_->ForEach([&](const std::string& name, at::Tensor& tensor, supernet::TensorUse) {
        at::Tensor read = at::empty(tensor.sizes(), at::kFloat);
        if (status.ok())
          status = ReadTensor(file->tensors(), absl::StrCat(kTeacherPrefix, name), read);
        tensor.copy_(read);
      });
    }
    NIWAKI_RETURN_IF_ERROR(status);
    return exchange_.world_size() > 1 ? BroadcastWeights(exchange_, *teacher_) : absl::OkStatus();
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
    TrainSummary summary;
    summary.output = options_.output;
    summary.steps = state_.step;
    summary.epochs = static_cast<double>(state_.step) / batches_.steps_per_epoch();
    summary.elapsed_seconds = state_.elapsed_seconds;
    summary.images_per_second = meter_.images / std::max(meter_.seconds, 1e-9);
    if (!is_first()) return summary;
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
  SingleProcess single_;
  GradientExchange& exchange_;
  const std::unique_ptr<supernet::Supernet> supernet_;
  const Manifest manifest_;
  const Schedule schedule_;
  const ShardRange shards_;
  // On rank 0 only.
  std::unique_ptr<TrainLog> log_;

  TrainBatches batches_;
  Sgd sgd_;
  // The kept teacher; null where there is none.
  std::unique_ptr<supernet::SharedWeights> teacher_;
  TrainingState state_;
  LossScale loss_scale_;
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

// Every rank has work.
absl::Status CheckShards(const ShardRange& shards, int world_size) {
  if (shards.total >= world_size) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("shard_size")
      .Value(shards.shard_size)
      .Limit(world_size)
      .Message(absl::StrCat("a batch of ", shards.batch_size, " in shards of ", shards.shard_size,
                            " gives work to ", shards.total, " processes, WORLD_SIZE is ",
                            world_size));
}

absl::StatusOr<std::unique_ptr<Trainer>> Start(const arch::SearchSpace& space,
                                               const data::PreparedData* data,
                                               const TrainOptions& options) {
  SingleProcess single;
  GradientExchange& exchange = options.exchange != nullptr ? *options.exchange : single;
  NIWAKI_ASSIGN_OR_RETURN(TrainingStart start, BeginTraining(space, *data, options, exchange));
  const Recipe& recipe = start.manifest.recipe;
  TrainBatches batches(data, recipe.batch_size, recipe.augment, start.state.seed);
  NIWAKI_RETURN_IF_ERROR(
      CheckShards(ShardsOf(batches.batch_size(), recipe.shard_size, 0, 1), exchange.world_size()));
  const bool by_time = start.state.budget_seconds > 0;
  NIWAKI_ASSIGN_OR_RETURN(Schedule schedule,
                          Schedule::Create(space, recipe, by_time ? 0 : batches.steps_per_epoch()));
  if (!by_time) start.state.total_steps = static_cast<int64_t>(schedule.length());
  const auto file = std::move(start.file);
  const std::vector<std::string> momentum = start.momentum;
  auto trainer = std::make_unique<TorchTrainer>(data, options, std::move(start), std::move(batches),
                                                std::move(schedule));
  NIWAKI_RETURN_IF_ERROR(trainer->Begin(file.get(), momentum));
  return trainer;
}

}  // namespace

absl::Status TrainOptions::Validate() const {
  constexpr double kMaxMinutes = 60 * 24 * 365;
  NIWAKI_RETURN_IF_ERROR(recipe.Validate());
  NIWAKI_RETURN_IF_ERROR(CheckRange("minutes", minutes, 0, kMaxMinutes));
  if (output.empty()) return Invalid("output", output, "a file name");
  NIWAKI_RETURN_IF_ERROR(CheckAtLeast("threads", threads, 0));
  if (evaluations < 0) return Invalid("evaluations", evaluations, "0 or more");
  if (!(checkpoint_seconds > 0))
    return Invalid("checkpoint_seconds", checkpoint_seconds, "above 0");
  if (precision != "f32" && precision != "bf16" && precision != "f16")
    return Invalid("precision", precision, "one of f32, bf16, f16");
  if (precision != "f32" && device != "cuda")
    return Invalid("precision", precision, "for device cpu; it is f32 there");
  return supernet::CheckDevice(device);
}

absl::StatusOr<std::unique_ptr<Trainer>> Trainer::Create(const arch::SearchSpace& space,
                                                         const data::PreparedData* data,
                                                         const TrainOptions& options) {
  NIWAKI_CHECK(data != nullptr);
  NIWAKI_RETURN_IF_ERROR(options.Validate());
  NIWAKI_RETURN_IF_ERROR(CheckData(space, *data));
  return supernet::GuardTorch("start training", [&] { return Start(space, data, options); });
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
