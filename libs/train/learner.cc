#include "libs/train/learner.h"

#include <ATen/ATen.h>

#include <cmath>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/supernet/torch_guard.h"
#include "libs/train/ranks/rank_sync.h"
#include "libs/train/recipe/step_plan.h"
#include "libs/train/step/channel_sort.h"
#include "libs/train/training_checkpoint.h"

namespace niwaki::train {
namespace {

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

at::ScalarType ComputeType(const std::string& precision) {
  if (precision == "bf16") return at::kBFloat16;
  return precision == "f16" ? at::kHalf : at::kFloat;
}

LossScale LossScaleOf(const TrainingState& state) {
  return LossScale(state.loss_scale, state.good_steps, state.precision == "f16");
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

// The momentum of the tensors that take part becomes rank 0's; they are the same everywhere.
absl::Status BroadcastMomentum(GradientExchange& exchange, Sgd& sgd) {
  absl::Status status;
  sgd.ForEachVelocity([&](const std::string&, at::Tensor& velocity) {
    if (status.ok()) status = BroadcastTensor(exchange, velocity);
  });
  return status;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Learner>> Learner::Create(const data::PreparedData* data,
                                                         TrainingStart start,
                                                         const LearnerOptions& options) {
  const Recipe& recipe = start.manifest.recipe;
  TrainBatches batches(data, recipe.batch_size, recipe.augment, start.state.seed);
  NIWAKI_RETURN_IF_ERROR(CheckShards(ShardsOf(batches.batch_size(), recipe.shard_size, 0, 1),
                                     options.exchange->world_size()));
  const bool by_time = start.state.budget_seconds > 0;
  NIWAKI_ASSIGN_OR_RETURN(
      Schedule schedule,
      Schedule::Create(start.supernet->space(), recipe, by_time ? 0 : batches.steps_per_epoch()));
  if (!by_time) start.state.total_steps = static_cast<int64_t>(schedule.length());
  const auto file = std::move(start.file);
  const std::vector<std::string> momentum = start.momentum;
  auto learner = std::unique_ptr<Learner>(
      new Learner(std::move(start), std::move(batches), std::move(schedule), options));
  NIWAKI_RETURN_IF_ERROR(learner->Restore(file.get(), momentum));
  return learner;
}

Learner::Learner(TrainingStart start, TrainBatches batches, Schedule schedule,
                 const LearnerOptions& options)
    : device_(options.device),
      threads_(options.threads),
      exchange_(*options.exchange),
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
absl::Status Learner::Restore(const tensorfile::SafetensorsFile* file,
                              const std::vector<std::string>& momentum) {
  if (file != nullptr) NIWAKI_RETURN_IF_ERROR(sgd_.Load(file->tensors()));
  if (state_.has_teacher) NIWAKI_RETURN_IF_ERROR(RestoreTeacher(file));
  if (exchange_.world_size() > 1 && state_.step > 0) {
    if (file == nullptr) sgd_.TakePart(momentum);
    NIWAKI_RETURN_IF_ERROR(BroadcastWeights(exchange_, supernet_->weights()));
    NIWAKI_RETURN_IF_ERROR(BroadcastMomentum(exchange_, sgd_));
  }
  return absl::OkStatus();
}

absl::Status Learner::RestoreTeacher(const tensorfile::SafetensorsFile* file) {
  teacher_ = std::make_unique<supernet::SharedWeights>(supernet_->weights().Clone());
  if (file != nullptr) NIWAKI_RETURN_IF_ERROR(LoadTeacher(file->tensors(), *teacher_));
  return exchange_.world_size() > 1 ? BroadcastWeights(exchange_, *teacher_) : absl::OkStatus();
}

double Learner::position() const {
  return state_.total_steps > 0 ? static_cast<double>(state_.step) : state_.progress();
}

absl::Status Learner::EnterPhase(int index) {
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

absl::StatusOr<StepInput> Learner::NextInput() {
  StepInput input;
  input.plan =
      PlanStep(space(), schedule_.choices(state_.phase), phase(), state_.seed, state_.step);
  NIWAKI_ASSIGN_OR_RETURN(TrainBatch batch,
                          batches_.Load(state_.step, space().resolutions()[input.plan.resolution],
                                        shards_.first_image(), shards_.images()));
  const at::Device device(device_);
  input.images = batch.images.to(device);
  input.labels = batch.labels.to(device);
  input.shards = shards_;
  input.seed = state_.seed;
  input.step = state_.step;
  if (schedule_.UsesKeptTeacher(state_.phase)) input.teacher = teacher_.get();
  // One stream of work keeps a GPU busy.
  input.threads = device.is_cpu() ? threads_ : 1;
  input.compute_type = ComputeType(state_.precision);
  input.loss_scale = loss_scale_.scale();
  return input;
}

absl::StatusOr<StepResult> Learner::Step() {
  while (state_.phase < schedule_.PhaseAt(position())) {
    NIWAKI_RETURN_IF_ERROR(EnterPhase(state_.phase + 1));
  }
  const double rate = learning_rate();
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
  return result;
}

absl::Status Learner::Diverged(double loss, double norm) const {
  const double rate = learning_rate();
  return Error(absl::StatusCode::kFailedPrecondition, reason::kScoreNotFinite)
      .Field("learning_rate")
      .Value(rate)
      .Message(absl::StrCat("the training diverged at step ", state_.step, " in phase '",
                            phase().name, "' (loss ", loss, ", gradient norm ", norm,
                            "); train with a lower learning_rate than ", rate));
}

absl::Status Learner::Save(const std::string& path) const {
  const Manifest now = manifest();
  TrainingParts parts;
  parts.weights = &supernet_->weights();
  parts.sgd = &sgd_;
  parts.teacher = teacher_.get();
  parts.manifest = &now;
  parts.state = &state_;
  return SaveTraining(path, parts);
}

Manifest Learner::manifest() const {
  Manifest manifest = manifest_;
  manifest.step = state_.step;
  manifest.progress = state_.progress();
  return manifest;
}

}  // namespace niwaki::train
