#include "libs/train/training_start.h"

#include <ATen/ATen.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/prepared/data_fit.h"
#include "libs/supernet/weights.h"
#include "libs/train/checkpoint/checkpoint.h"
#include "libs/train/ranks/rank_sync.h"
#include "libs/train/step/loss_scale.h"

namespace niwaki::train {
namespace {

TrainingStart StartNew(const arch::SearchSpace& space, const data::PreparedData& data,
                       const TrainOptions& options) {
  TrainingStart start;
  Manifest& manifest = start.manifest;
  manifest.space_textproto = space.ToTextproto();
  manifest.space_structure = space.structure().ToHex();
  manifest.data_digest = data.digest();
  manifest.data = data.metadata();
  manifest.recipe = options.recipe;
  manifest.seed = options.seed;
  start.state.seed = options.seed;
  start.state.budget_seconds = options.minutes * 60;
  start.state.precision = options.precision;
  if (options.precision == "f16") start.state.loss_scale = LossScale::kFirst;
  return start;
}

absl::StatusOr<TrainingStart> Resume(const arch::SearchSpace& space, const TrainOptions& options) {
  const std::string path = CheckpointPath(options.output);
  NIWAKI_ASSIGN_OR_RETURN(LoadedSupernet loaded, LoadSupernetOf(space, path));
  TrainingStart start;
  NIWAKI_ASSIGN_OR_RETURN(start.file, tensorfile::SafetensorsFile::Open(path));
  const auto text = start.file->metadata().find(kTrainingKey);
  NIWAKI_ASSIGN_OR_RETURN(
      start.state,
      TrainingState::FromJson(text == start.file->metadata().end() ? "" : text->second));
  start.manifest = std::move(loaded.manifest);
  start.supernet = std::move(loaded.supernet);
  for (const auto& [name, view] : start.file->tensors()) {
    absl::string_view tensor = name;
    if (absl::StartsWith(tensor, kTeacherPrefix)) continue;
    if (absl::ConsumePrefix(&tensor, kOptimizerPrefix)) start.momentum.emplace_back(tensor);
  }
  return start;
}

// The start of rank 0 everywhere.
absl::Status ShareStart(GradientExchange& exchange, TrainingStart& start) {
  std::string manifest = start.manifest.ToJson();
  std::string state = start.state.ToJson();
  std::string momentum = absl::StrJoin(start.momentum, " ");
  NIWAKI_RETURN_IF_ERROR(BroadcastText(exchange, manifest));
  NIWAKI_RETURN_IF_ERROR(BroadcastText(exchange, state));
  NIWAKI_RETURN_IF_ERROR(BroadcastText(exchange, momentum));
  if (exchange.rank() == 0) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(start.manifest, Manifest::FromJson(manifest));
  NIWAKI_ASSIGN_OR_RETURN(start.state, TrainingState::FromJson(state));
  start.momentum = absl::StrSplit(momentum, ' ', absl::SkipEmpty());
  return absl::OkStatus();
}

absl::Status CheckSameData(const Manifest& manifest, const data::PreparedData& data,
                           const TrainOptions& options) {
  if (manifest.data_digest == data.digest()) return absl::OkStatus();
  const std::string owner = options.resume ? CheckpointPath(options.output) : "rank 0";
  // Names the classes or the preparation, where these differ.
  const auto fit = data::FitData(manifest.trained_on(), data.metadata(), data.metadata().name);
  if (!fit.ok()) return Annotate(fit.status(), owner);
  return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
      .Field("data")
      .Value(data.digest())
      .Limit(manifest.data_digest)
      .Message(absl::StrCat(owner, " was trained on other data: ", manifest.data_digest));
}

}  // namespace

absl::StatusOr<TrainingStart> BeginTraining(const arch::SearchSpace& space,
                                            const data::PreparedData& data,
                                            const TrainOptions& options,
                                            GradientExchange& exchange) {
  TrainingStart start = StartNew(space, data, options);
  if (options.resume && exchange.rank() == 0) {
    NIWAKI_ASSIGN_OR_RETURN(start, Resume(space, options));
  }
  NIWAKI_RETURN_IF_ERROR(ShareStart(exchange, start));
  NIWAKI_RETURN_IF_ERROR(CheckSameSpace(start.manifest, space));
  NIWAKI_RETURN_IF_ERROR(CheckSameData(start.manifest, data, options));
  if (start.supernet == nullptr) {
    start.supernet = supernet::Supernet::Random(space, start.state.seed);
  }
  start.supernet->weights().To(at::Device(options.device), at::kFloat);
  return start;
}

}  // namespace niwaki::train
